"""Settings of Hydra's that a call brings and that have no effect on it: a launcher without a sweep, the folder of a run in one."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

from serotiny.compiler.composition.compose import Composed
from serotiny.compiler.hydra.names import HYDRA
from serotiny.compiler.overrides.argument import Argument
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.tree import Node, every, split
from serotiny.diagnostics import Diagnostic, Place

_LAUNCHER: Final = "launcher"
_OF_SWEEPS: Final = (_LAUNCHER, "sweeper", "sweep")
_ALONE: Final = "start a sweep with `-m` and what is tried, as in `-m seed=1,2`, or take it out"
_BASIC: Final = "basic"


def idle_alone(
    job: Composed, trees: Collection[Node], own: Callable[[], Composed], sources: Sources
) -> Iterator[Diagnostic]:
    """SER317, a warning, for settings of sweeps in a call of one job; none for those of its primary config.

    A file that chooses a sweeper is meant for sweeps, and tried alone as well; of one that chooses a launcher the
    job would be expected to start elsewhere.

    Args:
        job: the job.
        trees: the resolved ones, which may refer to the settings.
        own: composes the same primary config without the call's overrides.
        sources: the configs of the project.
    """
    if job.hydra is None:
        return
    told: set[str] = set()
    # an option before the values that it has
    for argument in sorted(job.arguments, key=lambda item: "/" not in item.parsed.key_or_group):
        name = _section(argument)
        if (
            name in _OF_SWEEPS
            and name not in told
            and argument.parsed.value != _BASIC
            and not _is_asked_for(name, trees)
        ):
            told.add(name)
            message = f"`{argument.text}` has no effect on a job that runs alone"
            yield Diagnostic("SER317", message, argument.key_place, f"{HYDRA}.{name}", help=_ALONE)
    chosen = [
        (config_path, place)
        for config_path, _ in job.order
        for place in _launchers_in(config_path, sources)
        if job.arguments and _LAUNCHER not in told and not _is_asked_for(_LAUNCHER, trees)
    ]
    of_itself = {config_path for config_path, _ in own().order} if chosen else set()
    for config_path, place in chosen:
        if config_path not in of_itself:
            message = "the launcher that is chosen here has no effect on a job that runs alone"
            yield Diagnostic("SER317", message, place, f"{HYDRA}.{_LAUNCHER}", help=_ALONE)


def idle_in_sweep(arguments: Sequence[Argument], trees: Collection[Node]) -> Iterator[Diagnostic]:
    """SER317, a warning, for the folder of a run in a call that makes a sweep, which has others."""
    for argument in arguments:
        if argument.parsed.key_or_group == f"{HYDRA}.run.dir" and not _is_asked_for("run", trees):
            message = f"`{argument.text}` has no effect in a sweep"
            fix = "name its folder with `hydra.sweep.dir=…`, and that of each job in it with `hydra.sweep.subdir=…`"
            yield Diagnostic("SER317", message, argument.key_place, argument.parsed.key_or_group, help=fix)


def _section(argument: Argument) -> str | None:
    """The section of Hydra's settings that an override is about."""
    keys = split(argument.parsed.key_or_group.replace("/", "."))
    return keys[1] if argument.is_hydra and len(keys) > 1 else None


def _launchers_in(config_path: str, sources: Sources) -> Iterator[Place]:
    for entry in sources.defaults(config_path)[0]:
        is_chosen = entry.group is not None and entry.group_path(config_path) == f"{HYDRA}/{_LAUNCHER}"
        if is_chosen and entry.place is not None and entry.value not in (None, _BASIC):
            yield entry.place


def _is_asked_for(name: str, trees: Collection[Node]) -> bool:
    """Whether a value refers to a section of Hydra's settings, and so depends on it."""
    asked = re.compile(rf"\$\{{\s*hydra\s*[:.]\s*{name}\b")
    return any(
        node.reference is not None and asked.search(node.reference.text)
        for tree in trees
        for node in every(tree)
    )
