"""Which call a fault belongs to, in words: the option, the experiment or the override, never a number."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from serotiny.credentials.detection import mask_source

_SHOWN = 3


@dataclass(frozen=True)
class JobCall:
    """What a job was compiled from: a primary config and overrides."""

    primary: str
    overrides: tuple[str, ...] = ()


def belongs_to(jobs: Sequence[int], calls: Sequence[JobCall]) -> str | None:
    """The calls that have a fault, as in `with model=wine_linear`.

    An override that all calls share is not named. Where a primary config has the fault as it is, it stands
    for all the options that were tried in it.

    Args:
        jobs: the numbers of the calls that have it.
        calls: every call that was compiled.

    Returns:
        None when all of them have it, or it would say nothing.
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
    shown = "; ".join(list(names)[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def _with(call: JobCall, names_primary: bool) -> str:
    where = f"in `{call.primary}` " if names_primary and call.primary != "train" else ""
    return f"{where}with {shlex.join(mask_source(text).text for text in call.overrides)}"
