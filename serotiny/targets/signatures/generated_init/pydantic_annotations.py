"""What the annotations of pydantic's fields hold beside a type: options, limits, and validators that change a value first."""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.written_names import last_name
from serotiny.targets.names.symbols import ValueSymbol, constant
from serotiny.targets.signatures.annotations import Context
from serotiny.targets.signatures.parameters import literal
from serotiny.targets.value_types import types as t

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.value_types.limits import Limits

_NUMERIC: Final = ("ge", "gt", "le", "lt", "multiple_of")
OF_TEXTS: Final = ("min_length", "max_length", "pattern")
_SIGNS: Final[Mapping[str, tuple[str, float]]] = MappingProxyType(
    {"Positive": ("gt", 0), "NonNegative": ("ge", 0), "Negative": ("lt", 0), "NonPositive": ("le", 0)}
)
_NUMBERS: Final = ("Int", "Float")
CALLS: Final[Mapping[str, t.ValueType]] = MappingProxyType(
    {"conint": t.INT, "confloat": t.FLOAT, "constr": t.STR, "conbytes": t.BYTES}
)
_STRICT: Final = frozenset(f"Strict{name}" for name in ("Bool", "Bytes", "Float", "Int", "Str"))
_TESTS: Final = MappingProxyType(
    {
        **{"Ge": "ge", "Gt": "gt", "Le": "le", "Lt": "lt", "MultipleOf": "multiple_of"},
        **{"MinLen": "min_length", "MaxLen": "max_length"},
    }
)
_DEEPEST: Final = 4
"""The length of chains of aliases that are followed."""


def calls_in(annotation: ast.expr | None, context: Context, resolver: NameResolver) -> Iterator[ast.Call]:
    """The calls in an annotation, and in the aliases that it names: `Annotated[int, BeforeValidator(…)]`."""
    if annotation is None or context.depth >= _DEEPEST:
        return
    for node in ast.walk(annotation):
        match node:
            case ast.Call():
                yield node
            case ast.Name() | ast.Attribute():
                alias = resolver.expression(context.module, context.scopes, node)
                if isinstance(alias, ValueSymbol):
                    inner = Context(alias.module, alias.outer, depth=context.depth + 1)
                    yield from calls_in(alias.value, inner, resolver)
            case _:
                pass


def may_be_true(found: Mapping[str, ast.expr | None], name: str) -> bool:
    """Whether an option is given and not plainly false."""
    return name in found and constant(found[name]) is not False


def _metadata(annotation: ast.expr | None) -> Sequence[ast.expr]:
    """What stands behind the type in `Annotated[int, …]`."""
    match annotation:
        case ast.Subscript(value=form, slice=ast.Tuple(elts=[_, *rest])) if last_name(form) == "Annotated":
            return rest
        case _:
            return ()


def called_name(expression: ast.expr | None) -> str:
    """The last part of the name of what a call calls; empty for anything else."""
    return last_name(expression.func) if isinstance(expression, ast.Call) else ""


def field_options(annotation: ast.expr | None) -> Iterator[tuple[str, ast.expr]]:
    """The options of `Annotated[int, Field(…)]`."""
    for item in _metadata(annotation):
        if isinstance(item, ast.Call) and called_name(item) == "Field":
            yield from ((keyword.arg, keyword.value) for keyword in item.keywords if keyword.arg is not None)


def is_strict(annotation: ast.expr | None) -> bool:
    """Whether an annotation takes values of its own type alone: `StrictInt`, `Annotated[int, Strict()]`."""
    match annotation:
        case ast.Name() | ast.Attribute():
            return last_name(annotation) in _STRICT
        case ast.Call(keywords=keywords) if called_name(annotation) in CALLS:
            return any(word.arg == "strict" and constant(word.value) is True for word in keywords)
        case _:
            return any(
                called_name(item) == "Strict" and ast.unparse(item).endswith("()")
                for item in _metadata(annotation)
            )


def limits_in(annotation: ast.expr | None) -> Iterator[tuple[str, float | str]]:
    """The limits that an annotation names: `PositiveInt`, `conint(gt=0)`, `Annotated[int, Gt(0)]`."""
    match annotation:
        case ast.BinOp(left=left, op=ast.BitOr(), right=ast.Constant(value=None)):
            yield from limits_in(left)
        case ast.Name() | ast.Attribute():
            name = last_name(annotation)
            yield from (
                limit
                for sign, limit in _SIGNS.items()
                if any(name == f"{sign}{number}" for number in _NUMBERS)
            )
        case ast.Call(keywords=keywords) if called_name(annotation) in CALLS:
            yield from limits_of({word.arg: word.value for word in keywords if word.arg is not None})
        case _:
            for item in _metadata(annotation):
                if isinstance(item, ast.Call) and called_name(item) == "StringConstraints":
                    yield from limits_of(
                        {word.arg: word.value for word in item.keywords if word.arg is not None}
                    )
                elif isinstance(item, ast.Call) and called_name(item) in _TESTS and item.args:
                    yield from limits_of({_TESTS[called_name(item)]: item.args[0]})


def limits_of(options: Mapping[str, ast.expr]) -> Limits:
    """What `Field(gt=0)` asks of a value."""
    found = [(word, literal(options[word])[1]) for word in (*_NUMERIC, *OF_TEXTS) if word in options]
    return tuple((word, limit) for word, limit in found if isinstance(limit, int | float | str))
