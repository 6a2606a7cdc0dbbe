"""Faults of a sweep in the words of what was typed: values that were drawn from a range are not those of the user."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from serotiny.compiler.overrides.argument import Argument, parse_arguments
from serotiny.compiler.overrides.quoting import for_shell
from serotiny.compiler.overrides.sweep import Sweep
from serotiny.compiler.syntax.override import Interval
from serotiny.diagnostics import Diagnostic, Place, merge_jobs

_A_WHOLE_NUMBER: Final = re.compile(r"write `-?\d+`")
"""What is said of a float in place of an int."""
_AN_OVERRIDE: Final = re.compile(r"(?:write|or) `\+*[\w./@]+=(\w+)`")


@dataclass(frozen=True)
class _Range:
    argument: Argument
    is_typed: bool


def faults_as_typed(faults: Iterable[Diagnostic], sweep: Sweep) -> list[Diagnostic]:
    """The faults at what was typed; those that values of one range share are one, with the jobs of all."""
    ranges: dict[str | Place, _Range] = {}
    for argument in parse_arguments(sweep.typed)[0]:
        if isinstance(argument.parsed.sweep, Interval):
            place = sweep.params.get(argument.text)
            ranges[argument.text if place is None else place] = _Range(argument, place is None)
    first: dict[object, Diagnostic] = {}
    faults = list(faults)
    meant = _values_meant(faults, sweep)
    for fault in merge_jobs(_placed(fault, sweep, meant) for fault in faults):
        at = fault.place if fault.place.override is None else fault.place.override
        drawn = ranges.get(at)
        told: object = fault if drawn is None else (fault.code, fault.key, at)
        said = fault if drawn is None else _of_range(fault, drawn)
        others = first.get(told, said)
        # the ends, which were typed, come before what was drawn between them
        earliest = min(others, said, key=lambda item: item.jobs)
        first[told] = replace(earliest, jobs=tuple(sorted({*others.jobs, *said.jobs})))
    return list(first.values())


def _values_meant(faults: Iterable[Diagnostic], sweep: Sweep) -> dict[tuple[str, str], str]:
    """The words to write instead of those of single jobs, by what was typed and the word in it."""
    meant: dict[tuple[str, str], str] = {}
    for fault in faults:
        typed, job_text = sweep.as_typed(fault.place).override, fault.place.override
        if typed is None or job_text in (None, typed):
            continue
        advised, of_job = set(_AN_OVERRIDE.findall(fault.help or "")), str(job_text).partition("=")[2]
        if len(advised) == 1 and advised != {of_job}:
            meant[typed, of_job] = advised.pop()
    return meant


def _placed(fault: Diagnostic, sweep: Sweep, meant: Mapping[tuple[str, str], str]) -> Diagnostic:
    """The fault at what was typed, which is also what it names; an override to write instead has all of its values.

    `meant` are the words to write instead of misspelt ones.
    """
    place, job_text = sweep.as_typed(fault.place), fault.place.override
    if job_text is None or place.override in (None, job_text):
        return replace(fault, place=place)
    fault = replace(fault, message=fault.message.replace(f"`{job_text}`", f"`{place.override}`"))
    if fault.help is None:
        return replace(fault, place=place)
    typed, of_job = str(place.override).partition("=")[2], job_text.partition("=")[2]
    values = ",".join(meant.get((str(place.override), word), word) for word in typed.split(","))
    own = meant.get((str(place.override), of_job), of_job)
    written = re.compile(rf"`'?(\+*[\w./@]+=){re.escape(own)}'?`")
    fix = written.sub(lambda found: f"`{for_shell(f'{found[1]}{values}')}`", fault.help)
    return replace(fault, place=place, help=fix)


def _of_range(fault: Diagnostic, drawn: _Range) -> Diagnostic:
    key = drawn.argument.parsed.key_or_group
    if fault.key != key or not _A_WHOLE_NUMBER.fullmatch(fault.help or ""):
        return fault
    name, _, value = drawn.argument.text.partition("=")
    form = for_shell(f"{name}=int({value})") if drawn.is_typed else f"int({value})"
    return replace(fault, help=f"draw whole numbers: write `{form}`", suggestion=None)
