"""What the validators and converters of attrs take."""

from __future__ import annotations

import ast
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from serotiny.targets.signatures.body.questions import classes_of
from serotiny.targets.signatures.generated_init.enums import equal_values
from serotiny.targets.signatures.parameters import literal
from serotiny.targets.value_types import types as t

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import ClassSymbol
    from serotiny.targets.signature import Parameter

_CONVERTED: Final[Mapping[str, t.ValueType]] = MappingProxyType(
    {"float": t.union(t.ParsedType(t.FLOAT), t.BOOL), "int": t.union(t.ParsedType(t.INT), t.FLOAT, t.BOOL)}
)
"""The name of a converter → what it makes a number of."""


def converted(parameter: Parameter, converter: ast.expr) -> Parameter:
    """The parameter of a field with what its converter takes."""
    number = _CONVERTED.get(ast.unparse(converter))
    return parameter if number is None else replace(parameter, type=number, body=None)


_MODULES: Final = ("attr.validators.", "attrs.validators.")
_LIMITS: Final = MappingProxyType(
    {
        **{name: name for name in ("ge", "gt", "le", "lt")},
        **{"min_len": "min_length", "max_len": "max_length"},
    }
)


def as_validated(
    parameter: Parameter, validator: ast.expr, owner: ClassSymbol, resolver: NameResolver
) -> Parameter:
    """The parameter of a field with what its validators take; of those that are not attrs' own nothing is known."""
    for name, call in _parts(validator, owner, resolver):
        first = call.args[0] if call.args else None
        known, value = (False, None) if first is None else literal(first)
        also = _ALSO.get(name, ())
        if name in _LIMITS and isinstance(value, int | float):
            parameter = replace(parameter, limits=(*parameter.limits, (_LIMITS[name], value)))
        elif name == "matches_re" and len(call.args) == 1 and isinstance(value, str):
            pattern = () if call.keywords else (("pattern", rf"\A(?:{value})\z"),)
            parameter = replace(parameter, limits=(*parameter.limits, *pattern))
        elif name == "in_" and known and isinstance(value, list):
            plain = tuple(item for item in value if isinstance(item, str | int | float | bool | None))
            if len(plain) == len(value):
                named = t.LiteralType(tuple(equal_values(plain)))
                parameter = replace(parameter, type=named, body=None)
        elif name == "instance_of" and first is not None:
            also = _instances(first)
        if name == "optional":
            parameter = replace(parameter, type=t.union(parameter.type, t.NONE))
        elif also:
            parameter = replace(parameter, type=t.union(parameter.type, *also), body=None)
    return parameter


_ANY_LENGTH: Final = (t.STR, t.ListType(t.ANY), t.MappingType(t.ANY, t.ANY))
_ALSO: Final[Mapping[str, tuple[t.ValueType, ...]]] = MappingProxyType(
    {
        **dict.fromkeys(("ge", "gt", "le", "lt"), (t.FLOAT, t.BOOL)),
        **dict.fromkeys(("min_len", "max_len"), _ANY_LENGTH),
        "matches_re": (t.STR,),
    }
)
"""What validators let pass, beside what is annotated; nothing else has an order, or a length."""


def _instances(classes: ast.expr) -> tuple[t.ValueType, ...]:
    """What an `instance_of` takes: values of its classes, and a bool, which is an int; none where one is not known."""
    items = classes.elts if isinstance(classes, ast.Tuple) else [classes]
    known = [[] if isinstance(item, ast.BinOp) else classes_of(item) for item in items]
    return (*(found for of_item in known for found in of_item), t.BOOL) if all(known) else ()


def _parts(validator: ast.expr, owner: ClassSymbol, resolver: NameResolver) -> Iterator[tuple[str, ast.Call]]:
    """The validators that must all pass, each by the name that attrs gives it."""
    match validator:
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            name, inner = "", parts
        case ast.Call(func=function, args=parts):
            path = resolver.imported_path(owner.module, owner.outer, function) or ""
            name = path.rpartition(".")[2] if path.startswith(_MODULES) else ""
            inner = parts if name in ("and_", "optional") else []
        case _:
            name, inner = "", []
    for part in inner:
        yield from _parts(part, owner, resolver)
    if name not in ("", "and_"):
        assert isinstance(validator, ast.Call)
        yield name, validator
