"""Values that are written as in Python, in another program or as a calculation."""

from __future__ import annotations

import re
from typing import Final

from serotiny.compiler.overrides.mapping_form import meant_mapping
from serotiny.compiler.overrides.quoting import for_shell, reads
from serotiny.compiler.overrides.unreadable.functions import refused_call

MINUS_SIGNS: Final = str.maketrans("−–—", "---")
"""Signs that other programs write for a minus."""

_SEMICOLON: Final = re.compile(r"\s*;\s*")
_WORDS_BY_SEMICOLONS: Final = re.compile(r"[\w.+-]+(\s*;\s*[\w.+-]+)+")
_CALCULATION: Final = re.compile(r"(?=.*[-+*/^])[\d.e\s()*/^+-]+")


def other_form(key: str, value: str) -> tuple[str, str] | None:
    """What is wrong with a value that is written as in Python, and how overrides have it; None for another one."""
    mapping = meant_mapping(value)
    if mapping is not None and reads(as_mapping := f"{key}={mapping[1]}"):
        return mapping[0], f"write `{for_shell(as_mapping)}`"
    brackets = value[:1] + value[-1:]
    in_brackets = f"{key}=[{value[1:-1]}]"
    if (brackets == "{}" or (brackets == "()" and "," in value)) and reads(in_brackets):
        return "a list stands in square brackets", f"write `{for_shell(in_brackets)}`"
    if value.startswith("~/") and reads(at_home := f"{key}=${{oc.env:HOME}}{value[1:]}"):
        return "`~` is not expanded", f"write `{for_shell(at_home)}`"
    with_minus = value.translate(MINUS_SIGNS)
    if with_minus != value and reads(f"{key}={with_minus}"):
        return "its minus sign is another sign", f"write `{for_shell(f'{key}={with_minus}')}`"
    with_commas = _SEMICOLON.sub(",", value)
    if _WORDS_BY_SEMICOLONS.fullmatch(value) and reads(f"{key}={with_commas}"):
        return "commas stand between the values of a sweep", f"write `-m {for_shell(f'{key}={with_commas}')}`"
    if _CALCULATION.fullmatch(value):
        return "a config does not calculate", "write the result"
    if (call := refused_call(key, value)) is not None:
        return call
    without = value.strip(", ")
    if without and without != value and reads(f"{key}={without}"):
        return "it has a comma too many", f"write `{for_shell(f'{key}={without}')}`"
    return None
