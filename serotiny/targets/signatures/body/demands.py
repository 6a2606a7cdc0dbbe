"""The types that a body certainly needs of its parameters: for arithmetic, a call, a loop, a check that raises."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from serotiny.targets.signatures.body.questions import MAPPING_METHODS, classes_of, literals
from serotiny.targets.signatures.body.walked import may_leave, may_suppress
from serotiny.targets.value_types import types as t

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from serotiny.targets.signatures.body.subjects import Body

_ROW: Final = t.ListType(t.ANY)
_MAPPING: Final = t.MappingType(t.ANY, t.ANY)
_NUMBER: Final = t.union(t.BOOL, t.FLOAT)
_LOOPED: Final = t.union(_ROW, t.STR, _MAPPING)
_ADDED: Final = t.union(_NUMBER, t.STR, _ROW)
_GIVEN: Final = t.union(_NUMBER, t.STR, _ROW, _MAPPING)
"""Anything but null."""

_TEXT_METHODS: Final = frozenset(
    {"lower", "upper", "split", "rsplit", "strip", "lstrip", "rstrip", "startswith", "endswith", "format"}
    | {"casefold", "title", "encode", "splitlines", "removeprefix", "removesuffix"}
)
_LOOPING: Final = frozenset(
    {"enumerate", "len", "list", "max", "min", "set", "sorted", "sum", "tuple", "zip"}
)
_SUBTRACTED: Final = t.union(_NUMBER, _ROW)
"""No text; an array on the other side takes a list."""

# without `%`, which formats texts, and `/`, which joins paths to texts; `*` repeats texts and lists
_OPERATORS: Final = MappingProxyType(
    {
        **dict.fromkeys((ast.Sub, ast.FloorDiv, ast.Pow), _SUBTRACTED),
        **dict.fromkeys((ast.Add, ast.Mult), _ADDED),
    }
)
_OF_NUMBERS: Final = (ast.Add, ast.Sub, ast.Div, ast.FloorDiv, ast.Pow)
"""The operators that take nothing but another number beside one."""


@dataclass(frozen=True, slots=True)
class HandedOn:
    """A parameter that is passed on to a call unchanged, by position (an index) or by keyword (a name)."""

    name: str
    call: ast.Call
    to: int | str
    within: Body


@dataclass
class Demands:
    """What some bodies need of their parameters.

    Attributes:
        types: parameter → the types of each of which its value must be.
        attributes: parameter → the attributes that it must have, in order.
        handed_on: the calls that parameters are passed on to unchanged.
    """

    types: dict[str, list[t.ValueType]] = field(default_factory=dict)
    attributes: dict[str, dict[str, None]] = field(default_factory=dict)
    handed_on: list[HandedOn] = field(default_factory=list)


def demands(bodies: Iterable[Body]) -> Demands:
    """What bodies need of parameters on every run; code that a condition may skip is not counted."""
    found = Demands()
    for body in bodies:
        _Walk(body, found).statements(body.node.body, _EVERY)
    return found


def converted(bodies: Iterable[Body], name: str) -> Iterator[tuple[HandedOn, bool]]:
    """The calls that make something else of each item of a parameter, and whether it is a mapping.

    As in `{key: make(item) for key, item in x.items()}`.
    """
    for body in bodies:
        for node in ast.walk(body.node):
            match node:
                case (
                    ast.DictComp(value=ast.Call(args=[ast.Name(id=item), *_]) as call, generators=[loop])
                    | ast.ListComp(elt=ast.Call(args=[ast.Name(id=item), *_]) as call, generators=[loop])
                ):
                    pass
                case _:
                    continue
            match loop.iter:
                case ast.Call(func=ast.Attribute(value=looped, attr="items" | "values"), args=[]):
                    is_mapping = True
                case looped:
                    is_mapping = False
            last = loop.target.elts[-1] if isinstance(loop.target, ast.Tuple) else loop.target
            if isinstance(last, ast.Name) and last.id == item and body.subject(looped) == name:
                yield HandedOn(name, call, 0, body), is_mapping


class _AllBut(frozenset[str]):
    """The set of all names but some."""

    def __contains__(self, name: object) -> bool:
        return not super().__contains__(name)


_EVERY: Final = _AllBut()


class _Walk:
    """Walks one body; `sure` are the parameters whose uses at this point count."""

    def __init__(self, body: Body, found: Demands) -> None:
        self._body = body
        self._found = found

    def statements(self, statements: Iterable[ast.stmt], sure: frozenset[str]) -> None:
        for statement in statements:
            self._statement(statement, sure)
            if may_leave(statement):  # so that the rest may not run
                return

    def _statement(self, statement: ast.stmt, sure: frozenset[str]) -> None:
        match statement:
            case ast.If(test=test, body=[ast.Raise(), *_], orelse=orelse):
                self._refused(test, sure)
                self.statements(orelse, sure)
            case ast.If(test=test, body=body, orelse=orelse) | ast.While(test=test, body=body, orelse=orelse):
                self._expression(test, sure)
                inner = self._settled(test, sure)
                self.statements(body, inner)
                self.statements(orelse, inner)
            case ast.Assert(test=test):
                self._required(test, sure)
            case ast.For(iter=iterated, body=body) | ast.AsyncFor(iter=iterated, body=body):
                self._need(iterated, _LOOPED, sure)
                self._expression(iterated, sure)
                self.statements(body, sure)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                for item in items:
                    self._expression(item.context_expr, sure)
                if not any(may_suppress(item.context_expr) for item in items):
                    self.statements(body, sure)
            # failures inside `try` are caught, and an inner function may never be called
            case ast.Try() | ast.TryStar() | ast.Match() | ast.FunctionDef() | ast.ClassDef():
                pass
            case ast.AsyncFunctionDef() | ast.Raise():
                pass
            case _:
                if isinstance(statement, ast.Assign):
                    self._taken_apart(statement, sure)
                for child in ast.iter_child_nodes(statement):
                    if isinstance(child, ast.expr):
                        self._expression(child, sure)

    def _taken_apart(self, assignment: ast.Assign, sure: frozenset[str]) -> None:
        match assignment.targets:
            case [ast.Tuple(elts=parts) | ast.List(elts=parts)]:
                self._need(assignment.value, _in_parts(parts), sure)

    def _settled(self, test: ast.expr, sure: frozenset[str]) -> frozenset[str]:
        """The parameter whose presence a condition tests, if it tests nothing else: uses of it under that count."""
        match test:
            case ast.Compare(left=left, ops=[ast.Is() | ast.IsNot()], comparators=[ast.Constant(value=None)]):
                subject = self._body.subject(left)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._settled(operand, sure)
            case _:
                subject = self._body.subject(test)
        return frozenset({subject}) if subject is not None and subject in sure else frozenset()

    def _refused(self, test: ast.expr, sure: frozenset[str]) -> None:
        """Needs of the condition of `if …: raise`, which must not hold."""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                self._required(operand, sure)
            case ast.Compare(left=left, ops=[ast.Is()], comparators=[ast.Constant(value=None)]):
                self._need(left, _GIVEN, sure)
            case ast.Compare(
                left=left, ops=[ast.NotIn()], comparators=[ast.Tuple() | ast.List() | ast.Set()]
            ):
                self._listed(test, left, sure)
            case _:
                self._expression(test, sure)

    def _required(self, test: ast.expr, sure: frozenset[str]) -> None:
        """Needs of a condition that must hold."""
        match test:
            case ast.BoolOp(op=ast.And(), values=values):
                for value in values:
                    self._required(value, sure)
            case ast.Call(func=ast.Name(id="isinstance"), args=[subject, classes]):
                known = classes_of(classes)
                name = self._body.subject(subject)
                if known and name is not None and name in sure:
                    self._note(name, t.union(*known))
            case ast.Compare(left=left, ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]):
                self._need(left, _GIVEN, sure)
            case ast.Compare(left=left, ops=[ast.In()], comparators=[ast.Tuple() | ast.List() | ast.Set()]):
                self._listed(test, left, sure)
            case _:
                self._expression(test, sure)

    def _listed(self, test: ast.expr, left: ast.expr, sure: frozenset[str]) -> None:
        assert isinstance(test, ast.Compare)
        items = test.comparators[0]
        assert isinstance(items, ast.Tuple | ast.List | ast.Set)
        values = literals(items.elts)
        if values and len(values) == len(items.elts):
            self._need(left, t.union(*values), sure)

    def _expression(self, expression: ast.expr, sure: frozenset[str]) -> None:
        match expression:
            case ast.BoolOp(values=[first, *_]):
                # `x is not None and x < 1`: the rest is evaluated only if the first part holds
                self._expression(first, sure)
                return
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self._expression(test, sure)
                inner = self._settled(test, sure)
                self._expression(body, inner)
                self._expression(orelse, inner)
                return
            case ast.Lambda():
                return
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self._comprehension(expression, _without(sure, expression.generators))
                return
            case _:
                self._use(expression, sure)
        for child in ast.iter_child_nodes(expression):
            if isinstance(child, ast.expr):
                self._expression(child, sure)
            elif isinstance(child, ast.keyword):
                self._expression(child.value, sure)

    def _comprehension(self, expression: ast.expr, sure: frozenset[str]) -> None:
        is_filtered = False
        for child in ast.iter_child_nodes(expression):
            if isinstance(child, ast.comprehension):
                self._need(child.iter, _LOOPED, sure)
                self._expression(child.iter, sure)
                is_filtered = is_filtered or bool(child.ifs)
        for child in ast.iter_child_nodes(expression) if not is_filtered else ():
            if isinstance(child, ast.expr):
                self._expression(child, sure)

    def _use(self, expression: ast.expr, sure: frozenset[str]) -> None:
        match expression:
            case ast.BinOp(left=left, op=operator, right=right):
                for one, other in ((left, right), (right, left)):
                    needed = _beside(operator, other)
                    if needed is not None:
                        self._need(one, needed, sure)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                self._need(operand, _NUMBER, sure)
            case ast.Compare(
                left=left, ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()], comparators=[right]
            ):
                for one, other in ((left, right), (right, left)):
                    self._need(one, _NUMBER if _is_number(other) else _ADDED, sure)
            case ast.Subscript(value=value, ctx=ast.Load()):
                self._need(value, _LOOPED, sure)
            case ast.Attribute(value=value, attr=attribute, ctx=ast.Load()):
                name = self._body.subject(value)
                if name is not None and name in sure:
                    self._found.attributes.setdefault(name, {})[attribute] = None
            case ast.Call():
                self._call(expression, sure)
            case _:
                pass

    def _call(self, call: ast.Call, sure: frozenset[str]) -> None:
        match call:
            case ast.Call(func=ast.Name(id=name), args=[argument, *_]) if name in _LOOPING:
                # `max(a, b)` compares, `max(a)` loops
                if name not in ("max", "min") or len(call.args) == 1:
                    self._need(argument, _LOOPED, sure)
                return
            case ast.Call(func=ast.Name(id="range"), args=args):
                for argument in args:
                    self._need(argument, t.union(t.INT, t.BOOL), sure)
                return
            case ast.Call(func=ast.Attribute(value=value, attr=method)) if method in _TEXT_METHODS:
                self._need(value, t.STR, sure)
            case ast.Call(func=ast.Attribute(value=value, attr=method), args=[]) if method in MAPPING_METHODS:
                self._need(value, _MAPPING, sure)
            case _:
                self._need(call.func, t.CALLABLE, sure)
        for index, argument in enumerate(call.args):
            if isinstance(argument, ast.Starred):
                self._need(argument.value, _LOOPED, sure)
                break  # the positions of further arguments are not known
            self._hand_on(argument, call, index, sure)
        for keyword in call.keywords:
            if keyword.arg is not None:
                self._hand_on(keyword.value, call, keyword.arg, sure)

    def _hand_on(self, argument: ast.expr, call: ast.Call, to: int | str, sure: frozenset[str]) -> None:
        name = self._body.subject(argument)
        if name is not None and name in sure:
            self._found.handed_on.append(HandedOn(name, call, to, self._body))

    def _need(self, subject: ast.expr, value_type: t.ValueType, sure: frozenset[str]) -> None:
        name = self._body.subject(subject)
        if name is not None and name in sure:
            self._note(name, value_type)

    def _note(self, name: str, value_type: t.ValueType) -> None:
        found = self._found.types.setdefault(name, [])
        if value_type not in found:
            found.append(value_type)


def _without(sure: frozenset[str], loops: Iterable[ast.comprehension]) -> frozenset[str]:
    """Those names that do not stand for something else within a comprehension."""
    bound = {name.id for loop in loops for name in ast.walk(loop.target) if isinstance(name, ast.Name)}
    return _AllBut({*sure, *bound}) if isinstance(sure, _AllBut) else sure - bound


def _in_parts(parts: Sequence[ast.expr]) -> t.ValueType:
    """What can be taken apart into some variables: a list of as many."""
    if any(isinstance(part, ast.Starred) for part in parts):
        return _LOOPED
    return t.union(t.TupleType((t.ANY,) * len(parts)), t.STR, _MAPPING)


def _beside(operator: ast.operator, other: ast.expr) -> t.ValueType | None:
    """What an operator certainly needs on one side, given the other; None if that depends on what the other one is."""
    if _is_number(other) and (isinstance(operator, _OF_NUMBERS) or _is_fraction(operator, other)):
        return _NUMBER
    needed = _OPERATORS.get(type(operator))
    return _ADDED if needed is _SUBTRACTED and _may_be_column(other) else needed


def _may_be_column(expression: ast.expr) -> bool:
    """Whether something may be a column of a table, as `col("width")`: some libraries calculate with one and a text."""
    return any(isinstance(part, ast.Call | ast.Subscript) for part in ast.walk(expression))


def _is_fraction(operator: ast.operator, other: ast.expr) -> bool:
    """Whether something is multiplied by a fraction, so that it cannot be repeated."""
    return isinstance(operator, ast.Mult) and isinstance(getattr(other, "value", None), float)


def _is_number(expression: ast.expr) -> bool:
    """Whether an expression is a number that is written out."""
    return isinstance(expression, ast.Constant) and isinstance(expression.value, int | float)
