"""The diagnostic for an argument that is no override."""

from __future__ import annotations

from typing import Final

from serotiny.compiler.overrides.quoting import span_in
from serotiny.diagnostics import Diagnostic

FORMS: Final = "write `key=value`, `+key=value`, `++key=value`, `group=option` or `~key`"


def not_an_override(text: str, why: str, span: tuple[int, int], fix: str) -> Diagnostic:
    """SER106 at a span of the argument, whose columns count from 1."""
    message = f"`{text}` is not an override: {why}"
    return Diagnostic("SER106", message, span_in(text, *span), help=fix)
