"""A whole config as HTML: a tree that can be folded, each value with what set it."""

from __future__ import annotations

from collections.abc import Sequence

from serotiny.compiler.queries.explain import TreeRow
from serotiny.report.explain.text import place_text, value_text
from serotiny.report.html.elements import element, escaped, folded


def render_tree_html(rows: Sequence[TreeRow]) -> str:
    """The tree from the rows of `explain_tree`, in which parents come before their parts."""
    content, _ = _level(rows, 0, depth=1)
    return content


def _level(rows: Sequence[TreeRow], start: int, depth: int) -> tuple[str, int]:
    """The items from `start` on with this `depth`, and the index of the first row after them."""
    items: list[str] = []
    index = start
    while index < len(rows) and len(rows[index].keys) >= depth:
        row = rows[index]
        index += 1
        if row.is_container:
            inner, index = _level(rows, index, depth + 1)
            items.append(element("li", folded(_head(row), inner, is_open=depth == 1)))
        else:
            items.append(element("li", f"{_head(row)}: <code>{_escaped_value(row)}</code>{_origin(row)}"))
    return element("ul", "".join(items), "list"), index


def _head(row: TreeRow) -> str:
    last = row.keys[-1]
    return f"<b>{escaped('-' if isinstance(last, int) else last)}</b>"


def _escaped_value(row: TreeRow) -> str:
    return escaped(value_text(row.value))


def _origin(row: TreeRow) -> str:
    origin = place_text(row.place)
    if row.reference is not None and row.value != row.reference:
        origin += f"  {row.reference}"
    return f" {element('small', escaped(origin), 'faint')}"
