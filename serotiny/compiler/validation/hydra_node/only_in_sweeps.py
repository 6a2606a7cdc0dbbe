"""SER203: what Hydra knows only in the jobs of a sweep, in a value of a run that is none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from serotiny.compiler.composition.sweep_settings import asks_for_sweep
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.tree import join, select, split, walk
from serotiny.compiler.validation.hydra_node.early_folders import ASKED, asked_for
from serotiny.diagnostics import Diagnostic

_ONLY_IN_SWEEPS: Final = (("job", "id"), ("job", "num"))


def only_in_sweeps(resolved: Resolved) -> Iterator[Diagnostic]:
    """SER203 for each value that comes from a setting of Hydra's in which the number of a job stands.

    Of the number itself nothing is said: alone, Hydra gives null for it.
    """
    if resolved.hydra is None or asks_for_sweep(resolved.hydra):
        return
    number = select(resolved.hydra, ("job", "num"))
    if number is not None and isinstance(number.value, int):
        return
    for keys, node in walk(resolved.root):
        if node.reference is None:
            continue
        for text in ASKED.findall(node.reference.text):
            named = split(text)
            needed = asked_for(resolved, named, _ONLY_IN_SWEEPS)
            if needed is None or needed == named:
                continue
            message = f"`hydra.{join(named)}` has a value only in a sweep: it needs `hydra.{join(needed)}`"
            fix = "start it with `-m`, or write the value out; `${hydra:runtime.output_dir}` is the folder of any job"
            yield Diagnostic("SER203", message, node.reference.place, join(keys), help=fix)
