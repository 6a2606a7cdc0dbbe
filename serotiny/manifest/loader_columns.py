"""Find the columns that a loader takes, from the declaration of its class.

A class declares them in its attribute `columns`, in one of two forms:

    columns = ("age", "{column}")                       all of these; `{column}` is the value of that parameter
    columns = {"startswith": "{prefix}", "excludes": "_raw"}     those that satisfy every condition

The value of a parameter may be a name, a list of names, or None. A job reads it from the object, a check from the
config.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from serotiny.manifest.selection import ColumnSelection

Declaration = Sequence[str] | Mapping[str, str]
_PARAMETER = re.compile(r"\{(\w+)\}")
CONDITIONS = tuple(ColumnSelection.__dataclass_fields__)


@dataclass(frozen=True)
class Wanted:
    """The columns that a loader takes.

    Attributes:
        names: required columns, each with the parameter that names it ("" if the class itself does).
        selection: the selection of further columns; None if there are none.
    """

    names: tuple[tuple[str, str], ...] = ()
    selection: ColumnSelection | None = None

    def of(self, header: Sequence[str]) -> list[str]:
        """The columns in `header` that are taken, in its order; missing ones are reported by the loader itself."""
        exact = {name for name, _ in self.names}
        select = self.selection
        return [name for name in header if name in exact or (select is not None and select.matches(name))]


def is_declaration(value: object) -> TypeGuard[Declaration]:
    """Whether the value of a class attribute `columns` is a declaration."""
    if isinstance(value, Mapping):
        return all(key in CONDITIONS and isinstance(item, str) for key, item in value.items())
    return isinstance(value, tuple | list) and all(isinstance(item, str) for item in value)


def wanted(declaration: Declaration, value_of: Callable[[str], Any]) -> Wanted | None:
    """Evaluate a declaration with arguments; None if an argument is neither a name nor a list of names.

    Args:
        declaration: the class attribute.
        value_of: returns the value of a parameter.

    Raises:
        ManifestError: no condition is given, or a regular expression is invalid.
    """
    if isinstance(declaration, Mapping):
        given = {condition: _value(entry, value_of) for condition, entry in declaration.items()}
        names = given.pop("columns", None)
        if isinstance(names, str):
            names = (names,)
        if not (names is None or _are_texts(names)):
            return None
        if not all(value is None or isinstance(value, str) for value in given.values()):
            return None
        return Wanted(selection=ColumnSelection(columns=None if names is None else tuple(names), **given))
    found: list[tuple[str, str]] = []
    for entry in declaration:
        value = _value(entry, value_of)
        parameter = _PARAMETER.fullmatch(entry)
        named_by = parameter[1] if parameter else ""
        if value is None:
            continue
        if isinstance(value, str):
            found.append((value, named_by))
        elif _are_texts(value):
            found += [(name, named_by) for name in value]
        else:
            return None
    return Wanted(tuple(found))


def parameters(declaration: Declaration) -> tuple[str, ...]:
    """The parameters that a declaration refers to."""
    entries = declaration.values() if isinstance(declaration, Mapping) else declaration
    return tuple(found[1] for entry in entries if (found := _PARAMETER.fullmatch(entry)))


def _value(entry: str, value_of: Callable[[str], Any]) -> Any:
    parameter = _PARAMETER.fullmatch(entry)
    return value_of(parameter[1]) if parameter else entry


def _are_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
