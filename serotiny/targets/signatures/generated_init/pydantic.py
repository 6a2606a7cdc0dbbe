"""Constructors of pydantic models and dataclasses."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from serotiny.targets.modules.scope import Assigned
from serotiny.targets.modules.written_names import last_name
from serotiny.targets.names.symbols import constant
from serotiny.targets.signatures.annotations import Context
from serotiny.targets.signatures.call_shape import CallShape
from serotiny.targets.signatures.class_kinds import DATACLASS_DECORATORS, MODEL_BASES, PYDANTIC_DATACLASS
from serotiny.targets.signatures.generated_init.dataclasses import dataclass_parameters
from serotiny.targets.signatures.generated_init.fields import (
    KEYWORD,
    annotated,
    is_named,
    keywords_last,
)
from serotiny.targets.signatures.generated_init.pydantic_annotations import calls_in
from serotiny.targets.signatures.generated_init.pydantic_fields import (
    UNREAD,
    Settings,
    settings_in,
    validated,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from serotiny.targets.names.symbols import ClassSymbol
    from serotiny.targets.signature import Parameter
    from serotiny.targets.signatures.generated_init.fields import Field, FieldBuilder


def model_shape(fields: FieldBuilder, classes: Sequence[ClassSymbol]) -> CallShape:
    """A pydantic model: the fields of all models that it inherits from, by alias or name."""
    own = [owner for owner in classes if owner.path not in MODEL_BASES]
    settings = _settings_of(_model_config(owner) for owner in reversed(own))
    found: dict[str, tuple[Parameter, ...]] = {}
    for owner in reversed(own):
        for field in annotated(owner):
            is_class_variable = is_named(field.annotation, "ClassVar")
            if field.name.startswith("_") or field.name == "model_config" or is_class_variable:
                continue
            found[field.name] = _model_field(fields, owner, field, settings)
    return _prepared(own, found, settings)


def pydantic_dataclass_shape(fields: FieldBuilder, symbol: ClassSymbol) -> CallShape:
    """A dataclass of pydantic's: the fields of every dataclass that it inherits from, as pydantic takes them."""
    line = fields.resolver.linearise(symbol)
    own = [owner for owner in line.classes if fields.decorator(owner, DATACLASS_DECORATORS) is not None]
    settings = _settings_of([_dataclass_config(fields, symbol)])
    found: dict[str, tuple[Parameter, ...]] = {}
    for owner in reversed(own):
        decorator = fields.decorator(owner, DATACLASS_DECORATORS)
        annotations = {field.name: field for field in annotated(owner)}
        for name, parameter in (
            dataclass_parameters(fields, owner, decorator) if decorator is not None else ()
        ):
            found.pop(name, None)
            if parameter is not None:
                field = annotations[name]
                options = fields.call_options(owner, field.value, {"Field"}) or {}
                found[name] = validated(
                    parameter, field.annotation, options, settings, calls=_calls(fields, owner, field)
                )
    shape = _prepared(own, found, settings)
    return shape if line.certain else shape.loosened()


def _settings_of(configs: Iterable[Mapping[str, ast.expr | None] | None]) -> Settings:
    merged: dict[str, ast.expr | None] = {}
    for config in configs:
        if config is None:
            return UNREAD
        merged |= config
    return Settings.read(merged)


def _prepared(
    own: Sequence[ClassSymbol],
    found: Mapping[str, tuple[Parameter, ...]],
    settings: Settings,
) -> CallShape:
    """The shape of fields, with what validators do to the input before it is checked."""
    parameters = keywords_last(way for ways in found.values() for way in ways)
    shape = CallShape(parameters, settings.extra == "allow", ignores_rest=settings.extra == "ignore")
    if settings.makes_aliases or any(map(_sees_keys_first, own)):
        shape = shape.loosened()
    if any(map(_sees_keys_first, own)):
        shape = shape.with_any(item.name for item in parameters)
    prepared = {name for owner in own for name in _prepared_fields(owner)}
    chosen = found.keys() if "*" in prepared else prepared & found.keys()
    return shape.with_any(way.name for name in chosen for way in found[name])


def _sees_keys_first(owner: ClassSymbol) -> bool:
    """Whether a validator of the whole model gets the input before its fields do, and may change it."""
    return any(
        (name == "model_validator" and constant(options.get("mode")) in ("before", "wrap"))
        or (name == "root_validator" and constant(options.get("pre")) is True)
        for name, _, options in _validators(owner)
    )


def _prepared_fields(owner: ClassSymbol) -> Iterator[str]:
    """The fields whose value a validator gets before its type is checked; `*` for all of them."""
    for name, call, options in _validators(owner):
        before = constant(options.get("mode")) in ("before", "wrap", "plain")
        if (name == "field_validator" and before) or (
            name == "validator" and constant(options.get("pre")) is True
        ):
            yield from (str(argument.value) for argument in call.args if isinstance(argument, ast.Constant))


def _validators(owner: ClassSymbol) -> Iterator[tuple[str, ast.Call, dict[str, ast.expr]]]:
    """The decorators of a model's methods: name, call and keyword arguments of each."""
    for statement in owner.node.body:
        if isinstance(statement, ast.FunctionDef):
            for decorator in statement.decorator_list:
                if isinstance(decorator, ast.Call):
                    name = last_name(decorator.func)
                    options = {item.arg: item.value for item in decorator.keywords if item.arg is not None}
                    yield name, decorator, options


def _model_field(
    fields: FieldBuilder, owner: ClassSymbol, field: Field, settings: Settings
) -> tuple[Parameter, ...]:
    value, annotation = field.value, field.annotation
    options = fields.call_options(owner, value, {"Field"})
    if options is None and isinstance(annotation, ast.Subscript):
        # Annotated[int, Field(alias="x")]
        inner = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else []
        for argument in inner[1:]:
            found = fields.call_options(owner, argument, {"Field"})
            if found is not None:
                options = {**found, **({"default": value} if value is not None else {})}
    calls = _calls(fields, owner, field)
    if options is None:
        return validated(
            fields.parameter(owner, field, value, KEYWORD), annotation, {}, settings, calls=calls
        )
    parameter = fields.with_options(owner, field, options, KEYWORD)
    return validated(parameter, annotation, options, settings, calls=calls)


def _calls(fields: FieldBuilder, owner: ClassSymbol, field: Field) -> Sequence[ast.Call]:
    context = Context(owner.module, (*owner.outer, owner.scope))
    return [*calls_in(field.annotation, context, fields.resolver)]


def _model_config(owner: ClassSymbol) -> Mapping[str, ast.expr | None] | None:
    """The settings of a model: `model_config`, class keywords, or the old `class Config`; None for what is not read."""
    settings: dict[str, ast.expr | None] = {
        keyword.arg: keyword.value for keyword in owner.node.keywords if keyword.arg is not None
    }
    if len(settings) < len(owner.node.keywords):
        return None
    for binding in owner.scope.names.get("model_config", ()):
        found = settings_in(binding.value) if isinstance(binding, Assigned) else None
        if found is None:
            return None
        settings |= found
    for statement in owner.node.body:
        if isinstance(statement, ast.ClassDef) and statement.name == "Config":
            for inner in statement.body:
                match inner:
                    case ast.Assign(targets=[ast.Name(id=name)], value=value):
                        settings[name] = value
                    case _:
                        pass
    return settings


def _dataclass_config(fields: FieldBuilder, symbol: ClassSymbol) -> Mapping[str, ast.expr | None] | None:
    decorator = fields.decorator(symbol, frozenset({PYDANTIC_DATACLASS}))
    if symbol.scope.names.get("__pydantic_config__"):
        return None
    if not isinstance(decorator, ast.Call):
        return {}
    found = next((word.value for word in decorator.keywords if word.arg == "config"), None)
    return settings_in(found)
