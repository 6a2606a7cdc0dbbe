"""Quote texts, keys and whole arguments so that Hydra and a shell read what was meant."""

from __future__ import annotations

import re
import shlex

from serotiny.compiler.hydra.errors import Rejected
from serotiny.compiler.hydra.grammar import parse_override
from serotiny.diagnostics import Origin, Place


def span_in(text: str, start: int, end: int) -> Place:
    """A span of an argument; columns count from 1."""
    return Place(Origin.OVERRIDE, None, line=1, column=start, end_line=1, end_column=end, override=text)


def quoted(text: str, value: str) -> str | None:
    """The argument `text` for a shell, with its value (or an element of it) `value` as a text in quotes.

    Returns:
        None when no quoting makes it the text that was typed.
    """
    key, equals, whole = text.partition("=")
    if not equals or not value or value not in whole:
        return None
    for mark in '"', "'":
        form = f"{mark}{value}{mark}" if mark not in value and not value.endswith("\\") else None
        if form is not None and reads_as(f"{key}={form}", value):
            return for_shell(f"{key}={whole.replace(value, form, 1)}")
    # as Hydra writes quoted texts itself: backslashes are doubled only before a quote
    escaped = re.sub(r'(\\*)(")', lambda found: found[1] * 2 + r"\"", value)
    whole_form = f'"{escaped}"'
    return (
        for_shell(f"{key}={whole_form}")
        if value == whole and reads_as(f"{key}={whole_form}", value)
        else None
    )


def is_key(key: str) -> bool:
    """Whether a text can stand before the `=` of an override."""
    return reads(f"{key}=x")


def reads(text: str) -> bool:
    """Whether a text is an override, whatever it names."""
    try:
        parse_override(text)
    except Rejected:
        return False
    return True


def reads_as(text: str, value: str) -> bool:
    """Whether a text is an override with this value."""
    try:
        return bool(parse_override(text).value == value)
    except Rejected:
        return False


def for_shell(argument: str) -> str:
    """An argument as a shell takes it, in quotes where it needs them."""
    # in double quotes an interactive bash takes `!` for its history
    if "'" not in argument or "!" in argument:
        return shlex.quote(argument)
    return '"' + re.sub(r'(["$`\\])', r"\\\1", argument) + '"'
