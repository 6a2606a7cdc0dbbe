"""Limits of numbers, and of the lengths and forms of texts and lists."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from pydantic_core import SchemaValidator

Limits: TypeAlias = tuple[tuple[str, float | str], ...]
"""What a value must be, each by a word with what it is compared with.

Of a number `ge`, `gt`, `le`, `lt` or `multiple_of`; of a text or a list `min_length` or `max_length`; of a text
`pattern`, which pydantic's core reads.
"""


def _is_multiple(value: float, of: float) -> bool:
    """Whether a whole number is a multiple of another; of fractions nothing is told, which are seldom exact."""
    return isinstance(value, float) or not of.is_integer() or value % of == 0


_TESTS: Final[Mapping[str, tuple[Callable[[float, float], bool], str]]] = MappingProxyType(
    {
        "ge": (operator.ge, "at least"),
        "gt": (operator.gt, "more than"),
        "le": (operator.le, "at most"),
        "lt": (operator.lt, "less than"),
        "multiple_of": (_is_multiple, "a multiple of"),
        "min_length": (operator.ge, "no shorter than"),
        "max_length": (operator.le, "no longer than"),
    }
)
LENGTHS: Final = frozenset({"min_length", "max_length"})
NUMERIC: Final = _TESTS.keys() - LENGTHS


def violated(limits: Iterable[tuple[str, float | str]], value: Any) -> Iterator[str]:
    """Each limit that a value is outside of, in words (`at least 1`); none for a value of another kind."""
    for word, limit in limits:
        if word == "pattern":
            if isinstance(value, str) and not _matches(str(limit), value):
                yield f"a text like `{limit}`"
            continue
        number = float(limit)
        if word in LENGTHS and isinstance(value, str | list):
            measured: float | None = len(value)
        elif word in NUMERIC and isinstance(value, int | float) and not isinstance(value, bool):
            measured = value
        else:
            measured = None
        holds, words = _TESTS[word]
        if measured is not None and not holds(measured, number):  # NaN is within none
            yield f"{words} {number:.15g}"


def _matches(pattern: str, text: str) -> bool:
    """Whether pydantic finds a pattern in a text; also where it cannot read the pattern."""
    from pydantic_core import SchemaError, ValidationError

    try:
        _validator(pattern).validate_python(text)
    except ValidationError:
        return False
    except SchemaError:
        pass
    return True


@lru_cache(maxsize=256)
def _validator(pattern: str) -> SchemaValidator:
    from pydantic_core import SchemaValidator, core_schema

    return SchemaValidator(core_schema.str_schema(pattern=pattern))
