"""The constructors of named tuples that a call makes: `namedtuple("Size", "height width")`."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from serotiny.targets.signatures.call_shape import CallShape
from serotiny.targets.signatures.class_kinds import field_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serotiny.targets.signatures.annotations import Context
    from serotiny.targets.signatures.parameters import ParameterReader

NAMED_TUPLES: Final = frozenset({"collections.namedtuple", "typing.NamedTuple"})
"""The functions that make one of their name and their fields."""


def named_tuple_shape(call: ast.Call, parameters: ParameterReader, context: Context) -> CallShape | None:
    """What calling a named tuple takes; None where its fields are not written out."""
    options = {keyword.arg: keyword.value for keyword in call.keywords}
    by_name = [options.pop(name) for name in ("typename", "field_names") if name in options]
    given = [*call.args, *by_name]
    if len(given) != 2 or options.keys() - {"defaults", "module"}:
        return None
    fields = field_names(given[1])
    if fields is None:
        return None
    made = [
        parameters.parameter(name, annotation, default=None, context=context) for name, annotation in fields
    ]
    shape = CallShape(tuple(made))
    match options.get("defaults"):
        case None | ast.Constant(value=None):
            return shape
        case ast.Tuple(elts=defaults) | ast.List(elts=defaults) if not _has_rest(defaults):
            first = len(made) - len(defaults)
            return CallShape(
                tuple(replace(found, required=index < first) for index, found in enumerate(made))
            )
        case _:
            return shape.optional()


def _has_rest(items: Sequence[ast.expr]) -> bool:
    return any(isinstance(item, ast.Starred) for item in items)
