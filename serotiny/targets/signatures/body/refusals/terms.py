"""Expressions of a body in terms of the parameters of the target that runs it."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.written_names import last_name
from serotiny.targets.names.symbols import parameter_names
from serotiny.targets.signatures.body.refusals.packages import presence
from serotiny.targets.signatures.body.subjects import attributes_of
from serotiny.targets.signatures.body.walked import names_changed_by, names_set_by, rebound_names
from serotiny.targets.value_types.conditions import CLASSES, ITEM

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.signatures.body.called import Called

_ARITHMETIC: Final = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod)


class Terms:
    """What the names of one function stand for, from statement to statement.

    Args:
        function: the function.
        resolver: finds what the names of its module stand for.
        stands_for: what each of its names or attributes stands for, in terms of the target's parameters.
    """

    def __init__(self, function: Called, resolver: NameResolver, stands_for: Mapping[str, ast.expr]) -> None:
        self.function = function
        self.resolver = resolver
        self.stands_for = dict(stands_for)
        if function.owner is not None:
            node = function.node
            rebound = rebound_names(node)
            kept = {name: name for name in parameter_names(node) if name not in rebound}
            stored = attributes_of(node, kept, function.owner)
            self.stands_for |= {
                f"self.{attribute}": stands_for[name]
                for attribute, name in stored.items()
                if name in stands_for
            }

    def note(self, statement: ast.stmt) -> None:
        """Forget what a statement assigns anew; a plain assignment says what the name stands for from here on."""
        match statement:
            case ast.Assign(targets=[ast.Name()], value=value):
                meaning = self.normal(value)
            case _:
                meaning = None
        for name in (*names_set_by(statement), *names_changed_by(statement)):
            self.stands_for.pop(name, None)
            if meaning is not None:
                self.stands_for[name] = meaning

    def demand(self, test: ast.expr, truth: bool) -> ast.expr | None:
        """A condition that, where it holds, makes a test true or false; None where there is none that can be told."""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self.demand(operand, not truth)
            case ast.BoolOp(op=operator, values=values):
                parts = [self.demand(value, truth) for value in values]
                known = [part for part in parts if part is not None]
                if isinstance(operator, ast.And) is truth:
                    return ast.BoolOp(ast.And(), known) if len(known) == len(parts) else None
                return ast.BoolOp(ast.Or(), known) if len(known) > 1 else next(iter(known), None)
            case _:
                found = self.normal(test)
                return found if truth or found is None else ast.UnaryOp(ast.Not(), found)

    def normal(self, value: ast.expr) -> ast.expr | None:
        """An expression in terms of the target's parameters; None where it holds anything else."""
        match value:
            case ast.Constant(value=int() | float() | str() | None):
                return value
            case ast.Name(id=name):
                return self.stands_for.get(name) or self._presence(value)
            case ast.Attribute():
                return self.stands_for.get(ast.unparse(value))
            case ast.Subscript(value=inner, slice=ast.Constant(value=int()) as index):
                found = self.normal(inner)
                return ast.Subscript(found, index) if isinstance(found, ast.Name) else None
            case ast.Call(func=ast.Name(id="len") as function, args=[inner], keywords=[]):
                found = self.normal(inner)
                return ast.Call(function, [found], []) if isinstance(found, ast.Name) else None
            case ast.Call(func=ast.Name(id="list" | "tuple") as function, args=[inner], keywords=[]):
                found = self.normal(inner)
                return None if found is None else ast.Call(function, [found], [])
            case ast.Call(
                func=ast.Name(id="any" | "all") as function,
                args=[
                    ast.GeneratorExp(
                        elt=test, generators=[ast.comprehension(target=ast.Name(id=item), iter=row, ifs=[])]
                    )
                ],
            ):
                return self._of_each(function, test, item=item, row=row)
            case ast.Call(func=ast.Name(id="isinstance") as function, args=[inner, classes], keywords=[]):
                found, kinds = self.normal(inner), _classes(classes)
                return None if found is None or kinds is None else ast.Call(function, [found, kinds], [])
            case ast.UnaryOp(op=operator, operand=inner):
                found = self.normal(inner)
                return None if found is None else ast.UnaryOp(operator, found)
            case ast.BinOp(left=left, op=operator, right=right) if isinstance(operator, _ARITHMETIC):
                sides = self._all([left, right])
                return None if sides is None else ast.BinOp(sides[0], operator, sides[1])
            case ast.BoolOp(op=operator, values=values):
                sides = self._all(values)
                return None if sides is None else ast.BoolOp(operator, sides)
            case ast.Compare(
                left=ast.Name() as name,
                ops=[ast.Is() | ast.IsNot() as by],
                comparators=[ast.Constant(value=None)],
            ) if (found := self._presence(name)) is not None:
                return ast.UnaryOp(ast.Not(), found) if isinstance(by, ast.Is) else found
            case ast.Compare(left=left, ops=operators, comparators=others):
                sides = self._all([left, *others])
                return None if sides is None else ast.Compare(sides[0], operators, sides[1:])
            case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
                sides = self._all(items)
                return None if sides is None else ast.Tuple(sides, ast.Load())
            case ast.Starred(value=inner):
                found = self.normal(inner)
                return None if found is None else ast.Starred(found, ast.Load())
            case _:
                return None

    def message(self, message: ast.expr) -> ast.expr | None:
        match message:
            case ast.JoinedStr(values=values):
                parts: list[ast.expr] = []
                for part in values:
                    inner = self.normal(part.value) if isinstance(part, ast.FormattedValue) else part
                    if inner is None:
                        return None
                    parts.append(
                        ast.FormattedValue(inner, -1) if isinstance(part, ast.FormattedValue) else inner
                    )
                return ast.JoinedStr(parts)
            case _:
                return self.normal(message)

    def _of_each(self, function: ast.Name, test: ast.expr, *, item: str, row: ast.expr) -> ast.expr | None:
        """`any(… for x in row)`, or `all`."""
        values, before = self.normal(row), dict(self.stands_for)
        self.stands_for[item] = ast.Name(ITEM)
        of_item = self.normal(test)
        self.stands_for = before
        if (
            values is None
            or of_item is None
            or ITEM in {name.id for name in ast.walk(values) if isinstance(name, ast.Name)}
        ):
            return None
        each = ast.comprehension(ast.Name(ITEM), values, [], 0)
        return ast.Call(function, [ast.GeneratorExp(of_item, [each])], [])

    def _presence(self, name: ast.Name) -> ast.expr | None:
        """What a name of the module is worth that says whether a package is installed; None for any other."""
        own = self.function
        if name.id in self.stands_for or name.id in self._local_names:
            return None
        symbol = self.resolver.expression(own.module, own.outer[:1], name)
        return presence(name.id, symbol, own.module, self.resolver.tree)

    @cached_property
    def _local_names(self) -> frozenset[str]:
        node = self.function.node
        return frozenset((*parameter_names(node), *rebound_names(node)))

    def _all(self, values: Sequence[ast.expr]) -> list[ast.expr] | None:
        found = [self.normal(value) for value in values]
        known = [value for value in found if value is not None]
        return known if len(known) == len(found) else None


def _classes(classes: ast.expr) -> ast.expr | None:
    """The names of classes in an `isinstance`, without their modules; None where one is not known."""
    items = classes.elts if isinstance(classes, ast.Tuple) else [classes]
    names = [last_name(item) for item in items]
    return ast.Tuple([ast.Name(name) for name in names], ast.Load()) if set(names) <= CLASSES else None
