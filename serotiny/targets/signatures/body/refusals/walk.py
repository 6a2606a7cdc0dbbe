"""The conditions under which the statements of a function raise an error."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from serotiny.targets.signature import Refusal
from serotiny.targets.signatures.body.called import FARTHEST, handed_on, receiver
from serotiny.targets.signatures.body.frameworks import tensor_sides
from serotiny.targets.signatures.body.questions import joined_by
from serotiny.targets.signatures.body.refusals.packages import absent_imports
from serotiny.targets.signatures.body.refusals.terms import Terms
from serotiny.targets.signatures.body.walked import may_return
from serotiny.targets.value_types.conditions import Missing, not_installed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.signatures.body.called import Called


class Walk:
    """Reads one function, and those that it calls in any case.

    Args:
        function: the function.
        resolver: finds the functions that it calls.
        stands_for: what each name or attribute of the function stands for, in terms of the target's parameters.
        depth: how many calls lie before it.
        tells_all: it is not read by `choices`.
    """

    def __init__(
        self,
        function: Called,
        resolver: NameResolver,
        stands_for: Mapping[str, ast.expr],
        depth: int = 0,
        tells_all: bool = False,
    ) -> None:
        self.terms = Terms(function, resolver, stands_for)
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
            match statement:
                case ast.If(test=test, body=inner, orelse=orelse):
                    before = dict(self.terms.stands_for)
                    for branch, truth in ((inner, True), (orelse, False)):
                        condition = self.terms.demand(test, truth)
                        if condition is not None:
                            yield from self.statements(branch, (*path, condition))
                        self.terms.stands_for = dict(before)
                case ast.Raise(exc=error):
                    yield from self._refused(path, error.args[:1] if isinstance(error, ast.Call) else ())
                    return
                case ast.Assert(test=test, msg=message):
                    condition = self.terms.demand(test, False)
                    if condition is not None:
                        yield from self._refused((*path, condition), () if message is None else (message,))
                case ast.With(body=inner):
                    yield from self.statements(inner, path)
                case ast.Expr(value=ast.Call() as call):
                    yield from self._of_call(call, path)
                case ast.Assign(value=ast.Call() as call) | ast.AnnAssign(value=ast.Call() as call):
                    yield from self._of_tensors(call, path)
                case ast.Import() | ast.ImportFrom():
                    for package in absent_imports(statement, self._function.module, self._resolver.tree):
                        lacks = ast.UnaryOp(ast.Not(), not_installed(Missing(package, is_requirement=False)))
                        yield from self._refused((*path, lacks), ())
                case _:
                    pass
            if may_return(statement):
                return  # whether it goes on is not known
            self.terms.note(statement)

    def _of_tensors(self, call: ast.Call, path: tuple[ast.expr, ...]) -> Iterator[Refusal]:
        """A negative side of a tensor that is made."""
        own = self._function
        sides = tensor_sides(call, lambda name: self._resolver.imported_path(own.module, own.outer, name))
        for side in sides:
            if isinstance(side, ast.Name) and (meaning := self.terms.normal(side)) is not None:
                below = ast.Compare(meaning, [ast.Lt()], [ast.Constant(0)])
                test = ast.BoolOp(ast.And(), [*path, below]) if path else below
                if any(isinstance(inner, ast.Name) for inner in ast.walk(meaning)):
                    yield Refusal(ast.unparse(test), repr("a tensor has no negative side"))

    def _refused(self, path: tuple[ast.expr, ...], message: Sequence[ast.expr]) -> Iterator[Refusal]:
        if not path:
            return
        *conditions, last = path
        for part in joined_by(last, ast.Or):
            test = ast.BoolOp(ast.And(), [*conditions, part]) if conditions else part
            is_read_elsewhere = self._depth == 0 and not self._tells_all and _is_of_one(test)
            if any(isinstance(inner, ast.Name) for inner in ast.walk(test)) and not is_read_elsewhere:
                text = self.terms.message(message[0]) if message else None
                yield Refusal(ast.unparse(test), "" if text is None else ast.unparse(text))

    def _of_call(self, call: ast.Call, path: tuple[ast.expr, ...]) -> Iterator[Refusal]:
        """What a called function refuses of what it is passed, and of what the object stores."""
        function = receiver(self._function, call, self._resolver) if self._depth < FARTHEST else None
        if function is None or any(isinstance(item, ast.Starred) for item in call.args):
            return
        given = handed_on(call, function)
        passed = {name: meaning for name, value in given if (meaning := self.terms.normal(value)) is not None}
        if function.owner is not None:
            passed |= {key: value for key, value in self.terms.stands_for.items() if key.startswith("self.")}
        inner = Walk(function, self._resolver, passed, self._depth + 1)
        yield from inner.statements(function.node.body, path)  # of the same class


def _is_of_one(test: ast.expr) -> bool:
    """Whether a condition compares one parameter with numbers or texts, and nothing else."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test = test.operand
    if not isinstance(test, ast.Compare):
        return False
    sides = [test.left, *test.comparators]
    others = [side for side in sides if not isinstance(side, ast.Name)]
    return len(others) == len(sides) - 1 and not any(
        isinstance(inner, ast.Name) for side in others for inner in ast.walk(side)
    )
