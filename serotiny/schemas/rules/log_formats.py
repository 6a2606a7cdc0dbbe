"""What the format of a log line may ask of a record: its fields, plainly, in lines of a bounded length."""

from __future__ import annotations

import re
from string import Formatter
from typing import Final

_BRACES: Final = "{"
"""The style of `str.format`, which follows attributes and items of a field."""

_WIDEST: Final = 999
"""Characters to which a field may be filled up."""

_FILLED: Final = re.compile(r"%(?:\([^)]*\))?[#0\- +]*(\d*)(?:\.(\d+))?")


def fault_of_log_format(text: str, style: object) -> str | None:
    """Why `text` may not be the format of a log in a style of `logging.Formatter`, or nothing.

    A record holds its arguments and the exception, from which attributes lead to all that a process knows.
    A text that is no format at all is Python's to refuse.
    """
    widths = [width for found in _FILLED.findall(text) for width in found]
    if style == _BRACES:
        try:
            fields = [*Formatter().parse(text)]
        except ValueError:
            return None
        for _, name, specification, _ in fields:
            if name is not None and not re.fullmatch(r"\w*", name):
                return f"reaches into a field, in `{name}`"
            if specification and ("{" in specification or "}" in specification):
                return f"takes the width of a field from another one, in `{specification}`"
            widths += re.findall(r"\d+", specification or "")
    too_wide = next((width for width in widths if width and (len(width) > 9 or int(width) > _WIDEST)), None)
    return None if too_wide is None else f"makes a field wider than {_WIDEST} characters"
