"""SER111: Hydra makes the folders of a job before the job has all of its values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from serotiny.compiler.composition.sweep_settings import asks_for_sweep
from serotiny.compiler.hydra.names import HYDRA
from serotiny.compiler.resolution.hydras_node import ONLY_IN_JOB
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.syntax.references import absolute_keys, key_references
from serotiny.compiler.tree import Keys, Node, join, replace_at, select, split
from serotiny.diagnostics import Diagnostic

ASKED: Final = re.compile(r"\$\{\s*hydra\s*:\s*([\w.]+)\s*\}")
_OUTPUT_FOLDER: Final = ("runtime", "output_dir")
_OF_ONE_JOB: Final = ((("run", "dir"), ONLY_IN_JOB),)
_OF_A_SWEEP: Final = ((("sweep", "dir"), ONLY_IN_JOB), (("sweep", "subdir"), (_OUTPUT_FOLDER,)))
"""The folders that Hydra makes, each with the keys of its node that have no value by then."""


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


def is_job_of_sweep(hydra: Node) -> bool:
    """Whether the job with this node of Hydra's is one of a sweep, rather than the only one of its call."""
    number = select(hydra, ("job", "num"))
    return number is not None and isinstance(number.value, int)


def asked_for(resolved: Resolved, keys: Keys, too_late: tuple[Keys, ...]) -> Keys | None:
    """The first of the keys `too_late` that the value at `keys` of Hydra's node comes from."""
    origins = origins_of(resolved, (HYDRA, *keys))
    return next((at[1:] for at in origins if at[:1] == (HYDRA,) and at[1:] in too_late), None)


def origins_of(resolved: Resolved, keys: Keys) -> Iterator[Keys]:
    """The key `keys` of a job, and each key by way of whose value its own comes from."""
    root = replace_at(resolved.root, (HYDRA,), resolved.hydra)
    front: list[Keys] = [keys]
    seen: set[Keys] = set()
    while front:
        at = front.pop()
        yield at
        node = select(root, at)
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
