"""The jobs that a sweep comes to, as Hydra's own sweeper expands it."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from serotiny.compiler.hydra.grammar import sweep_values
from serotiny.compiler.overrides.argument import Argument, parse_arguments
from serotiny.compiler.sources.sources import Sources
from serotiny.diagnostics import Diagnostic, Place

MAX_JOBS = 1000
"""A sweep of more jobs is checked by its first ones."""


def expand_sweep(
    overrides: Sequence[str], sources: Sources
) -> tuple[list[tuple[str, ...]], list[Diagnostic]]:
    """The overrides of each job, in Hydra's order.

    A range of floats to draw from (`interval`) has no list of values: it is left out, and the job
    compiled without it.

    Returns:
        One tuple of overrides a job, and SER106 for each argument that is no override, or a sweep over
        nothing, with which no job at all would be started.
    """
    arguments, faults = parse_arguments(overrides)
    lists: list[list[str]] = []
    for argument in arguments:
        values = _values(argument, sources)
        if values:
            lists.append(values)
        elif not argument.parsed.is_interval_sweep():
            faults.append(_nothing_to_sweep(argument, sources))
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


def _nothing_to_sweep(argument: Argument, sources: Sources) -> Diagnostic:
    key = argument.parsed.key_or_group
    names = ", ".join(f"`{name}`" for name in sources.options(key))
    notes = (f"`{key}` has {names}",) if names else ()
    message = f"`{argument.text}` gives no value to sweep over"
    return Diagnostic("SER106", message, argument.value_place, key, notes=notes)


def as_typed(place: Place, arguments: Sequence[str]) -> Place:
    """A place in one job's override, as a place in the argument that the sweep was typed as.

    A value that stands in the argument word for word is found there; for one that does not (a range, a
    glob), the whole of what was typed behind `=` is at fault.
    """
    job_text = place.override
    if job_text is None or job_text in arguments:
        return place
    key, _, value = job_text.partition("=")
    typed = next((text for text in arguments if text.partition("=")[0] == key), None)
    if typed is None or place.column is None or place.end_column is None:
        return place
    if place.column <= len(key):
        return replace(place, override=typed)
    start = _position(value, typed, len(key) + 1)
    if start is None:
        return replace(place, override=typed, column=len(key) + 2, end_column=len(typed) + 1)
    shift = start - (len(key) + 1)
    return replace(place, override=typed, column=place.column + shift, end_column=place.end_column + shift)


def _position(value: str, typed: str, start: int) -> int | None:
    """Where an element stands in a list of choices, between brackets or commas; counted from 0."""
    match = re.compile(rf"(?<![^=,(\s]){re.escape(value)}(?![^,)\s])").search(typed, start)
    return match.start() if match else None
