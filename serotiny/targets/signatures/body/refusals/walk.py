"""The conditions under which the statements of a function raise an error."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from serotiny.targets.names.symbols import ClassSymbol
from serotiny.targets.signature import Refusal
from serotiny.targets.signatures.body.called import (
    FARTHEST,
    constructor_of,
    handed_on,
    is_of_same_object,
    receiver,
)
from serotiny.targets.signatures.body.frameworks import tensor_sides
from serotiny.targets.signatures.body.questions import joined_by
from serotiny.targets.signatures.body.refusals.changes import Changes
from serotiny.targets.signatures.body.refusals.evaluated import evaluated, expressions_of
from serotiny.targets.signatures.body.refusals.packages import absent_imports
from serotiny.targets.signatures.body.refusals.terms import Terms, is_false, is_true, names_in
from serotiny.targets.signatures.body.walked import leaves, may_return, may_suppress, runs_when_called
from serotiny.targets.value_types.conditions import ITEM, Missing, not_installed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.signatures.body.called import Called

_CONSTRUCTING: Final = 1
"""How much sooner than functions the constructors of parts are no longer followed."""


class Walk:
    """Reads one function, and those that it calls in any case.

    Args:
        function: the function.
        resolver: finds the functions that it calls.
        stands_for: what each name or attribute of the function stands for, in terms of the target's parameters.
        depth: how many calls lie before it.
        tells_all: it is not read by `choices`.
        changes: what the functions that call it may have changed in place.

    Attributes:
        is_whole: whether all statements have been read that may run.
    """

    def __init__(
        self,
        function: Called,
        resolver: NameResolver,
        stands_for: Mapping[str, ast.expr],
        depth: int = 0,
        tells_all: bool = False,
        changes: Changes | None = None,
    ) -> None:
        self.terms = Terms(function, resolver, stands_for)
        self.is_whole = True
        self._changes = Changes() if changes is None else changes
        self._function = function
        self._resolver = resolver
        self._depth = depth
        self._tells_all = tells_all

    def refusals(self) -> Iterator[Refusal]:
        """Each condition under which the function raises."""
        yield from self.statements(self._function.node.body, ())

    def statements(self, body: Sequence[ast.stmt], path: tuple[ast.expr, ...]) -> Iterator[Refusal]:
        """As `refusals`, for some statements that are reached where each of `path` holds."""
        for statement in body:
            beyond = self._beyond(statement) if may_return(statement) else ()
            for expression in expressions_of(statement):
                yield from self._of_expression(expression, path)
            match statement:
                case ast.If():
                    self._changes.note(statement.test, self.terms)
                    yield from self._branches(statement, path)
                case ast.Raise(exc=error):
                    yield from self._refused(path, error.args[:1] if isinstance(error, ast.Call) else ())
                case ast.Assert(test=test, msg=message):
                    condition = self.terms.demand(test, False)
                    if condition is not None:
                        yield from self._refused((*path, condition), () if message is None else (message,))
                case ast.With(items=items, body=inner):
                    if not any(may_suppress(item.context_expr) for item in items):
                        yield from self.statements(inner, path)
                case ast.Import() | ast.ImportFrom():
                    for package in absent_imports(statement, self._function.module, self._resolver.tree):
                        lacks = ast.UnaryOp(ast.Not(), not_installed(Missing(package, is_requirement=False)))
                        yield from self._refused((*path, lacks), ())
                case _:
                    pass
            if not isinstance(statement, ast.If):
                self._changes.note(statement, self.terms)
            if beyond is None or any(map(is_false, beyond)) or leaves([statement]):
                self.is_whole = self.is_whole and (beyond is not None or leaves([statement]))
                return  # whether it goes on is not known
            path = (*path, *(condition for condition in beyond if not is_true(condition)))
            if not isinstance(statement, ast.If):
                self.terms.note(statement)

    def _branches(self, statement: ast.If, path: tuple[ast.expr, ...]) -> Iterator[Refusal]:
        before = dict(self.terms.stands_for)
        ends: list[dict[str, ast.expr] | None] = []
        for branch, truth in ((statement.body, True), (statement.orelse, False)):
            self.terms.stands_for = dict(before)
            condition = self.terms.demand(statement.test, truth)
            if condition is not None and not is_false(condition):
                yield from self.statements(branch, path if is_true(condition) else (*path, condition))
            ends.append(None if leaves(branch) else {} if condition is None else self.terms.stands_for)
        self.terms.join(statement, before, ends)

    def _beyond(self, statement: ast.stmt) -> tuple[ast.expr, ...] | None:
        """Conditions under which what follows is reached, of a statement that may return; None where they are not known."""
        if not isinstance(statement, ast.If):
            return None
        for branch, other, truth in (
            (statement.body, statement.orelse, False),
            (statement.orelse, statement.body, True),
        ):
            condition = self.terms.demand(statement.test, truth)
            if not leaves(branch) or condition is None:
                continue
            if not any(map(may_return, other)):
                return (condition,)
            further = self._beyond(other[0]) if len(other) == 1 else None
            return None if further is None else (condition, *further)
        return None

    def _of_expression(self, expression: ast.expr, path: tuple[ast.expr, ...]) -> Iterator[Refusal]:
        """What is certainly evaluated for an expression: calls, tensors that are made, divisions."""
        for part in evaluated(expression):
            match part:
                case ast.Call():
                    yield from self._of_call(part, path)
                    yield from self._of_tensor(part, path)
                case ast.BinOp(left=left, op=ast.Div() | ast.FloorDiv() | ast.Mod(), right=right):
                    yield from self._of_division(left, right, path)
                case _:
                    pass

    def _of_tensor(self, call: ast.Call, path: tuple[ast.expr, ...]) -> Iterator[Refusal]:
        """A negative side of a tensor that is made."""
        own = self._function
        if self.terms.is_local(call.func):
            return
        for side in tensor_sides(
            call, lambda name: self._resolver.imported_path(own.module, own.outer, name)
        ):
            inner = side.value if isinstance(side, ast.Starred) else side
            meaning = self.terms.normal(inner)
            if meaning is None:
                continue
            zero = ast.Constant(0)
            below = ast.Compare(ast.Name(ITEM), [ast.Lt()], [zero])
            each = ast.GeneratorExp(below, [ast.comprehension(ast.Name(ITEM), meaning, [], 0)])
            tests: list[ast.expr] = []
            if inner is side:
                tests.append(ast.Compare(meaning, [ast.Lt()], [zero]))
            if inner is not side or len(call.args) == 1:
                tests.append(ast.Call(ast.Name("any"), [each], []))
            for test in tests:
                yield from self._told((*path, test), repr("a tensor has no negative side"))

    def _of_division(self, left: ast.expr, right: ast.expr, path: tuple[ast.expr, ...]) -> Iterator[Refusal]:
        """A number that is divided by zero."""
        dividend, divisor = self.terms.normal(left), self.terms.normal(right)
        if dividend is None or divisor is None or isinstance(divisor, ast.Constant):
            return
        is_zero = ast.Compare(divisor, [ast.Eq()], [ast.Constant(0)])
        is_number = ast.Call(ast.Name("isinstance"), [dividend, ast.Tuple([ast.Name("Real")])], [])
        yield from self._told((*path, is_zero, is_number), repr("division by zero"))

    def _told(self, path: tuple[ast.expr, ...], message: str) -> Iterator[Refusal]:
        test = ast.BoolOp(ast.And(), [*path]) if len(path) > 1 else path[0]
        if names_in(test):
            yield self._refusal(test, message)

    def _refused(self, path: tuple[ast.expr, ...], message: Sequence[ast.expr]) -> Iterator[Refusal]:
        if not path:
            return
        *conditions, last = path
        for part in joined_by(last, ast.Or):
            test = ast.BoolOp(ast.And(), [*conditions, part]) if conditions else part
            is_read_elsewhere = self._depth == 0 and not self._tells_all and _is_of_one(test)
            if names_in(test) and not is_read_elsewhere:
                text = self.terms.message(message[0]) if message else None
                yield self._refusal(test, "" if text is None else ast.unparse(text))

    def _refusal(self, test: ast.expr, message: str) -> Refusal:
        return Refusal(ast.unparse(test), message, self._changes.among(names_in(test)))

    def _of_call(self, call: ast.Call, path: tuple[ast.expr, ...]) -> Iterator[Refusal]:
        """What a called function, or the constructor of a class, refuses of what it is passed."""
        if self._depth >= FARTHEST or any(isinstance(item, ast.Starred) for item in call.args):
            return
        if not (is_of_same_object(call.func) or self._tells(call)):
            return
        function = None if self.terms.is_local(call.func) else receiver(self._function, call, self._resolver)
        depth = self._depth + 1
        if function is None:
            function, depth = self._constructor(call), depth + _CONSTRUCTING
        if function is None or not runs_when_called(function.node):
            return
        given = handed_on(call, function)
        passed = {name: meaning for name, value in given if (meaning := self.terms.normal(value)) is not None}
        if is_of_same_object(call.func):
            passed |= {key: value for key, value in self.terms.stands_for.items() if key.startswith("self.")}
        inner = Walk(function, self._resolver, passed, depth, changes=self._changes)
        yield from inner.statements(function.node.body, path)  # of the same class
        if inner.is_whole:
            self._changes.follow(call)

    def _tells(self, call: ast.Call) -> bool:
        """Whether an argument of a call depends on the target's parameters."""
        meanings = (
            self.terms.normal(value) for value in (*call.args, *(item.value for item in call.keywords))
        )
        return any(meaning is not None and names_in(meaning) for meaning in meanings)

    def _constructor(self, call: ast.Call) -> Called | None:
        """The constructor that makes an object of a class, where nothing else can."""
        own = self._function
        if self.terms.is_local(call.func) or not isinstance(call.func, ast.Name | ast.Attribute):
            return None
        match self._resolver.alternatives(own.module, own.outer[:1], call.func):
            case [ClassSymbol() as made]:
                return constructor_of(made, self._resolver)
            case _:
                return None


def _is_of_one(test: ast.expr) -> bool:
    """Whether a condition compares one parameter with numbers or texts, and nothing else."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test = test.operand
    if not isinstance(test, ast.Compare):
        return False
    sides = [test.left, *test.comparators]
    others = [side for side in sides if not isinstance(side, ast.Name)]
    return len(others) == len(sides) - 1 and not any(map(names_in, others))
