"""What a plain or tagged YAML scalar means to OmegaConf: YAML 1.1, with `1e-3` a float and no timestamps."""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import yaml
from yaml.constructor import ConstructorError, SafeConstructor

from serotiny.plain_yaml import FLOAT, FLOAT_BEGINS, FLOAT_TAG

TAG: Final = "tag:yaml.org,2002:"
STR, MERGE, VALUE = f"{TAG}str", f"{TAG}merge", f"{TAG}value"

_LONGEST_NUMBER: Final = 1_000
"""Characters. Python writes out no integer of more than 4,300 digits, and takes its time with one that counts in sixties."""

_CONSTRUCT: Final = SafeConstructor()
_BUILDERS: Final = {
    f"{TAG}null": _CONSTRUCT.construct_yaml_null,
    f"{TAG}bool": _CONSTRUCT.construct_yaml_bool,
    f"{TAG}int": _CONSTRUCT.construct_yaml_int,
    f"{TAG}float": _CONSTRUCT.construct_yaml_float,
    f"{TAG}binary": _CONSTRUCT.construct_yaml_binary,
}


def tag_of(event: Any) -> str:
    """The tag of a scalar event: the one written, or what its text looks like."""
    if event.tag not in (None, "!"):
        return str(event.tag)
    return _plain_tag(event.value) if event.tag or event.implicit[0] else STR


def has_value(tag: str) -> bool:
    """Whether scalars of a tag other than text can be built."""
    return tag in _BUILDERS


def build(tag: str, event: Any) -> Any:
    """The value of a scalar event.

    Raises:
        ValueError: its text is not of that tag.
    """
    if tag in (f"{TAG}int", f"{TAG}float") and len(event.value) > _LONGEST_NUMBER:
        raise ValueError(f"longer than {_LONGEST_NUMBER:,} characters")
    node = yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark)
    try:
        return _BUILDERS[tag](node)
    except (ConstructorError, LookupError) as error:
        raise ValueError(str(error)) from error


def meaning_of_old_number(value: Any, written: str) -> str | None:
    """What a number in a form of YAML 1.1 alone means, in words; None for one that YAML 1.2 reads alike."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if ":" in written:
        return f"{value}, counted in sixties"
    is_octal = isinstance(value, int) and len(written.lstrip("+-")) > 1 and written.lstrip("+-").isdecimal()
    return f"{value}, counted in eights" if is_octal and int(written) != value else None


def _plain_tag(value: str) -> str:
    table = _resolvers()
    # PyYAML keys its patterns by a text's first character; those under None apply to any text
    candidates: list[tuple[str, re.Pattern[str]]] = [*table.get(value[:1], ()), *table.get(None, ())]
    for tag, regexp in candidates:
        if regexp.match(value):
            return tag
    return STR


@cache
def _resolvers() -> dict[str | None, list[tuple[str, re.Pattern[str]]]]:
    """Tag and pattern of plain scalars by first character: PyYAML's, with OmegaConf's floats, without timestamps."""
    table: dict[str | None, list[tuple[str, re.Pattern[str]]]] = {
        first: [(tag, regexp) for tag, regexp in entries if tag not in (f"{TAG}timestamp", FLOAT_TAG)]
        for first, entries in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    for first in FLOAT_BEGINS:
        table.setdefault(first, []).append((FLOAT_TAG, FLOAT))
    return table


_SWITCHES: Final = MappingProxyType(
    {
        word[:at] + word[at + 1] + word[at] + word[at + 2 :]: word
        for word in ("true", "false")
        for at in range(len(word) - 1)
    }
)


def switch_meant(text: str) -> str | None:
    """The `true` or `false` of which a text without quotes has two letters swapped; None for any other text."""
    return _SWITCHES.get(text.lower())
