"""The part of a line that a diagnostic underlines, as it may be shown."""

from __future__ import annotations

from dataclasses import dataclass

from serotiny.diagnostics import Place
from serotiny.report.report import Report


@dataclass(frozen=True)
class SourceSpan:
    """A line of source without its credentials, and which of its characters are at fault, from 0."""

    line: str
    start: int
    end: int


def source_span(place: Place, report: Report) -> SourceSpan | None:
    """The span of a place; None when it has no line that can be read, or says nothing of a column."""
    masked = report.shown_line(place)
    if masked is None or not masked.text.strip() or place.column is None:
        return None
    line = masked.text
    used = len(line.rstrip())
    one_line = place.end_line in (None, place.line)
    end = masked.at(place.end_column - 1) if one_line and place.end_column else used
    return SourceSpan(line, masked.at(place.column - 1), min(end, used))
