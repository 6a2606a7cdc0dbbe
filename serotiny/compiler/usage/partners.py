"""Options that must fit each other, such as a model with three inputs and data with three columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.usage.outcome import Call

OF_TWO: Final = frozenset({"SER322", "SER326"})
"""The codes of faults of a combination of model and data, rather than of one of them."""

_PARTNER: Final = {"model": "data", "data": "model"}
_TRIED: Final = 20


def with_partners(call: Call, sources: Sources) -> Iterator[Call]:
    """The call of an option of one of the two groups, combined with each option of the other group."""
    primary, overrides = call
    if len(overrides) != 1:
        return
    partner = _PARTNER.get(overrides[0].partition("=")[0])
    for option in sources.options(partner)[:_TRIED] if partner else ():
        yield primary, (*overrides, f"{partner}={option}")
