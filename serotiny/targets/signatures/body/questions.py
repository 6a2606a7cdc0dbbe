"""The types that a body handles, by its tests of a parameter: `x is None`, `isinstance(x, dict)`, `x == "auto"`."""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.written_names import last_name
from serotiny.targets.value_types import types as t

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from serotiny.targets.signatures.body.subjects import Body

_ROW: Final = t.ListType(t.ANY)
_MAPPING: Final = t.MappingType(t.ANY, t.ANY)

BY_CLASS: Final[Mapping[str, t.ValueType]] = MappingProxyType(
    {
        **dict.fromkeys(("str",), t.STR),
        **dict.fromkeys(("bool",), t.BOOL),
        **dict.fromkeys(("int", "Integral"), t.INT),
        **dict.fromkeys(("float", "Number", "Real"), t.FLOAT),
        **dict.fromkeys(("list", "tuple", "set", "Sequence", "Iterable", "ListConfig", "Collection"), _ROW),
        **dict.fromkeys(("dict", "Mapping", "MutableMapping", "DictConfig", "OrderedDict"), _MAPPING),
        **dict.fromkeys(("NoneType",), t.NONE),
    }
)
"""The value types of classes in `isinstance`, by the last part of their names."""

SOME_NUMBER: Final = t.union(t.INT, t.FLOAT)
"""The type of what is compared with a number; the comparison does not say which kind of number it is."""

_ASKING: Final = frozenset({"isinstance", "type", "hasattr", "callable", "issubclass"})
_MATCHING: Final = frozenset({"match", "fullmatch", "search", "findall", "finditer", "split"})
_WHOLE: Final = frozenset({"locals", "vars"})
"""Functions that give all parameters at once."""
_OF_TEXTS: Final = frozenset({"int", "float", "complex", "ast.literal_eval", "literal_eval", "json.loads"})
"""Functions that make something else of a text, or fail with it."""
_OF_CONVERSIONS: Final = frozenset({"ValueError", "Exception", "BaseException"})
MAPPING_METHODS: Final = frozenset({"items", "values", "keys"})


def readiness(bodies: Iterable[Body]) -> dict[str, list[t.ValueType]]:
    """Parameter → the types that its body handles."""
    found: dict[str, list[t.ValueType]] = {}
    for body in bodies:
        for name, value_type in _asked(body):
            found.setdefault(name, []).append(value_type)
    return found


def is_asked(body: Body, name: str) -> bool:
    """Whether a body distinguishes values of a parameter by their class, and so may take any."""
    refused = _refusing_tests(body.node)
    for node in ast.walk(body.node):
        match node:
            case _ if id(node) in refused:
                continue
            case ast.Call(func=ast.Name(id=function), args=[subject, *_]) if function in _ASKING:
                if body.subject(subject) == name:
                    return True
            case _:
                pass
    return False


def attributes_read(bodies: Iterable[Body], name: str) -> tuple[str, ...]:
    """The attributes that bodies read of a parameter."""
    found = (
        node.attr
        for body in bodies
        for node in ast.walk(body.node)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Load)
        and body.subject(node.value) == name
    )
    return tuple(dict.fromkeys(found))


def _asked(body: Body) -> Iterator[tuple[str, t.ValueType]]:
    refused = _refusing_tests(body.node)
    for node in ast.walk(body.node):
        match node:
            # also in a condition that raises: after `if x < 0: raise`, x may be a number
            case ast.Compare(
                left=left, ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()], comparators=[right]
            ):
                for one, other in ((left, right), (right, left)):
                    if isinstance(other, ast.Constant) and isinstance(other.value, int | float):
                        yield from _named(body, one, [SOME_NUMBER])
            # also where what does not match is refused
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=attr), args=[_, subject, *_]):
                yield from _named(body, subject, [t.STR] if attr in _MATCHING else [])
            case _ if id(node) in refused:
                continue
            case ast.Compare(left=left, ops=[operator], comparators=[right]):
                yield from _compared(body, left, operator, right)
            case ast.Call(func=ast.Name(id="isinstance"), args=[subject, classes]):
                yield from _named(body, subject, classes_of(classes))
            case ast.Call(func=ast.Name(id="dict"), args=[subject]):
                yield from _named(body, subject, [_MAPPING])
            case ast.Call(func=ast.Attribute(value=subject, attr=method)) if method in MAPPING_METHODS:
                yield from _named(body, subject, [_MAPPING])
            case ast.keyword(arg=None, value=subject):
                yield from _named(body, subject, [_MAPPING])
            case ast.Dict(keys=keys, values=values):
                for key, subject in zip(keys, values, strict=True):
                    yield from _named(body, subject, [_MAPPING]) if key is None else ()
            case ast.Match(subject=subject, cases=cases):
                yield from _named(body, subject, [kind for case in cases for kind in _matched(case.pattern)])
            case ast.Try(body=tried, handlers=handlers) if any(map(_catches_texts, handlers)):
                for inner in (inner for statement in tried for inner in ast.walk(statement)):
                    if isinstance(inner, ast.Call) and ast.unparse(inner.func) in _OF_TEXTS and inner.args:
                        yield from _named(body, inner.args[0], [t.STR])
            case ast.For(iter=subject) | ast.comprehension(iter=subject) | ast.Starred(value=subject):
                yield from _named(body, subject, [_ROW])
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
                yield from _named(body, test, [t.NONE])
                yield from _made_of_others(body, node)
            case ast.UnaryOp(op=ast.Not(), operand=subject):
                yield from _named(body, subject, [t.NONE])
            case ast.BoolOp(values=values):
                for subject in values:
                    yield from _named(body, subject, [t.NONE])
            case _:
                pass


def _made_of_others(body: Body, node: ast.AST) -> Iterator[tuple[str, t.ValueType]]:
    """Anything, where a body makes an object of what is not one of some class yet: `if not isinstance(x, Module): x = build(x)`."""
    match node:
        case ast.If(test=ast.UnaryOp(op=ast.Not(), operand=test), body=made):
            others: list[ast.AST] = [*made]
        case ast.If(test=test, orelse=[ast.stmt() as first, *rest]) if not isinstance(first, ast.If):
            others = [first, *rest]
        case ast.IfExp(test=test, orelse=made_of):
            others = [made_of]
        case _:
            return
    match test:
        case ast.Call(func=ast.Name(id="isinstance"), args=[subject, ast.Name() | ast.Attribute() as asked]):
            name = body.subject(subject)
        case _:
            return
    if name is None or classes_of(asked):
        return
    given = (
        item
        for other in others
        for call in ast.walk(other)
        if isinstance(call, ast.Call)
        for item in (*call.args, *(keyword.value for keyword in call.keywords))
    )
    if any(body.subject(item) == name for item in given):
        yield name, t.ANY


def is_decided_by(bodies: Sequence[Body], name: str) -> bool:
    """Whether a body compares a parameter with written-out text or looks it up, or does nothing with it at all."""
    used = False
    for body in bodies:
        for node in ast.walk(body.node):
            if any(body.subject(subject) == name for subject in _compared_subjects(node)):
                return True
            used |= isinstance(node, ast.expr) and body.subject(node) == name
    return not used


def is_unused(bodies: Sequence[Body], name: str) -> bool:
    """Whether nothing in bodies stands for a parameter, or spells its name; a stub may stand for anything."""
    return not all(map(_is_stub, bodies)) and not any(
        (isinstance(node, ast.expr) and body.subject(node) == name)
        or (isinstance(node, ast.Constant) and node.value == name)
        or (isinstance(node, ast.Call) and ast.unparse(node.func) in _WHOLE)
        for body in bodies
        for node in ast.walk(body.node)
    )


def _is_stub(body: Body) -> bool:
    return all(isinstance(item, ast.Pass | ast.Raise) or _is_literal(item) for item in body.node.body)


def _is_literal(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _compared_subjects(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Compare(
            left=left, ops=[ast.Eq() | ast.NotEq() | ast.In() | ast.NotIn()], comparators=[right]
        ):
            yield from (left, right)
        case ast.Subscript(value=ast.Dict() | ast.Name() | ast.Attribute(), slice=index):
            yield index
        case ast.Match(subject=subject):
            yield subject
        case ast.Call(func=ast.Name(id="getattr"), args=[_, attribute, *_]):
            yield attribute
        case _:
            pass


def _named(body: Body, subject: ast.expr, types: Iterable[t.ValueType]) -> Iterator[tuple[str, t.ValueType]]:
    name = body.subject(subject)
    if name is not None:
        for value_type in types:
            yield name, value_type


def _compared(
    body: Body, left: ast.expr, operator: ast.cmpop, right: ast.expr
) -> Iterator[tuple[str, t.ValueType]]:
    match left, operator:
        case ast.Call(ast.Name("type"), [subject]), (
            ast.Is() | ast.IsNot() | ast.Eq() | ast.NotEq() | ast.In() | ast.NotIn()
        ):
            yield from _named(body, subject, classes_of(right))
        case _, ast.Is() | ast.IsNot() | ast.Eq() | ast.NotEq():
            yield from _named(body, left, literals([right]))
            yield from _named(body, right, literals([left]))
        case _, ast.In() | ast.NotIn() if isinstance(right, ast.Tuple | ast.List | ast.Set):
            yield from _named(body, left, literals(right.elts))
        case _:
            pass


def literals(expressions: Iterable[ast.expr]) -> list[t.ValueType]:
    """The literals among some expressions, each as a type."""
    found: list[t.ValueType] = []
    for item in expressions:
        match item:
            case ast.Constant(value=None):
                found.append(t.NONE)
            case ast.Constant(value=value) if isinstance(value, str | int | float | bool):
                found.append(t.LiteralType((value,)))
            case _:
                pass
    return found


def _matched(pattern: ast.pattern) -> Iterator[t.ValueType]:
    """What the pattern of a `case` matches."""
    match pattern:
        case ast.MatchValue(value=value):
            yield from literals([value])
        case ast.MatchSingleton(value=value):
            yield from literals([ast.Constant(value)])
        case ast.MatchOr(patterns=patterns):
            yield from (kind for inner in patterns for kind in _matched(inner))
        case ast.MatchAs(pattern=ast.pattern() as inner):
            yield from _matched(inner)
        case ast.MatchClass(cls=named):
            yield from classes_of(named)
        case ast.MatchSequence():
            yield _ROW
        case ast.MatchMapping():
            yield _MAPPING
        case _:
            pass


def _catches_texts(handler: ast.ExceptHandler) -> bool:
    """Whether the failure of a conversion of text to a number is caught, and not raised again."""
    named = [] if handler.type is None else [ast.unparse(item) for item in ast.walk(handler.type)]
    is_caught = handler.type is None or bool(_OF_CONVERSIONS & {*named})
    return is_caught and not any(isinstance(node, ast.Raise) for node in ast.walk(handler))


def classes_of(classes: ast.expr) -> list[t.ValueType]:
    """The value types of the classes in an `isinstance`, or beside a `type(…)`, as far as they are known by name."""
    match classes:
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return [found for item in items for found in classes_of(item)]
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return [*classes_of(left), *classes_of(right)]
        case ast.Constant(value=None):
            return [t.NONE]
        case ast.Name() | ast.Attribute():
            known = BY_CLASS.get(last_name(classes))
            return [known] if known is not None else []
        case _:
            return []


def _refusing_tests(node: ast.AST) -> set[int]:
    """The parts of conditions under which a body raises: `if x is None: raise …`, `assert x`."""
    refused: set[int] = set()
    for inner in ast.walk(node):
        match inner:
            case ast.If(test=test, body=[ast.Raise(), *_]):
                refused |= {id(inner), *map(id, ast.walk(test))}
            case ast.Assert(test=test):
                refused |= {id(part) for part in ast.walk(test)}
            case _:
                pass
    return refused


def joined_by(test: ast.expr, operator: type[ast.boolop]) -> list[ast.expr]:
    """What a condition joins by `and`, or by `or`; else the condition itself."""
    return test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, operator) else [test]
