"""Classes that a call makes: `make_dataclass("Size", ["height"])`, `type("Net", (Base,), {})`."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from serotiny.targets.names.symbols import constant
from serotiny.targets.signature import Parameter
from serotiny.targets.signatures.call_shape import NOTHING, CallShape

if TYPE_CHECKING:
    from collections.abc import Callable

    from serotiny.targets.signatures.annotations import Context
    from serotiny.targets.signatures.parameters import ParameterReader

MAKE_DATACLASS: Final = "dataclasses.make_dataclass"
TYPE: Final = "builtins.type"
_CONSTRUCTING: Final = frozenset({"__init__", "__new__", "__call__"})


def made_dataclass_shape(call: ast.Call, parameters: ParameterReader, context: Context) -> CallShape | None:
    """What calling a class of `make_dataclass` takes; None where its fields are not written out."""
    if len(call.args) != 2 or call.keywords or not isinstance(call.args[1], ast.List | ast.Tuple):
        return None
    found = [_dataclass_field(item, parameters, context) for item in call.args[1].elts]
    return CallShape(tuple(field for field in found if field is not None)) if None not in found else None


def _dataclass_field(item: ast.expr, parameters: ParameterReader, context: Context) -> Parameter | None:
    match item:
        case ast.Constant(value=str(name)):
            return Parameter(name=name, required=True)
        case ast.Tuple(elts=[ast.Constant(value=str(name)), annotation]):
            return parameters.parameter(name, annotation, default=None, context=context)
        case ast.Tuple(elts=[ast.Constant(value=str(name)), annotation, default]):
            if isinstance(default, ast.Call):
                return _with_options(name, annotation, default, parameters, context)
            return parameters.parameter(name, annotation, default=default, context=context)
        case _:
            return None


def _with_options(
    name: str, annotation: ast.expr, call: ast.Call, parameters: ParameterReader, context: Context
) -> Parameter | None:
    """A field with `field(…)`; None where that may be something else, or where it is no parameter."""
    options = {keyword.arg for keyword in call.keywords}
    if call.args or not options <= {"default", "default_factory"}:
        return None
    found = parameters.parameter(name, annotation, default=None, context=context)
    return replace(found, required=not options)


def made_class_shape(call: ast.Call, shape_of: Callable[[ast.expr], CallShape]) -> CallShape | None:
    """What calling a class of `type(name, bases, namespace)` takes; None where that is not written out."""
    match call:
        case ast.Call(args=[_, ast.Tuple(elts=bases), ast.Dict(keys=keys)], keywords=[]):
            names = [constant(key) for key in keys]
            is_plain = all(isinstance(name, str) and name not in _CONSTRUCTING for name in names)
            if not is_plain or len(bases) > 1:
                return None
            return shape_of(bases[0]) if bases else NOTHING
        case _:
            return None
