"""Signs that a value has only in quotes."""

from __future__ import annotations

import re
from typing import Final

from serotiny.compiler.overrides.quoting import for_shell, reads, span_in
from serotiny.diagnostics import Diagnostic

QUOTED: Final = re.compile(r"""(?<!\\)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
"""A text in quotes."""

_UNQUOTED: Final = re.compile(r"[\w/\-\\+.$%*@?|: \t]", re.ASCII)
"""Characters that a value may hold without quotes; commas and brackets have a meaning in the grammar."""

_IN_GRAMMAR: Final = re.compile(r"[\[\]{}(),='\"]")
_INTERPOLATION: Final = re.compile(r"\$\{[^{}]*\}")
_WORD: Final = re.compile(r"[^\[\]{}(),:\s]+")


def stray_sign(text: str, key: str, value: str) -> Diagnostic | None:
    """SER106 for the first sign, in a part of a value, that only a text in quotes may have."""
    masked = value
    for pattern in QUOTED, _INTERPOLATION:
        masked = pattern.sub(lambda found: " " * len(found[0]), masked)
    for word in _WORD.finditer(masked):
        at = next(
            (
                i
                for i in range(*word.span())
                if not _UNQUOTED.match(value[i]) and not _IN_GRAMMAR.match(value[i])
            ),
            None,
        )
        if at is None:
            continue
        place = span_in(text, at + len(key) + 2, at + len(key) + 3)
        form = f'{key}={value[: word.start()]}"{word[0]}"{value[word.end() :]}'
        if reads(form):
            message, fix = f"`{value[at]}` stands in a value only in quotes", f"write `{for_shell(form)}`"
        elif value[word.end() :].lstrip()[:1] == ":":
            message = f"`{value[at]}` cannot stand in a key"
            fix = "set it in a file: overrides have keys of the letters a to z alone"
        else:
            message, fix = f"`{value[at]}` stands in a value only in quotes", "put each such text in quotes"
        return Diagnostic("SER106", message, place, key.lstrip("+~"), help=fix)
    return None


def first_quoted_only(value: str) -> int:
    """The index of the first sign that a value has only in quotes; 0 where there is none."""
    return next((index for index, sign in enumerate(value) if not _UNQUOTED.match(sign)), 0)
