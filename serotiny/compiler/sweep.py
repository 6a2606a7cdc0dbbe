"""The jobs that a sweep comes to, as Hydra's own sweeper expands it."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from itertools import product

from serotiny.compiler.hydra_adapter import sweep_values
from serotiny.compiler.overrides import Argument, parse_arguments
from serotiny.compiler.sources import Sources
from serotiny.diagnostics import Diagnostic

MAX_JOBS = 1000
"""A sweep of more jobs is checked by its first ones."""


def expand_sweep(
    overrides: Sequence[str], sources: Sources
) -> tuple[list[tuple[str, ...]], list[Diagnostic]]:
    """The overrides of each job, in Hydra's order.

    A range of floats to draw from (`interval`) has no list of values: it is left out, and the job
    compiled without it.

    Returns:
        One tuple of overrides a job, and SER106 for each argument that is no override.
    """
    arguments, faults = parse_arguments(overrides)
    lists: list[list[str]] = []
    for argument in arguments:
        values = _values(argument, sources)
        if values:
            lists.append(values)
    jobs = [tuple(job) for _, job in zip(range(MAX_JOBS), product(*lists), strict=False)]
    return jobs, faults


def _values(argument: Argument, sources: Sources) -> list[str]:
    override = argument.parsed
    if not override.is_sweep_override():
        return [argument.text]

    def options(include: Sequence[str], exclude: Sequence[str]) -> list[str]:
        names = sources.options(override.key_or_group)
        return [
            name
            for name in names
            if any(fnmatch.fnmatch(name, pattern) for pattern in include)
            and not any(fnmatch.fnmatch(name, pattern) for pattern in exclude)
        ]

    return [f"{override.get_key_element()}={value}" for value in sweep_values(override, options)]
