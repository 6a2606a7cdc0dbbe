"""Brackets in the value of an argument that are not closed, or close nothing."""

from __future__ import annotations

from typing import Final

from serotiny.compiler.overrides.quoting import for_shell, reads
from serotiny.compiler.overrides.unreadable.fault import not_an_override
from serotiny.compiler.overrides.unreadable.signs import QUOTED
from serotiny.diagnostics import Diagnostic

PAIRS: Final = {"[": "]", "{": "}"}
_BRACKETS: Final = {**PAIRS, "(": ")"}


def unbalanced(text: str, value: str, start: int) -> Diagnostic | None:
    """SER106 for a bracket in `value`, which begins at column `start`, that is not closed, or that closes nothing."""
    opened: list[int] = []
    missing: list[int] = []
    repaired = ""
    # what stands in quotes is masked, so that positions stay
    for index, sign in enumerate(QUOTED.sub(lambda found: " " * len(found[0]), value)):
        if sign in _BRACKETS:
            opened.append(index)
        elif sign in _BRACKETS.values():
            while opened and sign != _BRACKETS[value[opened[-1]]]:
                repaired += _BRACKETS[value[opened[-1]]]
                missing.append(opened.pop())
            if opened:
                opened.pop()
            elif not missing and index == len(value) - 1 and index > 0 and reads(text[:-1]):
                fix = f"write `{for_shell(text[:-1])}`"
                return not_an_override(
                    text, f"`{sign}` closes nothing", (start + index, start + index + 1), fix
                )
        repaired += value[index]
    repaired += "".join(_BRACKETS[value[index]] for index in reversed(opened))
    missing += reversed(opened)
    if not missing:
        return None
    at = missing[-1]
    sign = value[at]
    fix = f"close it with `{_BRACKETS[sign]}`"
    if reads(whole := f"{text[: start - 1]}{repaired}"):
        fix = f"{fix}: write `{for_shell(whole)}`"
    elif at != 0 or sign not in PAIRS:
        return None
    begin = at - (value[at - 1 : at] == "$")
    return not_an_override(
        text, f"`{value[begin : at + 1]}` is not closed", (start + begin, start + at + 1), fix
    )
