"""Select columns of a table by their names, without pandas or torch, so that a check can use it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final

from serotiny.diagnostics import did_you_mean
from serotiny.diagnostics.counts import first_of
from serotiny.manifest.errors import ManifestError

if TYPE_CHECKING:
    from pydantic_core import SchemaValidator

_LONGEST: Final = 300
_SHOWN: Final = 100
_NESTED: Final = re.compile(r"[*+}][^()\[\]]*\)[*+{]")


@dataclass(frozen=True, kw_only=True)
class ColumnSelection:
    """The columns that satisfy all given conditions.

    Attributes:
        columns: Exact names, each of which must exist. They are the order of the result;
            otherwise it has the order of the table.
        startswith: A text that a name must start with.
        endswith: A text that a name must end with.
        contains: A text that a name must contain.
        excludes: A text that a name must not contain.
        regex: A regular expression that must match somewhere in the name (`re.search`).
    """

    columns: tuple[str, ...] | None = None
    startswith: str | None = None
    endswith: str | None = None
    contains: str | None = None
    excludes: str | None = None
    regex: str | None = None

    def __post_init__(self) -> None:
        if not self._given:
            raise ManifestError(
                "no condition on the columns; give at least one of "
                "`columns`, `startswith`, `endswith`, `contains`, `excludes`, `regex`"
            )
        if self.regex is not None:
            _search(self.regex, "")

    def matches(self, name: str) -> bool:
        """Whether `name` satisfies all conditions, its presence in `columns` included."""
        return (
            (self.columns is None or name in self._named)
            and (self.startswith is None or name.startswith(self.startswith))
            and (self.endswith is None or name.endswith(self.endswith))
            and (self.contains is None or self.contains in name)
            and (self.excludes is None or self.excludes not in name)
            and (self.regex is None or _search(self.regex, name))
        )

    def select(self, header: Sequence[str]) -> list[str]:
        """The selected names in `header`, at least one.

        Raises:
            ManifestError: one of `columns` is not in the header, or no name is selected.
        """
        known = set(header)
        for name in self.columns or ():
            if name not in known:
                raise missing_column(name, header)
        selected = [name for name in (self.columns or header) if self.matches(name)]
        if not selected:
            raise ManifestError(f"no column matches {self}; the columns are {listing(header)}")
        return selected

    def __str__(self) -> str:
        return ", ".join(f"`{name}={value!r}`" for name, value in self._given.items())

    @cached_property
    def _named(self) -> frozenset[str]:
        return frozenset(self.columns or ())

    @property
    def _given(self) -> dict[str, object]:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


def _search(pattern: str, name: str) -> bool:
    """Whether a regular expression matches somewhere in a name, in a time that is linear in the name's length.

    Raises:
        ManifestError: it is not a regular expression, or one that may take exponential time.
    """
    try:
        expression = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ManifestError(f"`{pattern[:_SHOWN]}` is not a regular expression: {error}") from error
    linear = _linear(pattern)
    if linear is not None:
        return linear.isinstance_python(name)
    if len(pattern) > _LONGEST or _NESTED.search(pattern):
        raise ManifestError(
            f"`{pattern[:_SHOWN]}` may take for ever: it repeats what repeats, beside what needs backtracking"
        )
    return expression.search(name[:_LONGEST]) is not None


@cache
def _linear(pattern: str) -> SchemaValidator | None:
    """The expression in an engine without backtracking; None if it lacks a feature (look-around, back-references)."""
    # imported here, since few loaders have a pattern, and the import would slow down every check
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern))
    except SchemaError:
        return None


def missing_column(name: str, header: Sequence[str]) -> ManifestError:
    """The error for a column that is not in a table."""
    help_ = did_you_mean(name, header)
    return ManifestError(f"no column `{name}`; " + (help_ or f"the columns are {listing(header)}"))


def listing(names: Sequence[str], at_most: int = 8) -> str:
    """Names for a message: the first ones, and the number of the others."""
    if not names:
        return "none"
    shown = [f"`{name if len(name) <= _SHOWN else name[: _SHOWN - 1] + '…'}`" for name in names]
    return first_of(shown, at_most)
