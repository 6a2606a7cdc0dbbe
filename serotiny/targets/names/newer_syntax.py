"""Syntax of a newer Python than the one that runs, which calls it merely invalid."""

from __future__ import annotations

import re
import sys
from typing import Final

_NEWER: Final = (
    ((3, 12), re.compile(r"\s*type\s+\w+\s*(?:\[.*\])?\s*=")),  # PEP 695
    ((3, 12), re.compile(r"\s*(?:class|(?:async\s+)?def)\s+\w+\s*\[")),
)
"""Since which Python a line may look like this."""


def syntax_reason(error: SyntaxError) -> str:
    """Why a source is not valid, with the Python that it is written for where that is a newer one."""
    running = sys.version_info[:2]
    line = error.text or ""
    for version, form in _NEWER:
        if running < version and form.match(line):
            needed, here = (".".join(map(str, pair)) for pair in (version, running))
            return f"{error.msg}: this is Python {here}, and such a line is of {needed}"
    return error.msg
