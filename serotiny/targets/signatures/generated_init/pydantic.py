"""Constructors of pydantic models."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from serotiny.targets.modules.scope import Assigned
from serotiny.targets.signature import Parameter
from serotiny.targets.signatures.call_shape import CallShape
from serotiny.targets.signatures.class_kinds import MODEL_BASES
from serotiny.targets.signatures.generated_init.fields import KEYWORD, Field, annotated, constant, is_named
from serotiny.targets.signatures.parameters import literal
from serotiny.targets.value_types import types as t

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from serotiny.targets.names.symbols import ClassSymbol
    from serotiny.targets.signatures.generated_init.fields import FieldBuilder
    from serotiny.targets.value_types.limits import Limits


def model_shape(fields: FieldBuilder, classes: Sequence[ClassSymbol]) -> CallShape:
    """A pydantic model: the fields of all models that it inherits from, by alias or name."""
    found: dict[str, Parameter] = {}
    config: dict[str, object] = {}
    for owner in reversed(classes):
        if owner.path in MODEL_BASES:
            continue
        config |= _model_config(owner)
        for field in annotated(owner):
            is_class_variable = is_named(field.annotation, "ClassVar")
            if field.name.startswith("_") or field.name == "model_config" or is_class_variable:
                continue
            parameter = _model_field(fields, owner, field)
            found[field.name] = replace(parameter, type=_coerced(parameter.type), body=None)
    parameters: list[Parameter] = []
    by_name = bool(config.get("populate_by_name") or config.get("validate_by_name"))
    for name, parameter in found.items():
        parameters.append(parameter)
        if by_name and parameter.name != name:
            parameters.append(replace(parameter, name=name, required=False))
            parameters[-2] = replace(parameter, required=False)
    is_open = config.get("extra") == "allow" or "alias_generator" in config
    shape = CallShape(tuple(parameters), is_open)
    own = [owner for owner in classes if owner.path not in MODEL_BASES]
    if any(map(_sees_keys_first, own)):
        shape = CallShape(tuple(parameters), True).with_any(item.name for item in parameters).loosened()
    prepared = {name for owner in own for name in _prepared_fields(owner)}
    chosen = found if "*" in prepared else prepared & found.keys()
    shape = shape.with_any(given for name in chosen for given in (name, found[name].name))
    return shape.loosened() if "alias_generator" in config else shape


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
    for field in annotated(owner):
        if field.annotation is not None and _has_prepared_annotation(field.annotation):
            yield field.name


def _has_prepared_annotation(annotation: ast.expr) -> bool:
    """Whether a validator in an annotation gets the value first: `Annotated[int, BeforeValidator(…)]`."""
    return any(
        isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2]
        in ("BeforeValidator", "PlainValidator", "WrapValidator")
        for node in ast.walk(annotation)
    )


def _validators(owner: ClassSymbol) -> Iterator[tuple[str, ast.Call, dict[str, ast.expr]]]:
    """The decorators of a model's methods: name, call and keyword arguments of each."""
    for statement in owner.node.body:
        if isinstance(statement, ast.FunctionDef):
            for decorator in statement.decorator_list:
                if isinstance(decorator, ast.Call):
                    name = ast.unparse(decorator.func).rpartition(".")[2]
                    options = {item.arg: item.value for item in decorator.keywords if item.arg is not None}
                    yield name, decorator, options


def _model_field(fields: FieldBuilder, owner: ClassSymbol, field: Field) -> Parameter:
    value, annotation = field.value, field.annotation
    options = fields.call_options(owner, value, {"Field"})
    if options is None and isinstance(annotation, ast.Subscript):
        # Annotated[int, Field(alias="x")]
        inner = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else []
        for argument in inner[1:]:
            found = fields.call_options(owner, argument, {"Field"})
            if found is not None:
                options = {**found, **({"default": value} if value is not None else {})}
    if options is None:
        return fields.parameter(owner, field, value, KEYWORD)
    alias = constant(options.get("validation_alias")) or constant(options.get("alias"))
    named = replace(field, name=alias) if isinstance(alias, str) else field
    parameter = replace(fields.with_options(owner, named, options, KEYWORD), limits=_limits(options))
    return replace(parameter, required=False) if "validation_alias" in options and not alias else parameter


def _limits(options: Mapping[str, ast.expr]) -> Limits:
    """What `Field(gt=0)` asks of a number."""
    found = [(word, literal(options[word])[1]) for word in ("ge", "gt", "le", "lt") if word in options]
    return tuple((word, limit) for word, limit in found if isinstance(limit, int | float))


def _model_config(owner: ClassSymbol) -> dict[str, object]:
    """The literal settings of a model: `model_config`, class keywords, or the old `class Config`."""
    settings: dict[str, ast.expr] = {
        keyword.arg: keyword.value for keyword in owner.node.keywords if keyword.arg is not None
    }
    for binding in owner.scope.names.get("model_config", ()):
        match binding:
            case Assigned(value=ast.Call(keywords=keywords)):
                settings |= {keyword.arg: keyword.value for keyword in keywords if keyword.arg is not None}
            case Assigned(value=ast.Dict(keys=keys, values=values)):
                settings |= {
                    key.value: value
                    for key, value in zip(keys, values, strict=True)
                    if isinstance(key, ast.Constant) and isinstance(key.value, str)
                }
            case _:
                pass
    return {name: constant(value) for name, value in settings.items()}


def _coerced(value_type: t.ValueType) -> t.ValueType:
    """The input that pydantic accepts for a type: it converts text to numbers, and other values to objects."""
    match value_type:
        case t.BoolType() | t.IntType() | t.FloatType():
            return t.union(t.BOOL, t.FLOAT, t.STR)
        case t.BytesType():
            return t.union(t.BYTES, t.STR)
        case t.ListType(item):
            return t.ListType(_coerced(item))
        case t.TupleType(items):
            return t.TupleType(tuple(_coerced(item) for item in items))
        case t.MappingType(key, value):
            return t.MappingType(_coerced(key), _coerced(value))
        case t.UnionType(members):
            return t.union(*(_coerced(member) for member in members))
        case t.InstanceOf(path, t.Written.TARGET):
            return t.InstanceOf(path, t.Written.ANYTHING)
        case _:
            return value_type
