"""Explanations as text."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from typing import Any

from serotiny.compiler.queries.explain import Explanation, TreeRow
from serotiny.compiler.queries.known_keys import KnownKey
from serotiny.credentials.detection import mask_source
from serotiny.credentials.masking import mask_credentials
from serotiny.diagnostics import Origin, Place
from serotiny.report.terminal import PLAIN, Style, visible

_WIDTH = 96

SourceLine = Callable[[Place], str | None]
"""Returns the source line of a place."""


def render_explanation(explanation: Explanation, source_line: SourceLine, style: Style = PLAIN) -> str:
    """The value, the declaration of its key, the places that set it, and what it is interpolated from."""
    value = value_text(explanation.value)
    lines = [f"{style.strong(visible(explanation.key))} = {style.good(value)}"]
    if not explanation.is_set:
        lines[0] += style.faint("  (not set: the default)") if explanation.value is not None else ""
    if explanation.is_secret:
        lines.append(style.faint("  from the environment, so it is not shown"))
    if explanation.known is not None:
        lines += _declared(explanation.known, style)
    if explanation.set_by:
        lines += ["", "set by"]
        lines += [_setter(place, explanation, source_line, style) for place in explanation.set_by]
    if explanation.referents:
        lines += ["", "interpolated from"]
        for referent in explanation.referents:
            name = f"environment variable {referent.name}" if referent.is_variable else visible(referent.name)
            value = "" if referent.is_variable else f" = {value_text(referent.value)}"
            where = f"  {place_text(referent.place)}" if referent.place is not None else ""
            lines.append(f"  {name}{value}{style.faint(where)}")
            lines.append(
                style.faint(f"    through {visible(referent.text)} at {place_text(referent.written_at)}")
            )
    return "\n".join(lines) + "\n"


def render_tree(rows: list[TreeRow], style: Style = PLAIN) -> str:
    """The whole config in the form of YAML, each value with what set it."""
    shown = [(_row_text(row), row) for row in rows]
    width = min(64, max((len(text) for text, _ in shown), default=0))
    lines: list[str] = []
    for text, row in shown:
        origin = "" if row.is_container and row.reference is None else place_text(row.place)
        if row.reference is not None and row.value != row.reference:
            origin += f"  {visible(row.reference)}"
        lines.append(f"{text.ljust(width)}  {style.faint(origin)}".rstrip())
    return "\n".join(lines) + "\n"


def place_text(place: Place) -> str:
    """A place in a few words."""
    if place.origin is Origin.FILE:
        return f"{place.file}:{place.line}"
    return visible(mask_source(str(place)).text)


def value_text(value: Any) -> str:
    """Plain data on one line, credentials masked."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return visible(mask_credentials(text)) if text else '""'


def _declared(known: KnownKey, style: Style) -> list[str]:
    facts = [str(known.type)]
    if known.required:
        facts.append("required")
    elif known.default is not None:
        facts.append(f"default {known.default}")
    facts.append(known.declared_by)
    lines = [style.faint(f"  {' · '.join(fact for fact in facts if fact)}")]
    if known.doc:
        text = " ".join(known.doc.split())
        lines += textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="  ")
    return lines


def _setter(place: Place, explanation: Explanation, source_line: SourceLine, style: Style) -> str:
    text = None
    if place.origin is Origin.FILE:
        text = source_line(place)
    elif place.origin is Origin.DEFAULT and explanation.known is not None:
        text = explanation.known.default
    where = f"  {place_text(place)}"
    return f"{where.ljust(56)}  {style.faint(visible(mask_source(text.strip()).text))}" if text else where


def _row_text(row: TreeRow) -> str:
    indent = "  " * (len(row.keys) - 1)
    last = row.keys[-1]
    label = f"{indent}- " if isinstance(last, int) else f"{indent}{visible(str(last))}: "
    return label.rstrip() if row.is_container else f"{label}{value_text(row.value)}"
