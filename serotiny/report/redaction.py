"""Keep credentials out of what is reported, whichever diagnostic points at their line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from serotiny.credentials.detection import mask_source
from serotiny.credentials.masking import MaskedText, credential_spans, mask_spans
from serotiny.diagnostics import Diagnostic, Origin, Place

_SECRET = "SER503"


def concealed(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics with the credentials in their texts and overrides masked; columns follow."""
    found = tuple(diagnostics)
    return tuple(_conceal(diagnostic, found) for diagnostic in found)


def masked_line(line: str, place: Place, diagnostics: Iterable[Diagnostic]) -> MaskedText:
    """A line of source without the credentials that its own form, or a SER503 in it, tells."""
    spans = [*mask_source(line).spans]
    for diagnostic in diagnostics:
        span = _span_in(line, place, diagnostic.place) if diagnostic.code == _SECRET else None
        # of a URI only a part is secret, which its form tells
        if span is not None and not credential_spans(line[slice(*span)]):
            spans.append(span)
    return mask_spans(line, spans)


def _conceal(diagnostic: Diagnostic, others: Iterable[Diagnostic]) -> Diagnostic:
    return replace(
        diagnostic,
        message=mask_source(diagnostic.message).text,
        help=mask_source(diagnostic.help).text if diagnostic.help else diagnostic.help,
        notes=tuple(mask_source(note).text for note in diagnostic.notes),
        place=_conceal_place(diagnostic.place, others),
    )


def _conceal_place(place: Place, others: Iterable[Diagnostic]) -> Place:
    if place.override is None:
        return place
    masked = masked_line(place.override, place, others)
    if not masked.spans:
        return place
    column = place.column and masked.at(place.column - 1) + 1
    end_column = place.end_column and masked.at(place.end_column - 1) + 1
    return replace(place, override=masked.text, column=column, end_column=end_column)


def _span_in(line: str, place: Place, secret: Place) -> tuple[int, int] | None:
    """What a secret's place covers of the line that another place is in."""
    if (place.file, place.override, place.origin) != (secret.file, secret.override, secret.origin):
        return None
    if secret.column is None or place.origin not in (Origin.FILE, Origin.OVERRIDE):
        return None
    row, first = place.line or 1, secret.line or 1
    last = secret.end_line or first
    if not first <= row <= last:
        return None
    start = secret.column - 1 if row == first else 0
    end = secret.end_column - 1 if row == last and secret.end_column else len(line)
    return (start, end) if start < end else None
