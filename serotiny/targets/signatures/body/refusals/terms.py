"""Expressions of a body in terms of the parameters of the target that runs it."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.scope import Assigned
from serotiny.targets.modules.written_names import last_name
from serotiny.targets.names.symbols import parameter_names
from serotiny.targets.signatures.body.frameworks import is_of_framework, repetitions
from serotiny.targets.signatures.body.refusals.packages import presence
from serotiny.targets.signatures.body.subjects import attributes_of
from serotiny.targets.signatures.body.walked import (
    attributes_set_by,
    changed_by,
    names_set_by,
    rebound_names,
)
from serotiny.targets.value_types.conditions import CLASSES, ITEM

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from serotiny.targets.modules.scope import Binding
    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.signatures.body.called import Called

    Meanings = Mapping[str, ast.expr]

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
        key, meaning = "", None
        match statement:
            case (
                ast.Assign(targets=[target], value=value)
                | ast.AnnAssign(target=target, value=ast.expr() as value)
            ):
                key, meaning = self._key(target), self.normal(value)
            case _:
                pass
        for name in self._changed_by(statement):
            self.stands_for.pop(name, None)
        if key and meaning is not None:
            self.stands_for[key] = meaning

    def join(self, statement: ast.If, before: Meanings, ends: Sequence[Meanings | None]) -> None:
        """What the names stand for behind a condition.

        Args:
            statement: the condition with its branches.
            before: what they stood for in front of it.
            ends: the same at the ends of its two branches; None for a branch whose end is not reached.
        """
        self.stands_for = dict(before)
        test = self.normal(statement.test)
        left, right = (before if end is None else end for end in ends)
        for name in self._changed_by(statement):
            self.stands_for.pop(name, None)
            one, other = left.get(name), right.get(name)
            meaning: ast.expr | None = None
            if ends[0] is None or ends[1] is None:
                meaning = other if ends[0] is None else one
            elif test is not None and one is not None and other is not None:
                meaning = one if one is other else ast.IfExp(test, one, other)
            if meaning is not None:
                self.stands_for[name] = meaning

    def _changed_by(self, statement: ast.stmt) -> set[str]:
        """The names and attributes, as keys of `stands_for`, that mean something else behind a statement."""
        found = {*names_set_by(statement), *(f"self.{name}" for name in attributes_set_by(statement))}
        parameters = self.contents_changed_by(statement)
        if parameters:  # whatever else stands for the same container
            found |= {key for key, meaning in self.stands_for.items() if parameters & names_in(meaning)}
        return found | self.written_out(changed_by(statement))

    def forget(self, keys: Iterable[str]) -> None:
        """Forget what some keys of `stands_for` stand for."""
        for key in keys:
            del self.stands_for[key]

    def written_out(self, containers: Iterable[ast.expr]) -> set[str]:
        """All keys of `stands_for` that stand for the same container as one of these, which the function has written out."""
        written = {key: meaning for key, meaning in self.stands_for.items() if isinstance(meaning, ast.Tuple)}
        changed = [written.get(ast.unparse(container)) for container in containers] if written else []
        return {key for key, meaning in written.items() if any(meaning is one for one in changed)}

    def contents_changed_by(self, tree: ast.AST) -> set[str]:
        """The parameters of the target that are containers which a statement itself changes in place."""
        changed = [self.stands_for.get(ast.unparse(container)) for container in changed_by(tree)]
        return {name for meaning in changed if meaning is not None for name in names_in(meaning)}

    def _key(self, target: ast.expr) -> str:
        """The key of `stands_for` of what is assigned; empty where something else may assign it as well."""
        match target:
            case ast.Name(id=name):
                return name
            case ast.Attribute(value=ast.Name(id="self"), attr=attribute) if self._sets_alone(attribute):
                return f"self.{attribute}"
            case _:
                return ""

    def _sets_alone(self, attribute: str) -> bool:
        """Whether nothing but this function sets an attribute of the object, as far as its classes tell."""
        own, node = self.function.owner, self.function.node
        return own is not None and all(
            owner.attribute_writes[attribute]
            == (attributes_set_by(node).get(attribute, 0) if owner is own else 0)
            and all(map(_is_plain, owner.scope.candidates(attribute)))
            and (is_of_framework(owner) or not owner.scope.candidates("__setattr__"))
            for owner in self.function.line
        )

    def demand(self, test: ast.expr, truth: bool) -> ast.expr | None:
        """A condition that, where it holds, makes a test true or false; None where there is none that can be told."""
        match test:
            case ast.Constant(value=value):
                return ast.Constant(bool(value) is truth)
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
                if isinstance(found, ast.Constant):
                    return ast.Constant(bool(found.value) is truth)
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
                return None if found is None else ast.Subscript(found, index)
            case ast.Call(func=ast.Name(id="len" | "list" | "tuple") as function, args=[inner], keywords=[]):
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
            case ast.Call(func=ast.Name(), args=[inner], keywords=[]):
                found = self.normal(inner)
                return None if found is None else self._repeated(value.func, found)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                sides = self._all([test, body, orelse])
                return None if sides is None else ast.IfExp(*sides)
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

    def may_know(self, value: ast.expr) -> bool:
        """Whether a name in an expression may stand for something of the target: to look only takes a glance."""
        return any(
            isinstance(inner, ast.Name) and (inner.id == "self" or inner.id in self.stands_for)
            for inner in ast.walk(value)
        )

    def _repeated(self, function: ast.expr, value: ast.expr) -> ast.expr | None:
        """What a function of torch's makes of a number: as many of it as there are dimensions; None for any other."""
        own = self.function
        count = repetitions(self.resolver.imported_path(own.module, own.outer, function))
        if count is None:
            return None
        is_row = ast.Call(ast.Name("isinstance"), [value, ast.Tuple([ast.Name("Iterable")])], [])
        return ast.IfExp(is_row, ast.Call(ast.Name("tuple"), [value], []), ast.Tuple([value] * count))

    def _of_each(self, function: ast.Name, test: ast.expr, *, item: str, row: ast.expr) -> ast.expr | None:
        """`any(… for x in row)`, or `all`."""
        values, before = self.normal(row), dict(self.stands_for)
        self.stands_for[item] = ast.Name(ITEM)
        of_item = self.normal(test)
        self.stands_for = before
        if values is None or of_item is None or ITEM in names_in(values):
            return None
        each = ast.comprehension(ast.Name(ITEM), values, [], 0)
        return ast.Call(function, [ast.GeneratorExp(of_item, [each])], [])

    def _presence(self, name: ast.Name) -> ast.expr | None:
        """What a name of the module is worth that says whether a package is installed; None for any other."""
        own = self.function
        if name.id in self.stands_for or name.id in self.local_names:
            return None
        symbol = self.resolver.expression(own.module, own.outer[:1], name)
        return presence(name.id, symbol, own.module, self.resolver.tree)

    def is_local(self, function: ast.expr) -> bool:
        """Whether the function itself binds the name that a call begins with."""
        while isinstance(function, ast.Attribute):
            function = function.value
        return isinstance(function, ast.Name) and function.id in self.local_names - {"self"}

    @cached_property
    def local_names(self) -> frozenset[str]:
        """The names that the function itself binds."""
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


def names_in(expression: ast.expr) -> set[str]:
    """The names that an expression holds."""
    return {inner.id for inner in ast.walk(expression) if isinstance(inner, ast.Name)}


def _is_plain(bound: Binding) -> bool:
    """Whether what a class body binds, an annotation or a literal, leaves an attribute of its objects as it is set."""
    return isinstance(bound, Assigned) and isinstance(bound.value, ast.Constant | None)


def is_true(condition: ast.expr) -> bool:
    """Whether a condition holds whatever the arguments are."""
    return isinstance(condition, ast.Constant) and bool(condition.value)


def is_false(condition: ast.expr) -> bool:
    """Whether a condition never holds."""
    return isinstance(condition, ast.Constant) and not condition.value
