"""The part of a source line that a diagnostic underlines, with credentials masked."""

from __future__ import annotations

from dataclasses import dataclass

from serotiny.diagnostics import Place
from serotiny.report.report import Report


@dataclass(frozen=True)
class SourceSpan:
    """A source line with credentials masked, and the range of characters at fault, counted from 0."""

    line: str
    start: int
    end: int


def source_span(place: Place, report: Report) -> SourceSpan | None:
    """The span of a place; None if its line cannot be read or it has no column."""
    masked = report.shown_line(place)
    if masked is None or not masked.text.strip() or place.column is None:
        return None
    line = masked.text
    used = len(line.rstrip())
    one_line = place.end_line in (None, place.line)
    end = masked.at(place.end_column - 1) if one_line and place.end_column else used
    return SourceSpan(line, masked.at(place.column - 1), min(end, used))
