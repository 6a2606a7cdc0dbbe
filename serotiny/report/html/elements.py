"""Elements of HTML with inline styles, since a notebook's viewers drop style sheets."""

from __future__ import annotations

from html import escape
from types import MappingProxyType
from typing import Final

from serotiny.report.terminal import visible

_STYLES: Final = MappingProxyType(
    {
        "error": "color:#b3261e;font-weight:bold",
        "warning": "color:#8a5a00;font-weight:bold",
        "good": "color:#1b6e2e;font-weight:bold",
        "faint": "color:#808080",
        "fault": "background:none;color:inherit;text-decoration:underline wavy #b3261e",
        "source": "margin:0 0 0 1em;padding:0;background:none;white-space:pre-wrap",
        "list": "list-style:none;margin:0;padding-left:1.2em",
    }
)


def escaped(value: object) -> str:
    """Escaped text for HTML, in which invisible characters are spelt out."""
    return escape(visible(str(value)))


def element(tag: str, content: str, role: str | None = None) -> str:
    """An element with `content`, which is HTML already."""
    style = f' style="{_STYLES[role]}"' if role is not None else ""
    return f"<{tag}{style}>{content}</{tag}>"


def folded(summary: str, content: str, is_open: bool = False) -> str:
    """A part that can be folded; both arguments are HTML already."""
    return f"<details{' open' if is_open else ''}><summary>{summary}</summary>{content}</details>"
