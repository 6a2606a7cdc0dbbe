"""Render the differences between two configs, as text and as JSON."""

from __future__ import annotations

import json
from typing import Any

from serotiny.compiler.queries.diff import ABSENT, Difference
from serotiny.credentials.masking import mask_credentials
from serotiny.diagnostics import Place
from serotiny.diagnostics.counts import counted
from serotiny.report.explain.text import place_text, value_text
from serotiny.report.json import place_json
from serotiny.report.terminal import PLAIN, Style, visible

VERSION = 1


def render_diff(left: str, right: str, found: list[Difference], style: Style = PLAIN) -> str:
    """A block for each key: its value on each side, and what set it."""
    if not found:
        return style.good("no value differs") + "\n"
    lines = [
        style.error(f"- {visible(mask_credentials(left))}"),
        style.good(f"+ {visible(mask_credentials(right))}"),
        "",
    ]
    for item in found:
        lines.append(style.strong(visible(item.key)))
        if item.left is not ABSENT:
            lines.append(_line("-", item.left, place=item.left_place, style=style, paint=style.error))
        if item.right is not ABSENT:
            lines.append(_line("+", item.right, place=item.right_place, style=style, paint=style.good))
    count = len(found)
    lines += ["", f"{counted(count, 'value')} differ{'s' if count == 1 else ''}"]
    return "\n".join(lines) + "\n"


def render_diff_json(left: str, right: str, found: list[Difference]) -> str:
    """The same as one document; a side without a value has no `value`."""
    document = {
        "version": VERSION,
        "left": mask_credentials(left),
        "right": mask_credentials(right),
        "differences": [
            {
                "key": item.key,
                "left": _side(item.left, item.left_place),
                "right": _side(item.right, item.right_place),
            }
            for item in found
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n"


def _line(sign: str, value: Any, place: Place | None, style: Style, paint: Any) -> str:
    where = f"  {style.faint(place_text(place))}" if place is not None else ""
    return f"  {paint(f'{sign} {value_text(value)}')}{where}"


def _side(value: Any, place: Place | None) -> dict[str, Any]:
    if value is ABSENT:
        return {"is_set": False}
    shown = mask_credentials(value) if isinstance(value, str) else value
    return {"is_set": True, "value": shown, "set_by": place_json(place) if place is not None else None}
