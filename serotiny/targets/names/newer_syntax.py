"""Syntax of a newer Python than the one that runs, which calls it merely invalid."""

from __future__ import annotations

import ast
import re
import sys
from typing import Final

_NEWER: Final = (
    # PEP 696: a type parameter has a default
    ((3, 13), re.compile(r"\s*(?:type|class|(?:async\s+)?def)\s+\w+\s*\[[^\]=]*\w\s*=[^\]=]+\]")),
    # PEP 695
    ((3, 12), re.compile(r"\s*type\s+\w+\s*(?:\[.*\])?\s*=")),
    ((3, 12), re.compile(r"\s*(?:class|(?:async\s+)?def)\s+\w+\s*\[")),
)
"""Since which Python a line may look like this."""

_F_STRINGS: Final = (3, 12)
"""Since which Python an expression in an f-string may have its quotes, and backslashes (PEP 701)."""

_START: Final = re.compile(r"""(?<!\w)(?:[fF][rR]?|[rR][fF])(\"\"\"|\'\'\'|["'])""")
_TEXT: Final = re.compile(r"""\"(?:[^"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'""")


def needed_python(error: SyntaxError) -> tuple[int, int] | None:
    """The Python from which on a line that is not valid here is; None for what none reads, as far as it shows."""
    line = error.text or ""
    forms = [version for version, form in _NEWER if form.match(line)]
    if _has_newer_f_string(line):
        forms.append(_F_STRINGS)
    return next((version for version in forms if sys.version_info < version), None)


def _has_newer_f_string(line: str) -> bool:
    """Whether a line has an f-string that is valid but for quotes or backslashes in what it evaluates."""
    return any(_is_newer(line, start) for start in _START.finditer(line))


def _is_newer(line: str, start: re.Match[str]) -> bool:
    quote, at, is_newer = start[1], start.end(), False
    while not line.startswith(quote, at):
        if at >= len(line):
            return False
        if line[at] == "{" and not line.startswith("{{", at):
            end = _end_of_expression(line, at + 1)
            inner = line[at + 1 : end]
            if end is None or not _is_expression(inner):
                return False
            is_newer = is_newer or quote in inner or "\\" in inner
            at = end + 1
        else:
            at += 2 if line[at] == "\\" or line.startswith("{{", at) else 1
    return is_newer


def _end_of_expression(line: str, at: int) -> int | None:
    """Where the brace closes that opens before a place; None where it does not."""
    depth = 0
    while at < len(line):
        text = _TEXT.match(line, at)
        if text is not None:
            at = text.end()
            continue
        if line[at] == "}" and depth == 0:
            return at
        depth += (line[at] in "([{") - (line[at] in ")]}")
        at += 1
    return None


def _is_expression(inner: str) -> bool:
    """Whether what stands in braces is an expression, with a conversion or a format behind it or not."""
    shown = re.sub(r"(?:=|![rsa])?(?::[^'\"\]\[()]*)?$", "", inner.strip())
    try:
        ast.parse(f"({shown.strip()})", mode="eval")
    except SyntaxError:
        return False
    return bool(shown.strip())
