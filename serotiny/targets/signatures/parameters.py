"""The parameters that a `def` writes out."""

from __future__ import annotations

import ast
import copy
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from serotiny.targets.names.symbols import ValueSymbol
from serotiny.targets.signature import Default, Parameter, ParameterKind
from serotiny.targets.signatures.annotations import AnnotationReader, Context
from serotiny.targets.value_types import types as t
from serotiny.targets.value_types.inclusion import covers
from serotiny.targets.value_types.validation import accepts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from serotiny.targets.names.resolver import NameResolver


class ParameterReader:
    """Reads parameters with their types and defaults."""

    def __init__(self, resolver: NameResolver) -> None:
        self._resolver = resolver
        self._annotations = AnnotationReader(resolver)

    def written(self, arguments: ast.arguments, context: Context) -> tuple[Parameter, ...]:
        """The parameters of a `def` in order, `*args` included, `**kwargs` not."""
        found = tuple(self._written(arguments, context))
        return with_factory_types(found) if context.module.name.startswith("torch.nn.") else found

    def parameter(
        self,
        name: str,
        annotation: ast.expr | None,
        default: ast.expr | None,
        context: Context,
        kind: ParameterKind = ParameterKind.POSITIONAL_OR_KEYWORD,
    ) -> Parameter:
        """One parameter; its type also takes its own default, whatever the annotation says."""
        value_type = self.annotation(annotation, context)
        if default is None:
            return Parameter(name=name, type=value_type, required=True, kind=kind)
        read = self.default(default, context)
        return Parameter(name=name, type=widened(value_type, read), default=read, kind=kind)

    def annotation(self, annotation: ast.expr | None, context: Context) -> t.ValueType:
        """The type that an annotation states; `None` alone states nothing of what is given."""
        stated = self._annotations.read(annotation, context)
        return t.ANY if stated == t.NONE else stated

    def default(self, expression: ast.expr, context: Context) -> Default:
        """A default as written, with its value where that is a literal or the name of one."""
        text = ast.unparse(expression)
        known, value = literal(expression)
        if not known:
            # a copy, since a NodeTransformer changes the tree
            known, value = literal(_Constants(self._resolver, context).visit(copy.deepcopy(expression)))
        return Default(text, known, value)

    def _written(self, arguments: ast.arguments, context: Context) -> Iterator[Parameter]:
        positional = [*arguments.posonlyargs, *arguments.args]
        defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
        for index, (argument, default) in enumerate(
            zip(positional, [*defaults, *arguments.defaults], strict=True)
        ):
            kind = (
                ParameterKind.POSITIONAL_ONLY
                if index < len(arguments.posonlyargs)
                else ParameterKind.POSITIONAL_OR_KEYWORD
            )
            yield self.parameter(
                argument.arg, argument.annotation, default=default, context=context, kind=kind
            )
        if arguments.vararg is not None:
            rest = arguments.vararg
            value_type = self.annotation(rest.annotation, context)
            yield Parameter(name=rest.arg, type=value_type, kind=ParameterKind.VAR_POSITIONAL)
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            yield self.parameter(
                argument.arg,
                argument.annotation,
                default=default,
                context=context,
                kind=ParameterKind.KEYWORD_ONLY,
            )


def with_factory_types(parameters: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """The parameters of a layer of torch's, which passes `device` and `dtype` on to what makes its tensors."""
    if not _FACTORY.keys() <= {parameter.name for parameter in parameters}:
        return parameters
    return tuple(
        replace(parameter, type=_FACTORY[parameter.name])
        if parameter.name in _FACTORY and parameter.type == t.ANY
        else parameter
        for parameter in parameters
    )


_FACTORY: Final = MappingProxyType(
    {name: t.union(t.InstanceOf(f"torch.{name}", t.Written.ANYTHING), t.NONE) for name in ("device", "dtype")}
)


class _Constants(ast.NodeTransformer):
    """Puts the values of named constants in the place of their names."""

    def __init__(self, resolver: NameResolver, context: Context) -> None:
        self._resolver = resolver
        self._context = context

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._constant(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return self._constant(node)

    def _constant(self, node: ast.Name | ast.Attribute) -> ast.expr:
        found = self._resolver.expression(self._context.module, self._context.scopes, node)
        return found.value if isinstance(found, ValueSymbol) and literal(found.value)[0] else node


def literal(expression: ast.expr) -> tuple[bool, t.Json]:
    """Whether an expression is a literal that JSON can hold, and its value; a tuple or set becomes a list."""
    try:
        return True, _as_json(ast.literal_eval(expression))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False, None


def widened(value_type: t.ValueType, default: Default) -> t.ValueType:
    """The type, extended so that it takes the default: hints such as `x: int = None` are common."""
    if not default.literal or accepts(value_type, default.value):
        return value_type
    return t.union(value_type, type_of_value(default.value))


def used(parameter: Parameter, body: str, ready: Mapping[str, Sequence[t.ValueType]]) -> Parameter:
    """The parameter with the types that its body handles added to the annotated one.

    Args:
        parameter: as annotated; the annotation is not enforced.
        body: the path of the function or class.
        ready: parameter → the types that the body handles.
    """
    value_type = parameter.type
    if value_type != t.ANY:
        more = [found for found in ready.get(parameter.name, ()) if not covers(value_type, found)]
        value_type = t.union(value_type, *more)
    return replace(parameter, type=value_type, body=body)


def type_of_value(value: t.Json) -> t.ValueType:
    """The type that a plain value is of."""
    match value:
        case None:
            return t.NONE
        case bool():
            return t.BOOL
        case int():
            return t.INT
        case float():
            return t.FLOAT
        case str():
            return t.STR
        case list():
            return t.ListType(t.ANY)
        case _:
            return t.MappingType(t.ANY, t.ANY)


def as_keyword(parameter: Parameter) -> Parameter:
    """The parameter as keyword-only, as `**kwargs` fills it."""
    return replace(parameter, kind=ParameterKind.KEYWORD_ONLY)


def _as_json(value: object) -> t.Json:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case list() | tuple():
            return [_as_json(item) for item in value]
        case set() | frozenset():
            # a set has no order of its own, and answers are compared and stored
            return sorted((_as_json(item) for item in value), key=repr)
        case dict():
            if not all(isinstance(key, str) for key in value):
                raise ValueError("a key that JSON cannot hold")
            return {key: _as_json(item) for key, item in value.items()}
        case _:
            raise ValueError("a value that JSON cannot hold")
