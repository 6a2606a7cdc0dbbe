"""Mask credentials in reports, whichever diagnostic shows the line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from serotiny.credentials.detection import mask_source
from serotiny.credentials.masking import MaskedText, credential_spans, mask_spans
from serotiny.diagnostics import Diagnostic, Origin, Place

_SECRET = "SER503"
_Line = tuple[Origin, str | None, str | None, int]


@dataclass(frozen=True)
class SecretSpans:
    """The spans of secrets that diagnostics report, by line."""

    _by_line: dict[_Line, list[Place]]

    @classmethod
    def told_by(cls, diagnostics: Iterable[Diagnostic]) -> SecretSpans:
        """The spans that SER503 reports."""
        found: dict[_Line, list[Place]] = defaultdict(list)
        for diagnostic in diagnostics:
            place = diagnostic.place
            if diagnostic.code != _SECRET or place.column is None:
                continue
            if place.origin in (Origin.FILE, Origin.OVERRIDE):
                first = place.line or 1
                for row in range(first, (place.end_line or first) + 1):
                    found[place.origin, place.file, place.override, row].append(place)
        return cls(dict(found))

    def within(self, line: str, place: Place) -> list[tuple[int, int]]:
        """The spans of secrets within the line of a place, as character ranges."""
        row = place.line or 1
        spans = []
        for secret in self._by_line.get((place.origin, place.file, place.override, row), ()):
            first = secret.line or 1
            start = (secret.column or 1) - 1 if row == first else 0
            is_last = row == (secret.end_line or first)
            end = secret.end_column - 1 if is_last and secret.end_column else len(line)
            spans += [(start, end)] if start < end else []
        return spans


def concealed(diagnostics: Iterable[Diagnostic], secrets: SecretSpans) -> tuple[Diagnostic, ...]:
    """The diagnostics with credentials in their texts and overrides masked, and columns adapted."""
    return tuple(_conceal(diagnostic, secrets) for diagnostic in diagnostics)


def masked_line(line: str, place: Place, secrets: SecretSpans) -> MaskedText:
    """A line of source with credentials masked, that are recognised by their form or by a SER503 in it."""
    # only a part of a URI is secret, which is recognised by its form
    told = [span for span in secrets.within(line, place) if not credential_spans(line[slice(*span)])]
    return mask_spans(line, [*mask_source(line).spans, *told])


def _conceal(diagnostic: Diagnostic, secrets: SecretSpans) -> Diagnostic:
    return replace(
        diagnostic,
        message=mask_source(diagnostic.message).text,
        help=mask_source(diagnostic.help).text if diagnostic.help else diagnostic.help,
        notes=tuple(mask_source(note).text for note in diagnostic.notes),
        place=_conceal_place(diagnostic.place, secrets),
    )


def _conceal_place(place: Place, secrets: SecretSpans) -> Place:
    if place.override is None:
        return place
    masked = masked_line(place.override, place, secrets)
    if not masked.spans:
        return place
    column = place.column and masked.at(place.column - 1) + 1
    end_column = place.end_column and masked.at(place.end_column - 1) + 1
    return replace(place, override=masked.text, column=column, end_column=end_column)
