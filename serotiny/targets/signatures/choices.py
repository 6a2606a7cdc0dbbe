"""What a constructor or function accepts where it refuses the rest.

Of texts those that it lists (`if mode not in ("min", "max"): raise`), of numbers the limits (`if lr < 0: raise`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from serotiny.targets.modules.scope import Assigned
from serotiny.targets.names.symbols import ValueSymbol, parameter_names
from serotiny.targets.signatures.body.called import FARTHEST, Called, called, receiver
from serotiny.targets.signatures.body.questions import classes_of, joined_by
from serotiny.targets.signatures.body.subjects import Body, attributes_of
from serotiny.targets.signatures.body.walked import MUTATING, may_return, rebound_names

if TYPE_CHECKING:
    from serotiny.targets.modules.module import Module
    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import Symbol
    from serotiny.targets.value_types.limits import Limits

_CONTAINERS: Final = frozenset({"list", "tuple", "set", "frozenset", "sorted"})
Found = TypeVar("Found")
Choices = tuple[str, ...]


def number_limits(symbol: Symbol, resolver: NameResolver) -> dict[str, Limits]:
    """For each parameter the limits outside of which a class or function refuses a number.

    As with texts, only checks that always run are read.
    """
    return _of_all(symbol, resolver, lambda walk: walk.limits())


def _of_all(
    symbol: Symbol, resolver: NameResolver, read: Callable[[_Walk], Mapping[str, Found]]
) -> dict[str, Found]:
    """What is read of all that a call runs."""
    found: dict[str, Found] = {}
    for function in called(symbol, resolver):
        inner = read(_Walk(function, resolver, 0))
        found |= {name: value for name, value in inner.items() if name in function.given}
    return found


def text_choices(symbol: Symbol, resolver: NameResolver) -> dict[str, Choices]:
    """For each parameter the texts that a class or function accepts, where its source lists them.

    Only checks that always run are read: at the top of a body, or under a condition that every text meets.
    """
    return _of_all(symbol, resolver, lambda walk: walk.choices())


class _Walk:
    """Reads one function, and those that it passes parameters on to."""

    def __init__(self, function: Called, resolver: NameResolver, depth: int) -> None:
        self._function = function
        self._resolver = resolver
        self._depth = depth
        node = function.node
        names = {name: name for name in parameter_names(node)}
        rebound = rebound_names(node)
        kept = {name: name for name in names if name not in rebound}
        if function.owner is not None:
            names |= {f"self.{key}": name for key, name in attributes_of(node, kept, function.owner).items()}
        self._body = Body(node, names, rebound)

    def choices(self) -> dict[str, Choices]:
        """The choices of each parameter for which other texts are certainly refused."""
        found: dict[str, Choices] = {}
        for statement in self._function.node.body:
            for name, choices in self._of(statement):
                found.setdefault(name, choices)
        return found

    def limits(self) -> dict[str, Limits]:
        """The limits of each parameter outside of which a number is certainly refused."""
        found: dict[str, Limits] = {}
        for statement in self._function.node.body:
            if may_return(statement):
                break  # whether it goes on is not known
            for name, limits in self._limits_of(statement):
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), *limits)))
        return found

    def _limits_of(self, statement: ast.stmt) -> Iterator[tuple[str, Limits]]:
        match statement:
            case ast.If(test=test, body=[*_, ast.Raise()]):
                for part in joined_by(test, ast.Or):
                    yield from self._refused_numbers(part)
            case ast.Assert(test=ast.Compare() as demanded):
                yield from self._demanded_numbers(demanded)
            case ast.Expr(value=ast.Call() as call) | ast.Assign(value=ast.Call() as call):
                yield from self._handed_on(call, lambda inner: inner.limits())
            case _:
                pass

    def _refused_numbers(self, test: ast.expr) -> Iterator[tuple[str, Limits]]:
        """The condition of `if …: raise`, where it compares one parameter with a number."""
        match [part for part in joined_by(test, ast.And) if not _is_true_of(part, _names_numbers)]:
            case [ast.UnaryOp(op=ast.Not(), operand=ast.Compare() as demanded)]:
                yield from self._demanded_numbers(demanded)
            case [ast.UnaryOp(op=ast.Not(), operand=ast.BoolOp(op=ast.And(), values=all_demanded))]:
                for one in all_demanded:
                    if isinstance(one, ast.Compare):
                        yield from self._demanded_numbers(one)
            case [ast.Compare(left=first, ops=[operator], comparators=[second])]:
                for name, (word, number) in self._compared(first, operator, second):
                    yield name, ((_OPPOSITE[word], number),)
            case _:
                pass

    def _demanded_numbers(self, test: ast.Compare) -> Iterator[tuple[str, Limits]]:
        """A comparison that must hold, as `0.0 <= p <= 1.0`."""
        sides = [test.left, *test.comparators]
        for first, operator, second in zip(sides, test.ops, sides[1:], strict=False):
            for name, limit in self._compared(first, operator, second):
                yield name, (limit,)

    def _compared(
        self, first: ast.expr, operator: ast.cmpop, second: ast.expr
    ) -> Iterator[tuple[str, tuple[str, float]]]:
        word = _WORDS.get(type(operator), "")
        for subject, other, read in ((first, second, word), (second, first, _MIRRORED.get(word))):
            number, name = _number(other), self._body.subject(subject)
            if read and number is not None and name is not None:
                yield name, (read, number)

    def _of(self, statement: ast.stmt) -> Iterator[tuple[str, Choices]]:
        match statement:
            case ast.If(test=test, body=[*_, ast.Raise()]):
                yield from self._refused(test)
            case ast.Assert(test=ast.Compare(left=left, ops=[ast.In()], comparators=[container])):
                yield from self._listed([(left, container)])
            case ast.Expr(value=ast.Call() as call) | ast.Assign(value=ast.Call() as call):
                yield from self._handed_on(call, lambda inner: inner.choices())
            case _:
                pass

    def _refused(self, test: ast.expr) -> Iterator[tuple[str, Choices]]:
        """The condition of `if …: raise`, which refuses texts that are not listed."""
        listed: list[tuple[ast.expr, ast.expr]] = []
        for part in joined_by(test, ast.And):
            match part:
                case ast.Compare(left=left, ops=[ast.NotIn()], comparators=[container]):
                    listed.append((left, container))
                case ast.UnaryOp(
                    op=ast.Not(), operand=ast.Compare(left=left, ops=[ast.In()], comparators=[container])
                ):
                    listed.append((left, container))
                case _ if not _is_true_of(part, _names_texts):
                    return
        yield from self._listed(listed)

    def _listed(self, listed: Sequence[tuple[ast.expr, ast.expr]]) -> Iterator[tuple[str, Choices]]:
        subjects = {self._body.subject(left) for left, _ in listed}
        name = next(iter(subjects), None)
        if len(subjects) != 1 or name is None:
            return
        rows = [self._texts(container) for _, container in listed]
        if all(row is not None for row in rows):
            yield name, tuple(dict.fromkeys(text for row in rows for text in row or ()))

    def _texts(self, container: ast.expr, module: Module | None = None) -> Choices | None:
        """The texts of a container that is written out somewhere; None where they cannot be read."""
        match container:
            case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
                return _constants(items)
            case ast.Dict(keys=keys):
                return _constants(keys)
            case ast.Call(func=ast.Attribute(value=inner, attr="keys"), args=[]):
                return self._texts(inner, module)
            case ast.Call(func=ast.Name(id=function), args=[inner]) if function in _CONTAINERS:
                return self._texts(inner, module)
            case ast.BinOp(left=left, op=ast.Add() | ast.BitOr(), right=right):
                rows = self._texts(left, module), self._texts(right, module)
                return None if rows[0] is None or rows[1] is None else rows[0] + rows[1]
            case ast.Name(id=name) if module is None and (value := self._local(name)) is not None:
                return self._texts(value, self._function.module)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=attribute) if module is None:
                return self._of_class(attribute)
            case ast.Name() | ast.Attribute() if module is None:
                return self._named(container)
            case _:
                return None

    def _local(self, name: str) -> ast.expr | None:
        """The value of a local name that is assigned once and not changed in place."""
        node = self._function.node
        values = [
            statement.value
            for statement in node.body
            if isinstance(statement, ast.Assign | ast.AnnAssign)
            and name in _assigned_names(statement)
            and statement.value is not None
        ]
        return values[0] if len(values) == 1 and not _is_changed(node, ast.Name, name, stores=1) else None

    def _of_class(self, attribute: str) -> Choices | None:
        """The texts of a class attribute that no method assigns or changes in place."""
        for owner in self._function.line:
            match owner.scope.candidates(attribute):
                case []:
                    continue
                case [Assigned(value=ast.expr() as value)]:
                    is_changed = _is_changed(owner.node, ast.Attribute, attribute, stores=0)
                    return None if is_changed else self._texts(value, owner.module)
                case _:
                    return None
        return None

    def _named(self, container: ast.expr) -> Choices | None:
        scopes = self._function.outer[:1]
        found = self._resolver.expression(self._function.module, scopes, container)
        if not isinstance(found, ValueSymbol) or found.module.tree is None:
            return None
        name = found.qualified_name.rpartition(".")[2]
        is_changed = _is_changed(found.module.tree, ast.Name, name, stores=1)
        return None if is_changed else self._texts(found.value, found.module)

    def _handed_on(
        self, call: ast.Call, read: Callable[[_Walk], Mapping[str, Found]]
    ) -> Iterator[tuple[str, Found]]:
        """What is read of functions that parameters are passed on to unchanged."""
        given: list[tuple[int | str, ast.expr]] = [*enumerate(call.args)]
        given += [(keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg is not None]
        passed = [(to, name) for to, value in given if (name := self._body.subject(value)) is not None]
        function = (
            receiver(self._function, call, self._resolver) if passed and self._depth < FARTHEST else None
        )
        if function is None:
            return
        inner = read(_Walk(function, self._resolver, self._depth + 1))
        names = parameter_names(function.node)[1 if function.owner is not None else 0 :]
        for to, name in passed:
            key = to if isinstance(to, str) else names[to] if to < len(names) else None
            if key is not None and key in inner:
                yield name, inner[key]


_WORDS: Final = {ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge"}
_OPPOSITE: Final = {"lt": "ge", "le": "gt", "gt": "le", "ge": "lt"}
_MIRRORED: Final = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}


def _number(node: ast.expr) -> float | None:
    """A number that is written out."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -float(value)
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return float(value)
        case _:
            return None


def _is_true_of(test: ast.expr, names_kind: Callable[[ast.expr], bool]) -> bool:
    """Whether a condition holds for every text, or number: `x is not None`, or `not isinstance(x, …)` of another class.

    Args:
        test: the condition.
        names_kind: whether the classes of an `isinstance` may be those of texts, or numbers.
    """
    match test:
        case ast.Compare(ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]):
            return True
        case ast.UnaryOp(op=ast.Not(), operand=ast.Call(func=ast.Name(id="isinstance"), args=[_, classes])):
            return not names_kind(classes)
        case _:
            return False


def _names_numbers(classes: ast.expr) -> bool:
    return not {"int", "float", "Number", "Real"}.isdisjoint(re.findall(r"\w+", ast.unparse(classes)))


def _names_texts(classes: ast.expr) -> bool:
    return bool(classes_of(classes)) or "str" in ast.unparse(classes)


def _constants(items: Sequence[ast.expr | None]) -> Choices | None:
    if not items or not all(isinstance(item, ast.Constant) for item in items):
        return None
    return tuple(
        item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)
    )


def _assigned_names(statement: ast.Assign | ast.AnnAssign) -> Iterator[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    yield from (target.id for target in targets if isinstance(target, ast.Name))


def _is_changed(within: ast.AST, kind: type[ast.Name | ast.Attribute], name: str, stores: int) -> bool:
    """Whether the container in a name or attribute may hold anything but its first value.

    Args:
        within: the code that can change it.
        kind: a plain name, or an attribute of any object.
        name: of the variable or attribute.
        stores: how often it is assigned when it is not changed.
    """

    def is_it(node: ast.AST) -> bool:
        return isinstance(node, kind) and name == (node.id if isinstance(node, ast.Name) else node.attr)

    seen = 0
    for node in ast.walk(within):
        match node:
            case ast.Name(ctx=ast.Store() | ast.Del()) | ast.Attribute(ctx=ast.Store() | ast.Del()):
                seen += is_it(node)
            case ast.Subscript(value=container, ctx=ast.Store() | ast.Del()) if is_it(container):
                return True
            case ast.Call(func=ast.Attribute(value=container, attr=method)) if method in MUTATING and is_it(
                container
            ):
                return True
            case _:
                pass
    return seen > stores
