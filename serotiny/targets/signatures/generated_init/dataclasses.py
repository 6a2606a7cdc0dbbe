"""Constructors of dataclasses, named tuples and typed dicts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from serotiny.targets.names.symbols import constant
from serotiny.targets.signature import Parameter
from serotiny.targets.signatures.call_shape import CallShape
from serotiny.targets.signatures.class_kinds import DATACLASS_DECORATORS, TYPED_DICTS
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
    import ast
    from collections.abc import Iterator, Sequence

    from serotiny.targets.names.symbols import ClassSymbol
    from serotiny.targets.signatures.generated_init.fields import FieldBuilder


def plain_shape(fields: FieldBuilder, classes: Sequence[ClassSymbol]) -> CallShape:
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
    is_mapping = any(
        path in TYPED_DICTS for owner in classes for path in fields.resolver.linearise(owner).paths
    )
    # nothing looks at the keys of a typed dict when it runs
    return CallShape(tuple(found.values()), ignores_rest=is_mapping)


def dataclass_shape(fields: FieldBuilder, symbol: ClassSymbol) -> CallShape:
    """A dataclass: the fields of every dataclass that it inherits from, the deepest first."""
    return generated_shape(fields, symbol, DATACLASS_DECORATORS, dataclass_parameters)


def dataclass_parameters(
    fields: FieldBuilder, owner: ClassSymbol, decorator: ast.expr
) -> Iterator[tuple[str, Parameter | None]]:
    """The fields of one dataclass by name; None for one that is no parameter."""
    keyword_only = option(decorator, "kw_only") is True
    for field in annotated(owner):
        if is_named(field.annotation, "KW_ONLY"):
            keyword_only = True
        elif not is_named(field.annotation, "ClassVar"):
            yield field.name, _dataclass_field(fields, owner, field, keyword_only)


def _dataclass_field(
    fields: FieldBuilder, owner: ClassSymbol, field: Field, keyword_only: bool
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
