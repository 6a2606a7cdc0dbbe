"""SER203: what Hydra knows only in the jobs of a sweep, in a value of a run that is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from serotiny.compiler.composition.sweep_settings import asks_for_sweep
from serotiny.compiler.hydra.names import HYDRA
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.target_nodes import TargetNode
from serotiny.compiler.tree import Keys, Node, Reference, join, select, split, walk
from serotiny.compiler.validation.hydra_node.early_folders import ASKED, asked_for
from serotiny.compiler.validation.memo import NodeMemo
from serotiny.diagnostics import Diagnostic, Severity
from serotiny.targets import check

_ONLY_IN_SWEEPS: Final = (("job", "id"), ("job", "num"))


def only_in_sweeps(
    resolved: Resolved, targets: Mapping[Keys, TargetNode], memo: NodeMemo
) -> Iterator[Diagnostic]:
    """SER203 for each value that comes from what Hydra knows of the jobs of a sweep alone.

    For the number of a job itself Hydra gives null to one that runs alone: a warning, where what takes it takes no null.
    """
    if resolved.hydra is None or asks_for_sweep(resolved.hydra):
        return
    number = select(resolved.hydra, ("job", "num"))
    if number is not None and isinstance(number.value, int):
        return
    for name, part in resolved.root.children():
        for keys, reference in memo.of((HYDRA, "asked", name), [part], partial(_asking, part, (name,))):
            for asked in ASKED.findall(reference.text):
                named = split(asked)
                needed = asked_for(resolved, named, _ONLY_IN_SWEEPS)
                place, key = reference.place, join(keys)
                if needed is None:
                    continue
                if needed != named:
                    message = (
                        f"`hydra.{join(named)}` has a value only in a sweep: it needs `hydra.{join(needed)}`"
                    )
                    yield Diagnostic("SER203", message, place, key, help=_FIX)
                elif ASKED.fullmatch(reference.text.strip()) and _refuses_null(keys, targets):
                    message = (
                        f"`hydra.{join(named)}` is null in a job that runs alone, and `{key}` takes no null"
                    )
                    yield Diagnostic("SER203", message, place, key, help=_FIX, severity=Severity.WARNING)


def _asking(part: Node, keys: Keys) -> list[tuple[Keys, Reference]]:
    """The values of a part that come from Hydra's node, each with its text."""
    return [
        (at, node.reference)
        for at, node in walk(part, keys)
        if node.reference is not None and ASKED.search(node.reference.text)
    ]


def _refuses_null(keys: Keys, targets: Mapping[Keys, TargetNode]) -> bool:
    """Whether a key is an argument of a target whose annotation has no null."""
    target = targets.get(keys[:-1])
    parameter = target.signature.parameter(str(keys[-1])) if target is not None else None
    return parameter is not None and bool(check(parameter.type, None))


_FIX: Final = (
    "start it with `-m`, or write the value out; `${hydra:runtime.output_dir}` is the folder of any job"
)
