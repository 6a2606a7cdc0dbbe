"""Constructors of attrs classes."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from serotiny.targets.modules.scope import Assigned, Defined
from serotiny.targets.modules.written_names import last_name
from serotiny.targets.names.symbols import constant
from serotiny.targets.signatures.class_kinds import ATTRS_DECORATORS
from serotiny.targets.signatures.generated_init.attrs_validators import as_validated, converted
from serotiny.targets.signatures.generated_init.fields import (
    EITHER,
    KEYWORD,
    Field,
    annotated,
    generated_shape,
    is_named,
    option,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serotiny.targets.names.symbols import ClassSymbol
    from serotiny.targets.signature import Parameter
    from serotiny.targets.signatures.call_shape import CallShape
    from serotiny.targets.signatures.generated_init.fields import FieldBuilder


def attrs_shape(fields: FieldBuilder, symbol: ClassSymbol) -> CallShape:
    """An attrs class: `attr.ib()` or annotated fields, private names without their underscore."""
    return generated_shape(fields, symbol, ATTRS_DECORATORS, _attrs_parameters)


def _attrs_parameters(
    fields: FieldBuilder, owner: ClassSymbol, decorator: ast.expr
) -> Iterator[tuple[str, Parameter | None]]:
    keyword_only = option(decorator, "kw_only") is True
    for field in _attrs_fields(fields, owner, decorator):
        yield field.name, _attrs_field(fields, owner, field, keyword_only)


def _attrs_field(
    fields: FieldBuilder, owner: ClassSymbol, field: Field, keyword_only: bool
) -> Parameter | None:
    kind = KEYWORD if keyword_only else EITHER
    options = fields.call_options(owner, field.value, {"ib", "attrib", "field", "attr"})
    named = replace(field, name=field.name.lstrip("_"))
    if options is None:
        return fields.parameter(owner, named, field.value, kind)
    if constant(options.get("init")) is False:
        return None
    if constant(options.get("kw_only")) is True:
        kind = KEYWORD
    alias = constant(options.get("alias"))
    named = replace(named, name=alias) if isinstance(alias, str) else named
    if field.annotation is None:
        named = replace(named, annotation=options.get("type"))
    if "converter" in options:
        # the value goes to the converter, not to the annotated field
        named = replace(named, annotation=None)
    parameter = fields.with_options(owner, named, options, kind)
    if "converter" in options:
        parameter = converted(parameter, options["converter"])
    elif "validator" in options:
        parameter = as_validated(parameter, options["validator"], owner, fields.resolver)
    return replace(parameter, required=False) if _has_default_method(owner, field.name) else parameter


def _attrs_fields(fields: FieldBuilder, owner: ClassSymbol, decorator: ast.expr) -> Iterator[Field]:
    with_annotation = list(annotated(owner))
    names = {"ib", "attrib", "field", "attr"}
    assigned = [
        Field(name, binding.annotation, binding.value)
        for name, bindings in owner.scope.names.items()
        for binding in bindings[-1:]
        if isinstance(binding, Assigned) and fields.call_options(owner, binding.value, names) is not None
    ]
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    auto = option(decorator, "auto_attribs")
    by_annotation = auto is True or last_name(called) == "dataclass"
    if auto is None and last_name(called) in ("define", "mutable", "frozen"):
        # as attrs decides: annotations count unless some `attr.ib()` has none
        by_annotation = all(field.annotation is not None for field in assigned)
    chosen = with_annotation if by_annotation else assigned
    return (field for field in chosen if not is_named(field.annotation, "ClassVar"))


def _has_default_method(owner: ClassSymbol, name: str) -> bool:
    """`@name.default` above a method gives an attrs field its default."""
    return any(
        ast.unparse(decorator) == f"{name}.default"
        for bindings in owner.scope.names.values()
        for binding in bindings
        if isinstance(binding, Defined)
        for decorator in binding.node.decorator_list
    )
