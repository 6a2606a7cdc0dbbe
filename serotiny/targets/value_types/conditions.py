"""Conditions on plain values, written in a small part of Python: what a constructor tests before it raises."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

_OF_NUMBERS: Final = MappingProxyType(
    {
        "bool": (bool,),
        "int": (bool, int),
        "Integral": (bool, int),
        "float": (float,),
        "Number": (bool, int, float),
        "Real": (bool, int, float),
        "NoneType": (type(None),),
    }
)
CLASSES: Final = frozenset(_OF_NUMBERS) | {
    *(
        "Tensor",
        "ndarray",
        "str",
        "bytes",
        "Path",
        "list",
        "tuple",
        "dict",
        "set",
        "Sequence",
        "Iterable",
        "Mapping",
    ),
    *("Module", "Callable", "timedelta"),
}
"""The classes of which an `isinstance` can be judged, by the last part of their names."""

_COMPARED: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], bool]]] = MappingProxyType(
    {
        ast.Lt: operator.lt,
        ast.LtE: operator.le,
        ast.Gt: operator.gt,
        ast.GtE: operator.ge,
        ast.Eq: operator.eq,
        ast.NotEq: operator.ne,
        ast.Is: operator.is_,
        ast.IsNot: operator.is_not,
        ast.In: lambda left, right: left in right,
        ast.NotIn: lambda left, right: left not in right,
    }
)
_RECKONED: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = MappingProxyType(
    {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
        ast.FloorDiv: operator.floordiv,
        ast.Mod: operator.mod,
    }
)


_REMEMBERED: Final = 2048
"""Conditions whose parts are kept: each job asks for those of its targets."""

_INSTALLED: Final = "installed"
_IMPORTABLE: Final = "importable"
_FUNCTIONS: Final = frozenset({"all", "any", "isinstance", "len", "list", "tuple", _INSTALLED, _IMPORTABLE})
ITEM: Final = "_item"
"""The name of an element in a condition on each of a list."""


class PlainList(list[Any]):
    """A list that code certainly gets as a list."""


class UnknownValueError(Exception):
    """An expression cannot be evaluated with the values that are known."""


class Missing(NamedTuple):
    """A package that is not installed: a requirement as pip takes it, or the name that an import gives it."""

    name: str
    is_requirement: bool


def not_installed(missing: Missing) -> ast.Call:
    """The part of a condition that is false because a package is not installed; those that are installed are left out."""
    function = _INSTALLED if missing.is_requirement else _IMPORTABLE
    return ast.Call(ast.Name(function), [ast.Constant(missing.name)], [])


@lru_cache(maxsize=_REMEMBERED)
def packages_in(text: str) -> tuple[Missing, ...]:
    """The packages that a condition finds missing."""
    return tuple(
        Missing(str(argument.value), inner.func.id == _INSTALLED)
        for inner in ast.walk(_parsed(text))
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name)
        if inner.func.id in (_INSTALLED, _IMPORTABLE)
        for argument in inner.args
        if isinstance(argument, ast.Constant)
    )


@lru_cache(maxsize=_REMEMBERED)
def names_in(text: str) -> tuple[str, ...]:
    """The names of values in a condition or message, in order, each once."""
    found = [inner for inner in ast.walk(_parsed(text)) if isinstance(inner, ast.Name)]
    found.sort(key=lambda name: (name.lineno, name.col_offset))
    return tuple(dict.fromkeys(name.id for name in found if name.id not in CLASSES | _FUNCTIONS | {ITEM}))


def evaluate(text: str, values: Mapping[str, Any]) -> Any:
    """The value of an expression.

    Raises:
        UnknownValueError: it needs a value that is not there, or is not of the part of Python that is understood.
    """
    try:
        return _value(_parsed(text), values)
    except (TypeError, ValueError, ArithmeticError, LookupError, SyntaxError, RecursionError) as error:
        raise UnknownValueError from error


@lru_cache(maxsize=_REMEMBERED)
def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return values[name]
        case ast.Subscript(value=inner, slice=ast.Constant(value=int() as index)):
            row = _value(inner, values)
            return row[index] if isinstance(row, list | tuple) else _unknown()
        case ast.Call(func=ast.Name(id="len"), args=[inner]):
            return len(_value(inner, values))
        case ast.Call(func=ast.Name(id="list" | "tuple"), args=[inner]):
            return [*_row(inner, values)]
        case ast.Call(
            func=ast.Name(id="any" | "all" as name),
            args=[ast.GeneratorExp(elt=test, generators=[ast.comprehension(iter=row)])],
        ):
            return _of_each(test, [*_row(row, values)], values, decides=name == "any")
        case ast.Call(func=ast.Name(id="installed" | "importable")):
            return False
        case ast.Call(func=ast.Name(id="isinstance"), args=[inner, ast.Tuple(elts=classes)]):
            return _is_instance(_value(inner, values), [ast.unparse(item) for item in classes])
        case ast.Tuple(elts=items):
            return tuple(
                value
                for item in items
                for value in (
                    _row(item.value, values) if isinstance(item, ast.Starred) else (_value(item, values),)
                )
            )
        case ast.JoinedStr(values=parts):
            return "".join(str(_value(part, values)) for part in parts)
        case ast.FormattedValue(value=inner):
            return _value(inner, values)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _value(body if _value(test, values) else orelse, values)
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return not _value(inner, values)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner, values)
        case ast.BinOp(left=left, op=by, right=right):
            sides = _value(left, values), _value(right, values)
            # text has a `%` and a `*` of its own
            return _RECKONED[type(by)](*sides) if all(map(_is_number, sides)) else _unknown()
        case ast.BoolOp(op=by, values=parts):
            return _joined(parts, values, decides=isinstance(by, ast.Or))
        case ast.Compare(left=left, ops=operators, comparators=others):
            sides_of = [_value(side, values) for side in (left, *others)]
            pairs = zip(operators, sides_of, sides_of[1:], strict=False)
            return all(_compared(by, one, other) for by, one, other in pairs)
        case _:
            return _unknown()


def _compared(by: ast.cmpop, left: Any, right: Any) -> bool:
    """Whether a comparison holds; whether a list of a config and one of the source are of one kind is not known."""
    if isinstance(left, list | tuple) and isinstance(by, ast.Eq | ast.NotEq | ast.In | ast.NotIn):
        others = right if isinstance(by, ast.In | ast.NotIn) else [right]
        if any(_contents(left) == _contents(other) for other in others):
            return bool(_unknown())
    return _COMPARED[type(by)](left, right)


def _contents(value: Any) -> Any:
    return [*map(_contents, value)] if isinstance(value, list | tuple) else value


def _joined(parts: list[ast.expr], values: Mapping[str, Any], decides: bool) -> bool:
    """The truth of parts joined by `or` (`decides`: a true part does) or by `and` (a false one does)."""
    is_known = True
    for part in parts:
        try:
            if bool(_value(part, values)) is decides:
                return decides
        except (UnknownValueError, TypeError, ValueError, ArithmeticError, LookupError):
            if not decides:
                raise  # Python does not reach what follows
            is_known = False
    return not decides if is_known else _unknown()


def _row(node: ast.expr, values: Mapping[str, Any]) -> Sequence[Any]:
    """The elements of a list."""
    row = _value(node, values)
    return row if isinstance(row, list | tuple) else _unknown()


def _of_each(test: ast.expr, row: Sequence[Any], values: Mapping[str, Any], *, decides: bool) -> bool:
    """Whether a test holds for an element (`decides`: one that it holds for does), or for all."""
    is_known = True
    for item in row:
        try:
            if bool(_value(test, {**values, ITEM: item})) is decides:
                return decides
        except (UnknownValueError, TypeError, ValueError, ArithmeticError, LookupError):
            is_known = False
    return not decides if is_known else bool(_unknown())


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _is_instance(value: Any, classes: list[str]) -> bool:
    if isinstance(value, str) and "str" in classes:
        return True
    if type(value) is PlainList:
        return not {"list", "Sequence", "Iterable"}.isdisjoint(classes)
    if isinstance(value, list | tuple):
        if "Iterable" in classes:
            return True
        if _OF_NUMBERS.keys() >= {*classes}:
            return False
    if value is not None and not _is_number(value):
        return bool(_unknown())  # of a list, or of a text for other classes, a job may make something else
    return any(type(value) in _OF_NUMBERS.get(name, ()) for name in classes)


def _unknown() -> Any:
    raise UnknownValueError


def without_not(condition: str) -> str:
    """A condition as a person writes it: `x is None` in the place of `not x is not None`."""
    return ast.unparse(_Turned().visit(ast.parse(condition, mode="eval")))


class _Turned(ast.NodeTransformer):
    """Turns comparisons that are denied into their opposites."""

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        match self.generic_visit(node):
            case ast.UnaryOp(
                op=ast.Not(), operand=ast.Compare(left=left, ops=[sign], comparators=others)
            ) if type(sign) in _OPPOSITES:
                return ast.Compare(left, [_OPPOSITES[type(sign)]()], others)
            case _:
                return node


_OPPOSITES: Final[Mapping[type[ast.cmpop], type[ast.cmpop]]] = MappingProxyType(
    {
        ast.Is: ast.IsNot,
        ast.IsNot: ast.Is,
        ast.In: ast.NotIn,
        ast.NotIn: ast.In,
        ast.Eq: ast.NotEq,
        ast.NotEq: ast.Eq,
    }
)
"""Without `<` and `>`: neither holds of what is no number."""
