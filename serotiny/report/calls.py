"""Describe the calls that have a fault by their option, experiment or override, rather than by a number."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from serotiny.credentials.detection import mask_source
from serotiny.diagnostics.counts import first_of


@dataclass(frozen=True)
class JobCall:
    """The call of a job: a primary config and overrides."""

    primary: str
    overrides: tuple[str, ...] = ()


def belongs_to(jobs: Sequence[int], calls: Sequence[JobCall]) -> str | None:
    """The calls that have a fault, as in `with model=wine_linear`.

    An override that all calls share is not named. If a primary config has the fault without overrides, only it is
    named, and not the options that were tried in it.

    Args:
        jobs: the numbers of the calls that have it.
        calls: every call that was compiled.

    Returns:
        The calls in words; None if all calls have it, or there is nothing to name.
    """
    if len(jobs) >= len(calls):
        return None
    shared = set(calls[0].overrides).intersection(*(call.overrides for call in calls))
    told = [
        JobCall(call.primary, tuple(text for text in call.overrides if text not in shared)) for call in calls
    ]
    whole = {call.primary for call in told if not call.overrides}
    faulty = {told[job].primary for job in jobs if not told[job].overrides}
    if whole and whole == faulty:
        return None
    names = dict.fromkeys(
        f"in `{call.primary}`" if call.primary in faulty else _with(call, len(whole) > 1)
        for call in (told[job] for job in jobs)
    )
    return first_of(list(names), separator="; ")


def _with(call: JobCall, names_primary: bool) -> str:
    where = f"in `{call.primary}` " if names_primary and call.primary != "train" else ""
    return f"{where}with {shlex.join(mask_source(text).text for text in call.overrides)}"
