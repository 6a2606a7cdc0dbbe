"""Options that are meant for one another: a model of three columns for the data that have three."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.usage.calls import Call

OF_TWO: Final = frozenset({"SER322"})
"""What is wrong with a model and data that are taken together, with neither of them alone."""

_PARTNER: Final = {"model": "data", "data": "model"}
_TRIED: Final = 20


def with_partners(call: Call, sources: Sources) -> Iterator[Call]:
    """The call of an option of one of the two groups, with each option of the other one."""
    primary, overrides = call
    if len(overrides) != 1:
        return
    partner = _PARTNER.get(overrides[0].partition("=")[0])
    for option in sources.options(partner)[:_TRIED] if partner else ():
        yield primary, (*overrides, f"{partner}={option}")
