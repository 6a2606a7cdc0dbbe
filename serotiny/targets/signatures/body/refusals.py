"""The conditions on its arguments under which a body certainly raises an error: `if nesterov and momentum <= 0: raise`."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, Final

from serotiny.targets.names.symbols import ClassSymbol, defaults_of, parameter_names
from serotiny.targets.signature import Refusal
from serotiny.targets.signatures.body.called import (
    FARTHEST,
    called,
    class_text,
    handed_on,
    maker_of,
    receiver,
)
from serotiny.targets.signatures.body.frameworks import tensor_sides
from serotiny.targets.signatures.body.packages import absent_imports, presence
from serotiny.targets.signatures.body.questions import joined_by
from serotiny.targets.signatures.body.subjects import attributes_of
from serotiny.targets.signatures.body.walked import (
    may_return,
    names_changed_by,
    names_set_by,
    rebound_names,
)
from serotiny.targets.value_types.conditions import CLASSES, ITEM, Missing, not_installed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import Symbol
    from serotiny.targets.signatures.body.called import Called

_ARITHMETIC: Final = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod)


def refusals_of(symbol: Symbol, resolver: NameResolver) -> tuple[Refusal, ...]:
    """What a class or function refuses, in terms of its own parameters.

    What the body itself compares with numbers or texts is left out: `choices` reads that.
    """
    found: list[Refusal] = []
    declared: set[str] = set()
    for function in called(symbol, resolver):
        names = parameter_names(function.node)
        stands_for: dict[str, ast.expr] = {name: ast.Name(name) for name in names if name not in declared}
        found += _Walk(function, resolver, stands_for, depth=0).refusals()
        declared.update(names)
    maker = maker_of(symbol, resolver)
    if maker is not None:
        own = {name: ast.Name(name) for name in parameter_names(maker.node)}
        found += _Walk(maker, resolver, own, depth=0, tells_all=True).refusals_of_cases()
    return tuple(dict.fromkeys(found))


class _Walk:
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
        depth: int,
        tells_all: bool = False,
    ) -> None:
        self._function = function
        self._resolver = resolver
        self._depth = depth
        self._tells_all = tells_all
        node = function.node
        self._stands_for = dict(stands_for)
        if function.owner is not None:
            rebound = rebound_names(node)
            kept = {name: name for name in parameter_names(node) if name not in rebound}
            stored = attributes_of(node, kept, function.owner)
            self._stands_for |= {
                f"self.{attribute}": stands_for[name]
                for attribute, name in stored.items()
                if name in stands_for
            }

    def refusals(self) -> Iterator[Refusal]:
        """Each condition under which the function raises."""
        yield from self._statements(self._function.node.body, ())

    def refusals_of_cases(self) -> Iterator[Refusal]:
        """As `refusals`, for a `__new__` that makes one of several classes, as a text says that names a member.

        A text that is the value of a member certainly means that one.
        """
        by_text: dict[str, tuple[ast.expr, ClassSymbol]] = {}
        rest: dict[str, ast.expr] = {}
        for statement in self._function.node.body:
            match statement:
                case ast.Assign(
                    targets=[ast.Name(id=name)],
                    value=ast.Call(func=ast.Attribute(value=members, attr="from_str"), args=[given]),
                ) if (text := self._normal(given)) is not None:
                    owner = self._resolver.expression(
                        self._function.module, self._function.outer[:1], members
                    )
                    self._note_names(statement)
                    if isinstance(owner, ClassSymbol):
                        by_text[name] = (text, owner)
                case ast.Expr(value=ast.Call(func=ast.Attribute(attr="update"), args=[ast.Dict() as more])):
                    rest |= _by_name(more)
                case ast.If(
                    test=ast.Compare(
                        left=ast.Name(id=name), ops=[ast.Eq()], comparators=[ast.Attribute() as member]
                    )
                ) if name in by_text:
                    text, owner = by_text[name]
                    value = class_text(owner, member.attr)
                    if value is not None:
                        is_case = ast.unparse(ast.Compare(text, [ast.Eq()], [ast.Constant(value)]))
                        for refusal in self._of_case(statement.body, rest):
                            yield Refusal(f"({refusal.test}) and {is_case}", refusal.message)
                case _ if may_return(statement):
                    return
                case _:
                    yield from self._statements([statement], ())

    def _of_case(self, body: Sequence[ast.stmt], rest: Mapping[str, ast.expr]) -> Iterator[Refusal]:
        """What one branch refuses, and the constructor of what it returns."""
        *before, last = body
        if not any(map(may_return, before)):
            yield from self._statements(before, ())
            if isinstance(last, ast.Return) and isinstance(last.value, ast.Call):
                yield from self._of_made(last.value, rest)

    def _of_made(self, call: ast.Call, rest: Mapping[str, ast.expr]) -> Iterator[Refusal]:
        """What the constructor of a class refuses of what it is passed.

        Args:
            call: makes an instance.
            rest: what `**kwargs` certainly holds.
        """
        own = self._function
        made = self._resolver.expression(own.module, own.outer[:1], call.func)
        function = next(called(made, self._resolver), None) if isinstance(made, ClassSymbol) else None
        if function is None or any(isinstance(item, ast.Starred) for item in call.args):
            return
        given = dict(handed_on(call, function))
        hands_rest_on = any(keyword.arg is None for keyword in call.keywords)
        names = parameter_names(own.node)
        passed: dict[str, ast.expr] = {}
        for name, default in [*defaults_of(function.node).items()][1:]:
            value = given.get(name) or (rest.get(name) if hands_rest_on else None)
            if value is not None:
                meaning = self._normal(value)
            elif hands_rest_on and name not in names:
                meaning = ast.Name(name)  # what is given under this name is handed on
            else:
                meaning = default if isinstance(default, ast.Constant) else None
            if meaning is not None:
                passed[name] = meaning
        inner = _Walk(function, self._resolver, passed, depth=0, tells_all=True)
        yield from inner._statements(function.node.body, ())  # of the same class

    def _statements(self, body: Sequence[ast.stmt], path: tuple[ast.expr, ...]) -> Iterator[Refusal]:
        for statement in body:
            match statement:
                case ast.If(test=test, body=inner, orelse=orelse):
                    before = dict(self._stands_for)
                    for branch, truth in ((inner, True), (orelse, False)):
                        condition = self._demand(test, truth)
                        if condition is not None:
                            yield from self._statements(branch, (*path, condition))
                        self._stands_for = dict(before)
                case ast.Raise(exc=error):
                    yield from self._refused(path, error.args[:1] if isinstance(error, ast.Call) else ())
                    return
                case ast.Assert(test=test, msg=message):
                    condition = self._demand(test, False)
                    if condition is not None:
                        yield from self._refused((*path, condition), () if message is None else (message,))
                case ast.With(body=inner):
                    yield from self._statements(inner, path)
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
            self._note_names(statement)

    def _of_tensors(self, call: ast.Call, path: tuple[ast.expr, ...]) -> Iterator[Refusal]:
        """A negative side of a tensor that is made."""
        own = self._function
        sides = tensor_sides(call, lambda name: self._resolver.imported_path(own.module, own.outer, name))
        for side in sides:
            if isinstance(side, ast.Name) and (meaning := self._normal(side)) is not None:
                below = ast.Compare(meaning, [ast.Lt()], [ast.Constant(0)])
                test = ast.BoolOp(ast.And(), [*path, below]) if path else below
                if any(isinstance(inner, ast.Name) for inner in ast.walk(meaning)):
                    yield Refusal(ast.unparse(test), repr("a tensor has no negative side"))

    def _note_names(self, statement: ast.stmt) -> None:
        """Forget what a statement assigns anew; a plain assignment says what the name stands for from here on."""
        match statement:
            case ast.Assign(targets=[ast.Name()], value=value):
                meaning = self._normal(value)
            case _:
                meaning = None
        for name in (*names_set_by(statement), *names_changed_by(statement)):
            self._stands_for.pop(name, None)
            if meaning is not None:
                self._stands_for[name] = meaning

    def _refused(self, path: tuple[ast.expr, ...], message: Sequence[ast.expr]) -> Iterator[Refusal]:
        if not path:
            return
        *conditions, last = path
        for part in joined_by(last, ast.Or):
            test = ast.BoolOp(ast.And(), [*conditions, part]) if conditions else part
            is_read_elsewhere = self._depth == 0 and not self._tells_all and _is_of_one(test)
            if any(isinstance(inner, ast.Name) for inner in ast.walk(test)) and not is_read_elsewhere:
                text = self._message(message[0]) if message else None
                yield Refusal(ast.unparse(test), "" if text is None else ast.unparse(text))

    def _message(self, message: ast.expr) -> ast.expr | None:
        match message:
            case ast.JoinedStr(values=values):
                parts: list[ast.expr] = []
                for part in values:
                    inner = self._normal(part.value) if isinstance(part, ast.FormattedValue) else part
                    if inner is None:
                        return None
                    parts.append(
                        ast.FormattedValue(inner, -1) if isinstance(part, ast.FormattedValue) else inner
                    )
                return ast.JoinedStr(parts)
            case _:
                return self._normal(message)

    def _of_call(self, call: ast.Call, path: tuple[ast.expr, ...]) -> Iterator[Refusal]:
        """What a called function refuses of what it is passed, and of what the object stores."""
        function = receiver(self._function, call, self._resolver) if self._depth < FARTHEST else None
        if function is None or any(isinstance(item, ast.Starred) for item in call.args):
            return
        given = handed_on(call, function)
        passed = {name: meaning for name, value in given if (meaning := self._normal(value)) is not None}
        if function.owner is not None:
            passed |= {key: value for key, value in self._stands_for.items() if key.startswith("self.")}
        inner = _Walk(function, self._resolver, passed, self._depth + 1)
        yield from inner._statements(function.node.body, path)  # of the same class

    def _demand(self, test: ast.expr, truth: bool) -> ast.expr | None:
        """A condition that, where it holds, makes a test true or false; None where there is none that can be told."""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._demand(operand, not truth)
            case ast.BoolOp(op=operator, values=values):
                parts = [self._demand(value, truth) for value in values]
                known = [part for part in parts if part is not None]
                if isinstance(operator, ast.And) is truth:
                    return ast.BoolOp(ast.And(), known) if len(known) == len(parts) else None
                return ast.BoolOp(ast.Or(), known) if len(known) > 1 else next(iter(known), None)
            case _:
                found = self._normal(test)
                return found if truth or found is None else ast.UnaryOp(ast.Not(), found)

    def _normal(self, value: ast.expr) -> ast.expr | None:
        """An expression in terms of the target's parameters; None where it holds anything else."""
        match value:
            case ast.Constant(value=int() | float() | str() | None):
                return value
            case ast.Name(id=name):
                return self._stands_for.get(name) or self._presence(value)
            case ast.Attribute():
                return self._stands_for.get(ast.unparse(value))
            case ast.Subscript(value=inner, slice=ast.Constant(value=int()) as index):
                found = self._normal(inner)
                return ast.Subscript(found, index) if isinstance(found, ast.Name) else None
            case ast.Call(func=ast.Name(id="len") as function, args=[inner], keywords=[]):
                found = self._normal(inner)
                return ast.Call(function, [found], []) if isinstance(found, ast.Name) else None
            case ast.Call(func=ast.Name(id="list" | "tuple") as function, args=[inner], keywords=[]):
                found = self._normal(inner)
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
                found, kinds = self._normal(inner), _classes(classes)
                return None if found is None or kinds is None else ast.Call(function, [found, kinds], [])
            case ast.UnaryOp(op=operator, operand=inner):
                found = self._normal(inner)
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
                found = self._normal(inner)
                return None if found is None else ast.Starred(found, ast.Load())
            case _:
                return None

    def _of_each(self, function: ast.Name, test: ast.expr, *, item: str, row: ast.expr) -> ast.expr | None:
        """`any(… for x in row)`, or `all`."""
        values, before = self._normal(row), dict(self._stands_for)
        self._stands_for[item] = ast.Name(ITEM)
        of_item = self._normal(test)
        self._stands_for = before
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
        own = self._function
        if name.id in self._stands_for or name.id in self._local_names:
            return None
        symbol = self._resolver.expression(own.module, own.outer[:1], name)
        return presence(name.id, symbol, own.module, self._resolver.tree)

    @cached_property
    def _local_names(self) -> frozenset[str]:
        node = self._function.node
        return frozenset((*parameter_names(node), *rebound_names(node)))

    def _all(self, values: Sequence[ast.expr]) -> list[ast.expr] | None:
        found = [self._normal(value) for value in values]
        known = [value for value in found if value is not None]
        return known if len(known) == len(found) else None


def _by_name(mapping: ast.Dict) -> dict[str, ast.expr]:
    """The values of a mapping that is written out, by its texts."""
    return {
        key.value: value
        for key, value in zip(mapping.keys, mapping.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


def _classes(classes: ast.expr) -> ast.expr | None:
    """The names of classes in an `isinstance`, without their modules; None where one is not known."""
    items = classes.elts if isinstance(classes, ast.Tuple) else [classes]
    names = [ast.unparse(item).rpartition(".")[2] for item in items]
    return ast.Tuple([ast.Name(name) for name in names], ast.Load()) if set(names) <= CLASSES else None


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
