"""The suggestion of a diagnostic as an edit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

from serotiny.compiler.syntax.references import absolute_keys, key_references
from serotiny.compiler.tree import select, split
from serotiny.diagnostics import Diagnostic
from serotiny.language_server.positions import Positions
from serotiny.language_server.session import Session

_WORD = re.compile(r"[\w-]+")
_PATH = re.compile(r"[\w./-]+")
_ENOUGH = 0.6
"""The least similarity (0 to 1) of a word to the suggestion for it to be the misspelt one."""


def replacement(
    session: Session, path: Path, diagnostic: Diagnostic, positions: Positions
) -> tuple[int, int, str] | None:
    """The span to replace, and with what; None when a diagnostic suggests nothing."""
    name = diagnostic.suggestion
    if name is None:
        return None
    start, _ = positions.offsets_of(diagnostic.place)
    text = positions.slice_of(diagnostic.place)
    spans = (
        _missing_keys(session, path, diagnostic, text) if diagnostic.code == "SER201" else _words(text, name)
    )
    best = max(
        spans, key=lambda span: SequenceMatcher(None, text[span[0] : span[1]], name).ratio(), default=None
    )
    return None if best is None else (start + best[0], start + best[1], name)


def _words(text: str, name: str) -> Iterator[tuple[int, int]]:
    pattern = _PATH if "." in name or "/" in name else _WORD
    for match in pattern.finditer(text):
        if SequenceMatcher(None, match[0], name).ratio() >= _ENOUGH:
            yield match.start(), match.end()


def _missing_keys(
    session: Session, path: Path, diagnostic: Diagnostic, text: str
) -> Iterator[tuple[int, int]]:
    """The keys in an interpolation that lead nowhere."""
    job = session.job_for(path)
    if job is None:
        return
    keys = split(diagnostic.key or "")
    for reference in key_references(text):
        target = absolute_keys(reference.key, keys)
        if target is None or select(job.composed.root, target) is None:
            yield reference.start, reference.end
