"""Check Hydra's own node: launchers, sweepers, callbacks, logging, environment, folders.

Hydra instantiates these before our job starts, when it is too late for a check, so only known ones are allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from serotiny.compiler.checks.secret import secret_in_name, written_secrets
from serotiny.compiler.limits import MAX_SOURCE_BYTES
from serotiny.compiler.target_nodes import HYDRA_KEYS
from serotiny.compiler.tree import Keys, Node, Unknown, join, select, walk
from serotiny.compiler.validation.hydra_node.environment import environment_faults
from serotiny.compiler.validation.hydra_node.folders import folder_faults
from serotiny.compiler.validation.hydra_node.log_settings import LogJudge
from serotiny.compiler.validation.hydra_node.plugins import refused_values
from serotiny.compiler.validation.hydra_node.ray_arguments import refused_by_ray
from serotiny.compiler.validation.hydra_node.study import unusable_storage
from serotiny.compiler.validation.hydra_node.telling import refused, shown
from serotiny.compiler.validation.hydra_node.unused_backend import unused_backend
from serotiny.compiler.validation.judge import TargetJudge
from serotiny.diagnostics import Diagnostic, closest
from serotiny.filesystem import read_plain_file, real_path
from serotiny.targets import TargetSignature
from serotiny.targets.value_types.words import kind_in_words, value_in_words

_PLUGINS: Final = ("hydra._internal.core_plugins.", "hydra_plugins.", "optuna.samplers.", "optuna.pruners.")
_CALLBACKS: Final = frozenset(
    f"hydra.experimental.{module}.{name}"
    for module in ("callbacks", "pickle_job_info_callback")
    for name in ("LogJobReturnCallback", "PickleJobInfoCallback")
) | {"hydra.experimental.callback.Callback"}
_FUNCTION: Final = ("sweeper", "custom_search_space")
"""The key of the function that Optuna's sweeper imports by its path, and calls for each trial."""


def judge_hydra_settings(
    settings: Node, project_root: PurePosixPath, judge: TargetJudge, *, is_whole: bool = True
) -> list[Diagnostic]:
    """Check Hydra's own node, resolved as far as is possible before a job.

    Args:
        settings: the node.
        project_root: where files may be written.
        judge: judges targets.
        is_whole: whether the options that it is made of are all there; a plug-in that is not installed has more of it.

    Returns:
        SER111 for unknown parameters and impossible values of a launcher or sweeper, and for what Hydra, Python or the
        system would refuse; SER505 for targets, modules and variables that are not allowed there; SER503 for
        credentials, also in the names of folders; SER506 for files that would be written outside of the allowed folders.
    """
    found = _Judgement(judge)
    return [
        *found.targets(settings),
        *found.parameters(settings),
        *_verbosity(settings),
        *_callbacks(settings),
        *LogJudge(project_root, found.is_own, is_whole).faults(settings),
        *environment_faults(settings),
        *folder_faults(settings, project_root),
        *unused_backend(settings, judge.reader),
        *unusable_storage(settings, judge.root, judge.reader),
        *_secrets(settings),
    ]


@dataclass(frozen=True)
class _Judgement:
    judge: TargetJudge

    def targets(self, settings: Node) -> Iterator[Diagnostic]:
        for keys, node in walk(settings):
            is_own = keys == _FUNCTION and (self.is_own(node.value) or self._is_in_a_file(node.value))
            if keys == _FUNCTION and node.value is not None and not is_own:
                what = "a study is changed by functions of the project alone"
                yield refused(keys, node, f"`{shown(node)}` may not be named by a config", what)
            if not keys or keys[-1] != "_target_":
                continue
            target = node.value
            if keys[0] in ("launcher", "sweeper"):
                allowed = isinstance(target, str) and target.startswith(_PLUGINS) and "__" not in target
                if not allowed:
                    yield from self._of_a_plugin(keys, node)
                    continue
            else:
                allowed = target in _CALLBACKS if isinstance(target, str) else False
                what = "callbacks are Hydra's own, or the project's"
            if not allowed and not self.is_own(target):
                yield refused(keys, node, f"`{shown(node)}` may not be named by a config", what)

    def _of_a_plugin(self, keys: Keys, node: Node) -> Iterator[Diagnostic]:
        """What is said of a target of a launcher or sweeper, or of what a plug-in makes for itself of a node in it."""
        if self.is_own(node.value):
            return
        found = self.judge.judge(("hydra", *keys[:-1]), node)
        trust = self.judge.trust
        if isinstance(found, list) and trust.judge_name(str(node.value)) != "forbidden":
            yield from found
        elif isinstance(found, list) or not trust.is_named_by_project(found.path):
            what = "launchers and sweepers are plugins that are installed, or of packages in `trusted`"
            yield refused(keys, node, f"`{shown(node)}` may not be named by a config", what)

    def _is_in_a_file(self, target: Any) -> bool:
        """Whether a file of the project defines a function, by a path that is imported from the project's folder."""
        module, _, name = str(target).rpartition(".")
        root = self.judge.root
        if root is None or not module or not name.isidentifier():
            return False
        file = root / f"{module.replace('.', '/')}.py"
        try:
            inside = real_path(file).is_relative_to(real_path(root))
            text = read_plain_file(file, MAX_SOURCE_BYTES) if inside else b""
        except OSError:
            return False
        return re.search(rf"^(?:async )?def {name}\b".encode(), text, re.MULTILINE) is not None

    def parameters(self, settings: Node) -> Iterator[Diagnostic]:
        """Unknown parameters of a launcher or sweeper, and impossible values; Hydra's own schemas check the types."""
        for name in ("launcher", "sweeper"):
            part = settings.get(name)
            target = part.get("_target_") if part is not None else None
            if part is None or target is None or not isinstance(target.value, str):
                continue
            yield from refused_values(("hydra", name), part)
            yield from refused_by_ray(("hydra", name), part, self.judge.reader)
            if (sampler := part.get("sampler")) is not None:
                yield from refused_values(("hydra", name, "sampler"), sampler)
            signature = self.judge.reader.read(target.value)
            if not isinstance(signature, TargetSignature) or signature.open:
                continue
            for key, node in part.children():
                if key not in HYDRA_KEYS and signature.parameter(str(key)) is None:
                    message = f"`{key}` is not a parameter of {target.value}"
                    names = [item.name for item in signature.parameters]
                    key_path = f"hydra.{name}.{key}"
                    suggestion = closest(str(key), names)
                    it_takes = (
                        f"it takes {', '.join(f'`{item}`' for item in names)}" if names else "leave it out"
                    )
                    fix = None if suggestion else it_takes
                    yield Diagnostic(
                        "SER111", message, node.blame_key(), key_path, suggestion=suggestion, help=fix
                    )

    def is_own(self, target: Any) -> bool:
        """Whether a target is code of the project itself."""
        if not isinstance(target, str):
            return False
        found = self.judge.judge(("hydra",), Node(target))
        if isinstance(found, list):  # it fails to be imported before it does anything
            is_lacking = all(fault.code == "SER312" for fault in found)
            return is_lacking and self.judge.trust.is_named_by_project(target)
        return self.judge.trust.is_own(found.path, found)


def _verbosity(settings: Node) -> Iterator[Diagnostic]:
    """What `verbose` may be, which Hydra's schema leaves open and its code asserts."""
    node = settings.get("verbose")
    if node is None or isinstance(node.value, bool | str | Unknown):
        return
    names = [child.value for _, child in node.children()] if node.is_list else [node.value]
    if not node.is_list or not all(isinstance(name, str | Unknown) for name in names):
        message = "`hydra.verbose` must be true, false, or names of logs"
        fix = "write `true` for all of them, or `[serotiny]` for some"
        yield Diagnostic("SER111", message, node.place, "hydra.verbose", help=fix)


def _callbacks(settings: Node) -> Iterator[Diagnostic]:
    """What a callback may be, which Hydra's schema leaves open; null and lists are called as nothing."""
    callbacks = settings.get("callbacks")
    for name, node in callbacks.children() if callbacks is not None else ():
        if not isinstance(node.value, dict | list | Unknown | None):
            key = f"hydra.callbacks.{name}"
            got = kind_in_words(node.value) if node.is_secret else value_in_words(node.value)
            message, fix = (
                f"`{key}` must be a mapping with `_target_`, not {got}",
                "write one, or leave it out",
            )
            yield Diagnostic("SER111", message, node.place, key, help=fix)


def _secrets(settings: Node) -> Iterator[Diagnostic]:
    """SER503 for what is written out here, or swept over; overrides of the call are told where they set something."""
    for name, part in settings.children():
        if name != "overrides":
            found = written_secrets(part, ("hydra", name))
            # Hydra writes the overrides of the call there
            yield from (item for item in found if item.key != "hydra.job.override_dirname")
    params = select(settings, ("sweeper", "params"))
    for key, node in params.children() if params is not None else ():
        name = join(("hydra", "sweeper", "params", key))
        yield from secret_in_name(name, node, "the overrides of a sweep are stored and shown as they are")
