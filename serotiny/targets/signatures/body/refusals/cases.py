"""What a `__new__` refuses that makes one of several classes, as a text says that names a member."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from serotiny.targets.names.symbols import ClassSymbol, defaults_of, parameter_names
from serotiny.targets.signatures.body.called import called, class_text, handed_on
from serotiny.targets.signatures.body.refusals.walk import Walk
from serotiny.targets.signatures.body.walked import may_return

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.signature import Refusal
    from serotiny.targets.signatures.body.called import Called


class Cases:
    """Reads one such `__new__`."""

    def __init__(self, maker: Called, resolver: NameResolver) -> None:
        own = {name: ast.Name(name) for name in parameter_names(maker.node)}
        self._walk = Walk(maker, resolver, own, tells_all=True)
        self._function = maker
        self._resolver = resolver

    def refusals(self) -> Iterator[Refusal]:
        """Each condition under which it raises; a text that is the value of a member certainly means that one."""
        by_text: dict[str, tuple[ast.expr, ClassSymbol]] = {}
        rest: dict[str, ast.expr] = {}
        for statement in self._function.node.body:
            match statement:
                case ast.Assign(
                    targets=[ast.Name(id=name)],
                    value=ast.Call(func=ast.Attribute(value=members, attr="from_str"), args=[given]),
                ) if (text := self._walk.terms.normal(given)) is not None:
                    owner = self._resolver.expression(
                        self._function.module, self._function.outer[:1], members
                    )
                    self._walk.terms.note(statement)
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
                            yield replace(refusal, test=f"({refusal.test}) and {is_case}")
                case _ if may_return(statement):
                    return
                case _:
                    yield from self._walk.statements([statement], ())

    def _of_case(self, body: Sequence[ast.stmt], rest: Mapping[str, ast.expr]) -> Iterator[Refusal]:
        """What one branch refuses, and the constructor of what it returns."""
        *before, last = body
        if not any(map(may_return, before)):
            yield from self._walk.statements(before, ())
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
                meaning = self._walk.terms.normal(value)
            elif hands_rest_on and name not in names:
                meaning = ast.Name(name)  # what is given under this name is handed on
            else:
                meaning = default if isinstance(default, ast.Constant) else None
            if meaning is not None:
                passed[name] = meaning
        inner = Walk(function, self._resolver, passed, tells_all=True)
        yield from inner.statements(function.node.body, ())  # of the same class


def _by_name(mapping: ast.Dict) -> dict[str, ast.expr]:
    """The values of a mapping that is written out, by its texts."""
    return {
        key.value: value
        for key, value in zip(mapping.keys, mapping.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }
