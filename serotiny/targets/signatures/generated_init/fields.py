"""The fields of a class body, and the parameters of a generated constructor that follow from them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.scope import Assigned, Branch
from serotiny.targets.names.symbols import constant
from serotiny.targets.signature import Default, Parameter, ParameterKind
from serotiny.targets.signatures.annotations import Context
from serotiny.targets.signatures.body.questions import readiness
from serotiny.targets.signatures.body.subjects import field_bodies_of
from serotiny.targets.signatures.call_shape import CallShape
from serotiny.targets.signatures.class_kinds import decorator_paths
from serotiny.targets.signatures.enforcement import is_enforcing_module
from serotiny.targets.signatures.parameters import used

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import ClassSymbol
    from serotiny.targets.signatures.parameters import ParameterReader
    from serotiny.targets.value_types.types import ValueType

KEYWORD: Final = ParameterKind.KEYWORD_ONLY
EITHER: Final = ParameterKind.POSITIONAL_OR_KEYWORD


@dataclass(frozen=True, slots=True)
class Field:
    """A name of a class body with its annotation and value."""

    name: str
    annotation: ast.expr | None
    value: ast.expr | None


class FieldBuilder:
    """Makes parameters of fields, for all kinds of generated constructors."""

    def __init__(self, resolver: NameResolver, parameters: ParameterReader) -> None:
        self.resolver = resolver
        self._parameters = parameters
        self._ready: dict[tuple[str, int], Mapping[str, Sequence[ValueType]]] = {}

    def parameter(
        self, owner: ClassSymbol, field: Field, default: ast.expr | None, kind: ParameterKind = EITHER
    ) -> Parameter:
        """The parameter of a field with a default."""
        context = Context(owner.module, (*owner.outer, owner.scope))
        parameter = self._parameters.parameter(field.name, field.annotation, default, context, kind)
        if is_enforcing_module(owner.module.name):
            return parameter
        return used(parameter, owner.path, self._readiness(owner))

    def _readiness(self, owner: ClassSymbol) -> Mapping[str, Sequence[ValueType]]:
        """Field → the types that the methods of a class handle."""
        key = (owner.path, owner.node.lineno)
        if key not in self._ready:
            names = [
                name for name, bindings in owner.scope.names.items() if isinstance(bindings[0], Assigned)
            ]
            self._ready[key] = readiness(field_bodies_of(owner, names))
        return self._ready[key]

    def with_options(
        self, owner: ClassSymbol, field: Field, options: dict[str, ast.expr], kind: ParameterKind
    ) -> Parameter:
        """The parameter of a field with its default or factory in a call of `field(…)`."""
        default = options.get("default")
        if isinstance(default, ast.Constant) and default.value is Ellipsis:
            default = None
        parameter = self.parameter(owner, field, default, kind)
        factory = options.get("default_factory") or options.get("factory")
        if factory is not None:
            return replace(parameter, required=False, default=_made_by(factory))
        return parameter

    def decorator(self, owner: ClassSymbol, paths: frozenset[str]) -> ast.expr | None:
        """The first decorator of a class that is one of these."""
        found = decorator_paths(owner, self.resolver)
        return next((decorator for path, decorator in found if path in paths), None)

    def call_options(
        self, owner: ClassSymbol, value: ast.expr | None, names: set[str]
    ) -> dict[str, ast.expr] | None:
        """The keyword arguments of a call of `field(…)` or the like; None for anything else."""
        if not isinstance(value, ast.Call):
            return None
        path = self.resolver.imported_path(owner.module, owner.outer, value.func) or ast.unparse(value.func)
        if path.rpartition(".")[2] not in names:
            return None
        options = {keyword.arg: keyword.value for keyword in value.keywords if keyword.arg is not None}
        return {"default": value.args[0], **options} if value.args else options


def generated_shape(
    fields: FieldBuilder,
    symbol: ClassSymbol,
    decorators: frozenset[str],
    parameters_of: Callable[[FieldBuilder, ClassSymbol, ast.expr], Iterator[tuple[str, Parameter | None]]],
) -> CallShape:
    """The constructor that a decorator generates from the fields of a class and its decorated bases, the deepest first.

    Args:
        fields: makes parameters.
        symbol: the class.
        decorators: the paths of the decorator.
        parameters_of: the fields of one class by name, from the class and its decorator; None for a field that is
            no parameter. A field that is redefined keeps its place.
    """
    found: dict[str, Parameter] = {}
    line = fields.resolver.linearise(symbol)
    for owner in reversed(line.classes):
        decorator = fields.decorator(owner, decorators)
        if decorator is None:
            continue
        for name, parameter in parameters_of(fields, owner, decorator):
            found.pop(name, None) if parameter is None else found.update({name: parameter})
    return CallShape(keywords_last(found.values()), open=not line.certain)


def is_named(annotation: ast.expr | None, name: str) -> bool:
    """Whether an annotation is `name` or `name[…]`, with or without its module, also as a string."""
    match annotation:
        case None:
            return False
        case ast.Constant(value=str(text)):
            written = text
        case _:
            written = ast.unparse(annotation)
    return written.partition("[")[0].rpartition(".")[2] == name


def annotated(owner: ClassSymbol) -> Iterator[Field]:
    """The annotated names of a class body, in order."""
    for name, bindings in owner.scope.names.items():
        for binding in bindings:
            if isinstance(binding, Assigned) and binding.annotation is not None:
                if binding.branch is not Branch.TYPE_CHECKING:
                    yield Field(name, binding.annotation, binding.value)
                break


def keywords_last(parameters: Iterable[Parameter]) -> tuple[Parameter, ...]:
    """The parameters with the keyword-only ones last, as in a generated constructor."""
    return tuple(sorted(parameters, key=lambda parameter: parameter.kind is KEYWORD))


def option(decorator: ast.expr, name: str) -> object:
    """A literal option of a decorator, or None."""
    if not isinstance(decorator, ast.Call):
        return None
    return next((constant(keyword.value) for keyword in decorator.keywords if keyword.arg == name), None)


def _made_by(factory: ast.expr) -> Default:
    """The default of a factory; its value is known for the empty builtins."""
    text = ast.unparse(factory)
    if text in ("list", "tuple", "set"):
        return Default(f"{text}()", True, [])
    if text == "dict":
        return Default("dict()", True, {})
    return Default(f"{text}()")
