"""Constructors of dataclasses, named tuples and typed dicts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from serotiny.targets.class_fields import (
    EITHER,
    KEYWORD,
    Field,
    annotated,
    constant,
    generated_shape,
    is_named,
    option,
)
from serotiny.targets.classes import DATACLASS_DECORATORS
from serotiny.targets.shape import Shape
from serotiny.targets.signature import Parameter

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

    from serotiny.targets.class_fields import FieldBuilder
    from serotiny.targets.entities import ClassEntity


def plain_shape(fields: FieldBuilder, classes: Sequence[ClassEntity]) -> Shape:
    """A named tuple or typed dict: every annotated name, its value the default."""
    found: dict[str, Parameter] = {}
    for owner in reversed(classes):
        partly = any(
            keyword.arg == "total" and constant(keyword.value) is False for keyword in owner.node.keywords
        )
        for field in annotated(owner):
            parameter = fields.parameter(owner, field, field.value)
            optional = is_named(field.annotation, "NotRequired") or (
                partly and not is_named(field.annotation, "Required")
            )
            found[field.name] = replace(parameter, required=parameter.required and not optional)
    return Shape(tuple(found.values()))


def dataclass_shape(fields: FieldBuilder, entity: ClassEntity) -> Shape:
    """A dataclass: the fields of every dataclass that it inherits from, the deepest first."""
    return generated_shape(fields, entity, DATACLASS_DECORATORS, _dataclass_parameters)


def _dataclass_parameters(
    fields: FieldBuilder, owner: ClassEntity, decorator: ast.expr
) -> Iterator[tuple[str, Parameter | None]]:
    keyword_only = option(decorator, "kw_only") is True
    for field in annotated(owner):
        if is_named(field.annotation, "KW_ONLY"):
            keyword_only = True
        elif not is_named(field.annotation, "ClassVar"):
            yield field.name, _dataclass_field(fields, owner, field, keyword_only)


def _dataclass_field(
    fields: FieldBuilder, owner: ClassEntity, field: Field, keyword_only: bool
) -> Parameter | None:
    kind = KEYWORD if keyword_only else EITHER
    options = fields.call_options(owner, field.value, {"field", "Field"})
    if options is None:
        return fields.parameter(owner, field, field.value, kind)
    if constant(options.get("init")) is False:
        return None
    if constant(options.get("kw_only")) is True:
        kind = KEYWORD
    return fields.with_options(owner, field, options, kind)
