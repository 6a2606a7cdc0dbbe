"""What to say of a text that OmegaConf's grammar refuses."""

from __future__ import annotations

import re
from typing import Final

from serotiny.compiler.syntax.other_forms import meant_reference


def explain_bad(whole: str, reason: str) -> tuple[str, str]:
    """Message and help for a text that OmegaConf's grammar refuses with `reason`."""
    text = shortened(whole)
    if whole.count("${") > whole.count("}"):
        return f"`{text}` is not an interpolation: a brace is left open", _CLOSE
    meant = meant_reference(whole) or _SEVERAL_DOTS.sub(".", whole)
    if meant != whole and _PLAIN.fullmatch(meant):
        return f"`{text}` is not an interpolation", f"write `{meant}`"
    by_parser = any(
        word in reason for word in ("viable alternative", "token recognition", "mismatched", "extraneous")
    )
    return f"`{text}` is not an interpolation" + ("" if by_parser else f": {reason}"), _FORMS


_SEVERAL_DOTS: Final = re.compile(r"(?<=\w)\.\.+")
_PLAIN: Final = re.compile(r"\$\{\.*\w+(?:\.\w+)*\}")
_SHOWN: Final = 200
"""Characters of a text that messages show."""
_CLOSE = "close it with `}`; where `${` is meant as text write `\\${`"
_FORMS = (
    "write `${key}`, `${group.key}`, `${.beside}` or `${resolver:argument}`, arguments with other signs in quotes; "
    "where `${` is meant as text write `\\${`"
)


def shortened(text: str) -> str:
    """The text, or as much of it as a message has room for."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
