"""SER111, SER205: Hydra makes the folders of a job before the job has all of its values and resolvers."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Final

from serotiny.compiler.composition.sweep_settings import asks_for_sweep
from serotiny.compiler.hydra.names import HYDRA
from serotiny.compiler.resolution.hydras_node import ONLY_IN_JOB
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.syntax.references import absolute_keys, key_references
from serotiny.compiler.syntax.resolvers import RESOLVERS, is_registered, resolver_names
from serotiny.compiler.tree import Keys, Node, join, replace_at, select, split, walk
from serotiny.diagnostics import Diagnostic

ASKED: Final = re.compile(r"\$\{\s*hydra\s*:\s*([\w.]+)\s*\}")
_OUTPUT_FOLDER: Final = ("runtime", "output_dir")
_OF_ONE_JOB: Final = ((("run", "dir"), ONLY_IN_JOB),)
_OF_A_SWEEP: Final = ((("sweep", "dir"), ONLY_IN_JOB), (("sweep", "subdir"), (_OUTPUT_FOLDER,)))
"""The folders that Hydra makes, each with the keys of its node that have no value by then."""
_BEFORE_A_JOB: Final = (("run", "dir"),)
_BEFORE_A_SWEEP: Final = (("sweep", "dir"), ("sweep", "subdir"), ("launcher",), ("sweeper",))
"""The settings that Hydra reads before a job starts."""


def early_folders(resolved: Resolved) -> Iterator[Diagnostic]:
    """SER111 for each folder that is named by what Hydra knows only once the folder is there."""
    if resolved.hydra is None:
        return
    is_in_sweep = is_job_of_sweep(resolved.hydra)
    if not is_in_sweep and asks_for_sweep(resolved.hydra):
        return  # it is not run alone
    for keys, too_late in _OF_A_SWEEP if is_in_sweep else _OF_ONE_JOB:
        node = select(resolved.hydra, keys)
        asked = asked_for(resolved, keys, too_late)
        if node is None or asked is None:
            continue
        message = (
            f"`hydra.{join(keys)}` needs `hydra.{join(asked)}`, which has no value before that folder is made"
        )
        if is_in_sweep and keys == ("sweep", "dir"):
            fix = "name a job's own folder in `hydra.sweep.subdir`"
        elif asked == _OUTPUT_FOLDER:
            fix = "write the folder out: the output folder is this one"
        else:
            fix = "leave it out: only the jobs of a sweep have it"
        yield Diagnostic("SER111", message, node.written_at, join((HYDRA, *keys)), help=fix)


def early_resolvers(resolved: Resolved, registered: Callable[[], Collection[str]]) -> Iterator[Diagnostic]:
    """SER205 for each setting of a job that serotiny runs which needs a resolver of the project's own code.

    The code is imported in the job. A script of the project's has imported it before it starts Hydra.

    Args:
        resolved: the job.
        registered: the resolvers that the code registers.
    """
    if resolved.hydra is None or resolved.composed.operation is None:
        return
    is_sweep = is_job_of_sweep(resolved.hydra) or asks_for_sweep(resolved.hydra)
    for setting in _BEFORE_A_SWEEP if is_sweep else _BEFORE_A_JOB:
        part = select(resolved.hydra, setting)
        for below, node in walk(part) if part is not None else ():
            keys = (*setting, *below)
            name = _late_resolver(resolved, (HYDRA, *keys)) if node.reference is not None else None
            if name is not None and is_registered(name, registered()):
                message = f"`hydra.{join(keys)}` needs the resolver `{name}`, which the project's code registers only in the job"
                fix = "write the value out, or use the resolvers of OmegaConf and Hydra"
                yield Diagnostic("SER205", message, node.written_at, join((HYDRA, *keys)), help=fix)


def _late_resolver(resolved: Resolved, keys: Keys) -> str | None:
    """The first resolver of the project's that the value at `keys` comes from."""
    for _, node in origins_of(resolved, keys):
        text = "" if node is None or node.reference is None else node.reference.text
        own = (name for name in resolver_names(text) if name not in RESOLVERS)
        if (name := next(own, None)) is not None:
            return name
    return None


def is_job_of_sweep(hydra: Node) -> bool:
    """Whether the job with this node of Hydra's is one of a sweep, rather than the only one of its call."""
    number = select(hydra, ("job", "num"))
    return number is not None and isinstance(number.value, int)


def asked_for(resolved: Resolved, keys: Keys, too_late: tuple[Keys, ...]) -> Keys | None:
    """The first of the keys `too_late` that the value at `keys` of Hydra's node comes from."""
    origins = origins_of(resolved, (HYDRA, *keys))
    return next((at[1:] for at, _ in origins if at[:1] == (HYDRA,) and at[1:] in too_late), None)


def origins_of(resolved: Resolved, keys: Keys) -> Iterator[tuple[Keys, Node | None]]:
    """The key `keys` of a job, and each key by way of whose value its own comes from, with what stands there."""
    root = replace_at(resolved.root, (HYDRA,), resolved.hydra)
    front: list[Keys] = [keys]
    seen: set[Keys] = set()
    while front:
        at = front.pop()
        node = select(root, at)
        yield at, node
        if node is not None and node.reference is not None and at not in seen:
            seen.add(at)
            front += _named(node.reference.text, at)


def _named(text: str, keys: Keys) -> Iterator[Keys]:
    """The keys whose values the text at `keys` needs; what `oc.select` looks for may well be missing."""
    for reference in key_references(text):
        target = absolute_keys(reference.key, keys)
        if target is not None and text[: reference.start].rstrip().endswith("${"):
            yield target
    for key in ASKED.findall(text):
        yield (HYDRA, *split(key))
