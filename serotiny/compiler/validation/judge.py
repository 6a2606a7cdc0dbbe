"""Decide which targets may be called: in a check, before a job starts, and for a config from a server."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from serotiny.compiler.project import Project
from serotiny.compiler.project.source_roots import source_roots
from serotiny.compiler.syntax.other_forms import called_path
from serotiny.compiler.target_nodes import naming_key, target_places
from serotiny.compiler.tree import Keys, Node, Unknown, join, walk
from serotiny.compiler.validation.causes.mistaken_targets import full_path, path_slip
from serotiny.compiler.validation.secret_values import as_written
from serotiny.compiler.validation.values import value_faults
from serotiny.diagnostics import Diagnostic, Origin, Place, Severity, closest, closest_object
from serotiny.filesystem import is_folder
from serotiny.targets import SignatureCache, SignatureReader, TargetKind, TargetNotFound, TargetSignature
from serotiny.targets.policy.objects import judge_object
from serotiny.targets.policy.reviewed import is_plain_value
from serotiny.targets.policy.trust import Trust, Verdict
from serotiny.targets.signature import BrokenModule, Refusal
from serotiny.targets.value_types.conditions import Missing, not_installed
from serotiny.targets.value_types.types import STR
from serotiny.targets.value_types.words import kind_in_words

if TYPE_CHECKING:
    from serotiny.compiler.plan.plan import Plan

_RESOLVER_IN_A_JOB = re.compile(r"\$\{\s*(?!oc\.)[A-Za-z_][\w.]*\s*:")
"""A resolver of Hydra's or of the project's own, whose value is known only inside a job."""

_CALLED_BY_OTHERS: Final = "serotiny would not call it; what runs the jobs of this project may"


@dataclass(frozen=True)
class TargetJudge:
    """Decides whether a target may be called, for all callers in the same way, without importing it.

    Attributes:
        root: the project's folder, to which the files in messages are relative.
        python: the oldest Python that the project says to be for.
        only_checks: serotiny runs none of the project's jobs, so that it need not know what each of its targets does.
    """

    reader: SignatureReader
    trust: Trust
    root: Path | None = None
    python: tuple[int, int] | None = None
    only_checks: bool = False

    @classmethod
    def of_project(cls, project: Project, reader: SignatureReader) -> TargetJudge:
        """The judge of a project's configs, which trusts the project's own package."""
        own = () if project.package is None else (project.package,)
        trust = Trust(own, project.trusted, project.allowed)
        return cls(reader, trust, project.root, project.asked_python, only_checks=not project.operations)

    @classmethod
    def of_plan(cls, plan: Plan) -> TargetJudge:
        """The judge of a job that was compiled for a project."""
        root = Path(plan.project_root)
        project = Project(
            root=root, package=plan.package, config_folders=(), trusted=plan.trusted, allowed=plan.allowed
        )
        return cls.of_project(project, SignatureReader(project.import_paths, SignatureCache()))

    def judge(self, keys: Keys, target: Node, name: str = "_target_") -> TargetSignature | list[Diagnostic]:
        """The signature of what a target names, or the reasons why it may not be called.

        Args:
            keys: the place of its node.
            target: the value that names it.
            name: the key of that value.

        Returns:
            SER303 and SER305 for a path that is malformed or does not exist, SER312 for a package that is not
            installed, SER314 for a module of the project that is not valid Python, SER315 for a call that always
            fails, SER501 and SER502 for a target that is not trusted, SER504 for one known only in a running job.
        """
        found = self._judge(keys, target, name)
        return as_written(found, target) if isinstance(found, list) else found

    def _judge(self, keys: Keys, target: Node, name: str) -> TargetSignature | list[Diagnostic]:
        key = join((*keys, name))
        if isinstance(target.value, Unknown):
            return self._unknown(target, key)
        if target.is_mapping or target.is_list:
            message = f"`{key}` must be str, not {kind_in_words(target.value)}"
            return [Diagnostic("SER303", message, target.place, key)]
        wrong = value_faults(STR, target, (*keys, name))
        if wrong:
            return wrong
        if not target.value:
            fix = "name a class or function by its whole path, as in `torch.optim.Adam`"
            return [Diagnostic("SER305", f"`{name}` is empty", target.place, key, help=fix)]
        reader = self.reader.without_cache() if target.is_secret else self.reader
        meant = path_slip(target.value)
        is_slip = meant is not None and self.trust.judge_name(meant) != "forbidden"
        if is_slip and not _is_in_odd_module(target.value, reader):
            message = f"`{target.value}` is not the path of a class or function"
            return [Diagnostic("SER305", message, target.place, key, help=f"write `{meant}`")]
        verdict = self.trust.judge_name(target.value)
        if verdict == "forbidden":
            return [self._refused(key, target, verdict)]
        signature = reader.read(target.value)
        if isinstance(signature, TargetNotFound) and not signature.installed:
            return [
                self._unfound(key, target, signature, reader)
            ]  # nothing of it can run, so trust need not be checked
        if verdict is not None:
            found = signature if isinstance(signature, TargetSignature) else None
            return [self._refused(key, target, verdict, found)]
        if isinstance(signature, TargetNotFound):
            return [self._unfound(key, target, signature, reader)]
        if target.value.partition(".")[0] in self.trust.own:
            broken = reader.broken_module(target.value)
            if broken is not None and not broken.absent:
                return [self._broken(broken)]
            if broken is not None:
                absence = ast.unparse(not_installed(Missing(broken.absent, is_requirement=False)))
                lacks = Refusal(f"not {absence}", "")
                signature = replace(signature, refusals=(lacks, *signature.refusals))
        if signature.failure is not None and name == "_target_":
            return [_failing(key, target, signature.failure)]
        if name == "_target_" and is_plain_value(signature.path):
            message = f"`{target.value}` is a value, and nothing that can be called"
            fix = f"write `_target_: {_GET_OBJECT}` and `path: {target.value}`"
            return [Diagnostic("SER305", message, target.place, key, help=fix)]
        verdict = self.trust.judge(target.value, signature)
        is_untold = verdict in ("unlisted", "unclear") and _is_made_when_asked(signature)
        if is_untold and self.only_checks and self._is_of_repository(target.value):
            return signature
        if verdict == "unlisted" and (absent := _absent_base(signature, reader)) is not None:
            return [unfound(key, target, absent)]
        return signature if verdict is None else [self._refused(key, target, verdict, signature)]

    def _is_of_repository(self, path: str) -> bool:
        """Whether the project's own code defines the package of a target."""
        bases = () if self.root is None else source_roots(self.root)
        return any(is_folder(base / path.partition(".")[0]) for base in bases)

    def judge_node(self, keys: Keys, node: Node) -> TargetSignature | list[Diagnostic]:
        """As `judge`, of a whole node: a mapping that its call makes may not be a node with a target itself.

        Returns:
            What `judge` does; SER502, too, for a text `_target_` in a list of which the call makes keys.
        """
        if naming_key(node) == "path":
            return self._judge_path(keys, node)
        found = self.judge(keys, node.value["_target_"])
        if isinstance(found, list) or _MAKE_MAPPINGS.isdisjoint({found.path, *found.bases}):
            return found
        made = next(((at, part) for at, part in walk(node) if part.value == "_target_"), None)
        if made is None:
            return found
        message = (
            f"`_target_` may not be a key of what `{found.path}` makes: nobody would judge what it names"
        )
        fix = "write the mapping out, with its keys in the config"
        return [Diagnostic("SER502", message, made[1].place, join((*keys, *made[0])), help=fix)]

    def _judge_path(self, keys: Keys, node: Node) -> TargetSignature | list[Diagnostic]:
        """The signature of a function of Hydra's whose `path` names what it gives; that is judged as a target is."""
        target, path, partial = node.value["_target_"], node.get("path"), node.get("_partial_")
        name, key = str(target.value), join((*keys, "_target_"))
        if path is None or (partial is not None and partial.value is not False):
            message = f"`{name}` gives what a `path` names, which is judged before a job starts"
            fix = "write `path: …` below it, and neither `_args_` nor `_partial_`"
            return [Diagnostic("SER502", message, target.place, key, help=fix)]
        found = self.judge(keys, path, "path")
        if isinstance(found, list):
            return found
        if (fault := _not_of_the_kind(name, found)) is not None:
            message, fix = f"`{path.value}` is a {fault[0]}", f"write `_target_: {fault[1]}`"
            told = Diagnostic("SER305", message, path.place, join((*keys, "path")), help=fix)
            return as_written([told], path)
        given = self.reader.read(name)
        return [unfound(key, target, given)] if isinstance(given, TargetNotFound) else given

    def _broken(self, broken: BrokenModule) -> Diagnostic:
        """SER314 for a module, the same value for all of its targets, so that it is reported once."""
        file = Path(broken.file)
        if self.root is not None and file.is_relative_to(self.root):
            file = file.relative_to(self.root)
        place = Place(
            Origin.FILE,
            file.as_posix(),
            line=broken.line,
            column=broken.column,
            end_line=broken.line,
            end_column=broken.column + 1,
        )
        message = f"`{broken.name}` cannot be imported: {broken.reason}"
        suggestion = closest_object(broken.missing, broken.candidates) if broken.missing else None
        fix = (
            None
            if suggestion
            else "correct it: until then nothing that a config names of it is checked or run"
        )
        if broken.since is None:
            return Diagnostic("SER314", message, place, suggestion=suggestion, help=fix)
        needed, here = (".".join(map(str, pair)) for pair in (broken.since, sys.version_info[:2]))
        note = f"such a line is Python from {needed} on, and this is {here}"
        is_asked = self.python is not None and self.python >= broken.since
        severity = Severity.WARNING if is_asked else None
        fix = f"install serotiny for Python {needed}, or write what {here} reads, too: until then nothing of it is checked or run"
        return Diagnostic("SER314", message, place, help=fix, notes=(note,), severity=severity)

    def _unfound(
        self, key: str, target: Node, missing: TargetNotFound, reader: SignatureReader
    ) -> Diagnostic:
        """As `unfound`, with a suggestion where the class of an incomplete path is found."""
        fault = unfound(key, target, missing)
        if fault.suggestion is not None:
            return fault
        if "." not in str(target.value):
            fault = replace(fault, message=f"`{target.value}` is a name without its module")
        meant = full_path(str(target.value), self.trust.own, reader)
        if meant is not None:
            fix = f"write `{meant}`"
            return replace(fault, code="SER305", key=key, help=fix, severity=Severity.ERROR)
        if "." not in str(target.value):
            of_python = f"builtins.{target.value}"
            is_builtin = hasattr(builtins, str(target.value)) and self.trust.judge_name(of_python) is None
            fix = f"write `{of_python}`" if is_builtin else "write the whole path, as in `torch.optim.Adam`"
            return Diagnostic("SER305", fault.message, target.place, key, help=fix)
        return fault

    def config_faults(self, config: Mapping[str, Any]) -> Iterator[Diagnostic]:
        """The reasons why targets of a whole, resolved config may not be called; empty when all may."""
        for key, value in config.items():
            for _, _, found in self.judged(value, key):
                if isinstance(found, list):
                    yield from found

    def judged(self, value: Any, key: str) -> Iterator[tuple[Keys, Node, TargetSignature | list[Diagnostic]]]:
        """Every node with a `_target_` in plain data, outer nodes first, with its signature or its faults."""
        for place in target_places(as_node(value)):
            keys = (key, *place.keys)
            yield keys, place.node, self.judge_node(keys, place.node)

    def judge_object(self, path: str, found: Any) -> str | None:
        """Why the object that a path led to when imported may not be called, judged by where it is defined; or None."""
        return judge_object(self.trust, path, found)

    def _unknown(self, target: Node, key: str) -> list[Diagnostic]:
        text = target.reference.text if target.reference is not None else ""
        if not _RESOLVER_IN_A_JOB.search(text):
            return []  # at fault already
        message = f"`{key}` is known only inside a job, as `{text}`"
        fix = "write the target out, or let an option or an override choose it: what is called is judged before a job starts"
        return [Diagnostic("SER504", message, target.place, key, help=fix)]

    def _refused(
        self, key: str, target: Node, verdict: Verdict, signature: TargetSignature | None = None
    ) -> Diagnostic:
        name = str(target.value)
        canonical = signature.path if signature is not None else name
        notes = (f"it is defined as `{canonical}`",) if canonical != name else ()
        if verdict == "forbidden":
            message, fix = _why_forbidden(name, is_secret=target.is_secret)
            return Diagnostic("SER502", message, target.place, key, help=fix, notes=notes)
        if verdict == "unclear":
            message = f"`{name}` may not be named by a config: where it leads cannot be told before it runs"
            fix = "name a function or class that a module of yours defines"
            return Diagnostic("SER502", message, target.place, key, help=fix, notes=notes)
        if verdict == "unlisted":
            itself, severity = _advice(f'"{name}"'), None
            if signature is not None and _is_made_when_asked(signature):
                message = f"`{name}` may not be named by a config: no source of `{name.partition('.')[0]}` defines it"
                fix = f"correct it, if this version does not have it any more; otherwise {itself}"
                if (whole := full_path(name, self.trust.own, self.reader)) is not None:
                    fix = f"write `{whole}`"
            else:
                message = f"`{name}` may not be named by a config: it is neither of a kind that configs name nor listed"
                fix = itself
                severity = Severity.WARNING if self.only_checks else None
                notes = (*notes, _CALLED_BY_OTHERS) if self.only_checks else notes
            return Diagnostic("SER502", message, target.place, key, help=fix, notes=notes, severity=severity)
        package = canonical.partition(".")[0]
        notes = () if package == name.partition(".")[0] else notes
        message = f"`{name}` comes from `{package}`, which this project does not trust"
        fix = f'add "{package}" to `trusted` in [tool.serotiny], or pass `--trust {package}`'
        if signature is not None and not self._would_do(name, package, signature):
            # the same for all of a package, so that it is reported once
            fix = f'{_advice("its path")}: "{package}" in `trusted` would not do'
        elif len(self.trust.own) == 1 and closest(package, self.trust.own) and self._is_misspelt_own():
            fix = f'set `package = "{package}"` in [tool.serotiny], where `{self.trust.own[0]}` is nowhere to be found'
        return Diagnostic("SER501", message, target.place, key, help=fix, notes=notes)

    def _is_misspelt_own(self) -> bool:
        """Whether there is no module of the name that the project's own package is said to have."""
        own = self.reader.read(self.trust.own[0])
        return isinstance(own, TargetNotFound) and not own.installed

    def _would_do(self, name: str, package: str, signature: TargetSignature) -> bool:
        """Whether the target would be allowed if its package were trusted."""
        trust = Trust(self.trust.own, (*self.trust.trusted, package), self.trust.allowed)
        return trust.judge(name, signature) is None


def _why_forbidden(name: str, *, is_secret: bool) -> tuple[str, str]:
    """What is said of a target that no config may name, and what to do."""
    no_path = f"`{name}` is no path of a class or function"
    refused = f"`{name}` may not be named by a config"
    if (called := called_path(name)) is not None:
        path = "the path alone" if is_secret else f"`{called}`"
        return no_path, f"write {path}; arguments stand below it, each under its own key"
    if name.partition(".")[0] == "__main__":
        fix = "name the module by its file, as in `train.Net` for a class of `train.py`"
        return f"{refused}: `__main__` is another module in each process", fix
    if name.isascii() and not all(map(str.isidentifier, name.split("."))):
        sign = "dots where it has `/`" if "/" in name else "nothing but letters, digits, `_` and dots"
        return no_path, f"write {sign}, as in `torch.optim.Adam`"
    does = "it runs code, reads pickles, or touches files or the process"
    return refused, f"{does}: call it in a class of your own"


def _is_in_odd_module(path: str, reader: SignatureReader) -> bool:
    """Whether a path leads into a file with a name that no `import` could have, such as `my-net.py`."""
    found = reader.read(path)
    return not isinstance(found, TargetNotFound) or "-" in found.found


def _advice(path: str) -> str:
    return (
        "call it in a function of your own package and name that, "
        f"or add {path} to `allow` in [tool.serotiny] when you know that it does no harm"
    )


def _absent_base(signature: TargetSignature, reader: SignatureReader) -> TargetNotFound | None:
    """The base that is not installed, of the class of a method that is not found in the class itself."""
    if signature.kind is not TargetKind.UNKNOWN or signature.file is not None:
        return None
    owner = reader.read(signature.path.rpartition(".")[0])
    bases = owner.bases if isinstance(owner, TargetSignature) else ()
    found = (reader.read(base) for base in bases)
    return next((base for base in found if isinstance(base, TargetNotFound) and not base.installed), None)


def as_node(value: Any) -> Node:
    """Plain data as nodes without places."""
    if isinstance(value, dict):
        return Node({key: as_node(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return Node([as_node(item) for item in value])
    return Node(value)


_MAKE_MAPPINGS: Final = frozenset({"builtins.dict", "collections.OrderedDict", "functools.partial"})
"""What makes a mapping of pairs, or calls what does; classes that derive from them, too."""


def _not_of_the_kind(name: str, found: TargetSignature) -> tuple[str, str] | None:
    """Why one of Hydra's functions does not give what its path names, and the one that does."""
    if name != _GET_OBJECT and is_plain_value(found.path):
        given = "classes" if name == _GET_CLASS else "what can be called"
        return f"value, and `{name}` gives {given}", _GET_OBJECT
    if name == _GET_CLASS and found.kind is TargetKind.FUNCTION:
        return f"function, and `{name}` gives classes", "hydra.utils.get_method"
    return None


_GET_CLASS: Final = "hydra.utils.get_class"
_GET_OBJECT: Final = "hydra.utils.get_object"


def _failing(key: str, target: Node, failure: str) -> Diagnostic:
    message = f"calling `{target.value}` always fails: {failure}"
    fix = "name something else in its place"
    return Diagnostic("SER315", message, target.place, key, help=fix)


def unfound(key: str, target: Node, missing: TargetNotFound) -> Diagnostic:
    """SER305 for a target that does not exist, or SER312 for a package that is not installed."""
    place = target.place
    if not missing.installed:
        fix = f"install what brings the module `{missing.missing}`, or name something else"
        return Diagnostic("SER312", missing.headline(), place, None, help=fix)
    if not missing.missing:
        return Diagnostic("SER305", missing.headline(), place, key, help=missing.held())
    suggestion = closest_object(missing.missing, missing.candidates)
    held = None if suggestion else missing.held()
    return Diagnostic("SER305", missing.headline(), place, key, suggestion=suggestion, help=held)


def _is_made_when_asked(signature: TargetSignature) -> bool:
    """Whether no source defines a target, as where a module makes what it is asked for."""
    return signature.kind is TargetKind.UNKNOWN and signature.file is None
