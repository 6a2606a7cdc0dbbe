"""Classes whose constructor is made from their fields: dataclasses, attrs, pydantic models, named tuples."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from serotiny.targets import types as t
from serotiny.targets.annotations import Context
from serotiny.targets.bindings import Assigned, Branch, Defined
from serotiny.targets.classes import (
    ATTRS_DECORATORS,
    DATACLASS_DECORATORS,
    MODEL_BASES,
    decorator_paths,
)
from serotiny.targets.shape import Shape
from serotiny.targets.signature import Default, Parameter, ParameterKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from serotiny.targets.entities import ClassEntity
    from serotiny.targets.follow import Follower
    from serotiny.targets.parameters import ParameterReader

_KEYWORD: Final = ParameterKind.KEYWORD_ONLY
_EITHER: Final = ParameterKind.POSITIONAL_OR_KEYWORD


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    annotation: ast.expr | None
    value: ast.expr | None


class FieldReader:
    """Turns the fields of a class into parameters."""

    def __init__(self, follower: Follower, parameters: ParameterReader) -> None:
        self._follower = follower
        self._parameters = parameters

    def plain(self, classes: Sequence[ClassEntity]) -> Shape:
        """A named tuple or typed dict: every annotated name, its value the default."""
        found: dict[str, Parameter] = {}
        for owner in reversed(classes):
            partly = any(
                keyword.arg == "total" and _constant(keyword.value) is False
                for keyword in owner.node.keywords
            )
            for field in _annotated(owner):
                parameter = self._parameter(owner, field, field.value)
                optional = _is_named(field.annotation, "NotRequired") or (
                    partly and not _is_named(field.annotation, "Required")
                )
                found[field.name] = replace(parameter, required=parameter.required and not optional)
        return Shape(tuple(found.values()))

    def dataclass(self, entity: ClassEntity) -> Shape:
        """A dataclass: the fields of every dataclass that it inherits from, the deepest first."""
        found: dict[str, Parameter] = {}
        line = self._follower.linearise(entity)
        for owner in reversed(line.classes):
            decorator = self._decorator(owner, DATACLASS_DECORATORS)
            if decorator is None:
                continue
            keyword_only = _option(decorator, "kw_only") is True
            for field in _annotated(owner):
                if _is_named(field.annotation, "KW_ONLY"):
                    keyword_only = True
                elif not _is_named(field.annotation, "ClassVar"):
                    parameter = self._dataclass_field(owner, field, keyword_only)
                    # a field that is redefined keeps its place
                    found.pop(field.name, None) if parameter is None else found.update(
                        {field.name: parameter}
                    )
        return Shape(_keywords_last(found.values()), open=not line.certain)

    def attrs(self, entity: ClassEntity) -> Shape:
        """An attrs class: `attr.ib()` or annotated fields, private names without their underscore."""
        found: dict[str, Parameter] = {}
        line = self._follower.linearise(entity)
        for owner in reversed(line.classes):
            decorator = self._decorator(owner, ATTRS_DECORATORS)
            if decorator is None:
                continue
            keyword_only = _option(decorator, "kw_only") is True
            for field in self._attrs_fields(owner, decorator):
                parameter = self._attrs_field(owner, field, keyword_only)
                found.pop(field.name, None) if parameter is None else found.update({field.name: parameter})
        return Shape(_keywords_last(found.values()), open=not line.certain)

    def model(self, classes: Sequence[ClassEntity]) -> Shape:
        """A pydantic model: the fields of all models that it inherits from, by alias or name."""
        found: dict[str, Parameter] = {}
        config: dict[str, object] = {}
        for owner in reversed(classes):
            if owner.path in MODEL_BASES:
                continue
            config |= _model_config(owner)
            for field in _annotated(owner):
                is_class_variable = _is_named(field.annotation, "ClassVar")
                if field.name.startswith("_") or field.name == "model_config" or is_class_variable:
                    continue
                parameter = self._model_field(owner, field)
                found[field.name] = replace(parameter, type=_coerced(parameter.type))
        parameters: list[Parameter] = []
        by_name = bool(config.get("populate_by_name") or config.get("validate_by_name"))
        for name, parameter in found.items():
            parameters.append(parameter)
            if by_name and parameter.name != name:
                parameters.append(replace(parameter, name=name, required=False))
                parameters[-2] = replace(parameter, required=False)
        is_open = config.get("extra") == "allow" or "alias_generator" in config
        shape = Shape(tuple(parameters), is_open)
        return shape.loosened() if "alias_generator" in config else shape

    # --- one field

    def _parameter(
        self, owner: ClassEntity, field: _Field, default: ast.expr | None, kind: ParameterKind = _EITHER
    ) -> Parameter:
        context = Context(owner.module, (*owner.outer, owner.scope))
        return self._parameters.parameter(field.name, field.annotation, default, context, kind)

    def _dataclass_field(self, owner: ClassEntity, field: _Field, keyword_only: bool) -> Parameter | None:
        kind = _KEYWORD if keyword_only else _EITHER
        options = self._call_options(owner, field.value, {"field", "Field"})
        if options is None:
            return self._parameter(owner, field, field.value, kind)
        if _constant(options.get("init")) is False:
            return None
        if _constant(options.get("kw_only")) is True:
            kind = _KEYWORD
        return self._with_options(owner, field, options, kind)

    def _attrs_field(self, owner: ClassEntity, field: _Field, keyword_only: bool) -> Parameter | None:
        kind = _KEYWORD if keyword_only else _EITHER
        options = self._call_options(owner, field.value, {"ib", "attrib", "field", "attr"})
        named = replace(field, name=field.name.lstrip("_"))
        if options is None:
            return self._parameter(owner, named, field.value, kind)
        if _constant(options.get("init")) is False:
            return None
        if _constant(options.get("kw_only")) is True:
            kind = _KEYWORD
        alias = _constant(options.get("alias"))
        named = replace(named, name=alias) if isinstance(alias, str) else named
        if field.annotation is None:
            named = replace(named, annotation=options.get("type"))
        if "converter" in options:
            # what a converter takes is its own affair
            named = replace(named, annotation=None)
        parameter = self._with_options(owner, named, options, kind)
        return replace(parameter, required=False) if _has_default_method(owner, field.name) else parameter

    def _model_field(self, owner: ClassEntity, field: _Field) -> Parameter:
        value, annotation = field.value, field.annotation
        options = self._call_options(owner, value, {"Field"})
        if options is None and isinstance(annotation, ast.Subscript):
            # Annotated[int, Field(alias="x")]
            inner = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else []
            for argument in inner[1:]:
                found = self._call_options(owner, argument, {"Field"})
                if found is not None:
                    options = {**found, **({"default": value} if value is not None else {})}
        if options is None:
            return self._parameter(owner, field, value, _KEYWORD)
        alias = _constant(options.get("validation_alias")) or _constant(options.get("alias"))
        named = replace(field, name=alias) if isinstance(alias, str) else field
        parameter = self._with_options(owner, named, options, _KEYWORD)
        return (
            replace(parameter, required=False) if "validation_alias" in options and not alias else parameter
        )

    def _with_options(
        self, owner: ClassEntity, field: _Field, options: dict[str, ast.expr], kind: ParameterKind
    ) -> Parameter:
        default = options.get("default")
        if isinstance(default, ast.Constant) and default.value is Ellipsis:
            default = None
        parameter = self._parameter(owner, field, default, kind)
        factory = options.get("default_factory") or options.get("factory")
        if factory is not None:
            return replace(parameter, required=False, default=_made_by(factory))
        return parameter

    # --- reading the class body

    def _attrs_fields(self, owner: ClassEntity, decorator: ast.expr) -> Iterator[_Field]:
        annotated = list(_annotated(owner))
        names = {"ib", "attrib", "field", "attr"}
        assigned = [
            _Field(name, binding.annotation, binding.value)
            for name, bindings in owner.scope.names.items()
            for binding in bindings[-1:]
            if isinstance(binding, Assigned) and self._call_options(owner, binding.value, names) is not None
        ]
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        auto = _option(decorator, "auto_attribs")
        by_annotation = auto is True or ast.unparse(called).rpartition(".")[2] == "dataclass"
        if auto is None and ast.unparse(called).rpartition(".")[2] in ("define", "mutable", "frozen"):
            # attrs itself decides so: annotations count unless a field has none
            by_annotation = all(field.annotation is not None for field in assigned)
        fields = annotated if by_annotation else assigned
        return (field for field in fields if not _is_named(field.annotation, "ClassVar"))

    def _decorator(self, owner: ClassEntity, paths: frozenset[str]) -> ast.expr | None:
        found = decorator_paths(owner, self._follower)
        return next((decorator for path, decorator in found if path in paths), None)

    def _call_options(
        self, owner: ClassEntity, value: ast.expr | None, names: set[str]
    ) -> dict[str, ast.expr] | None:
        """The keyword arguments of a call of `field(…)` or the like; None for anything else."""
        if not isinstance(value, ast.Call):
            return None
        path = self._follower.imported_path(owner.module, owner.outer, value.func) or ast.unparse(value.func)
        if path.rpartition(".")[2] not in names:
            return None
        options = {keyword.arg: keyword.value for keyword in value.keywords if keyword.arg is not None}
        return {"default": value.args[0], **options} if value.args else options


def _is_named(annotation: ast.expr | None, name: str) -> bool:
    """Whether an annotation is `name` or `name[…]`, with or without its module, also as a string."""
    if annotation is None:
        return False
    is_text = isinstance(annotation, ast.Constant) and isinstance(annotation.value, str)
    written = str(annotation.value) if is_text else ast.unparse(annotation)  # type: ignore[attr-defined]
    return written.partition("[")[0].rpartition(".")[2] == name


def _annotated(owner: ClassEntity) -> Iterator[_Field]:
    for name, bindings in owner.scope.names.items():
        for binding in bindings:
            if isinstance(binding, Assigned) and binding.annotation is not None:
                if binding.branch is not Branch.TYPE_CHECKING:
                    yield _Field(name, binding.annotation, binding.value)
                break


def _has_default_method(owner: ClassEntity, name: str) -> bool:
    """`@name.default` above a method gives an attrs field its default."""
    return any(
        ast.unparse(decorator) == f"{name}.default"
        for bindings in owner.scope.names.values()
        for binding in bindings
        if isinstance(binding, Defined)
        for decorator in binding.node.decorator_list
    )


def _model_config(owner: ClassEntity) -> dict[str, object]:
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
    return {name: _constant(value) for name, value in settings.items()}


def _coerced(value_type: t.ValueType) -> t.ValueType:
    """What pydantic takes for a type: it makes numbers of text and objects of what they are written as."""
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


def _keywords_last(parameters: Iterable[Parameter]) -> tuple[Parameter, ...]:
    return tuple(sorted(parameters, key=lambda parameter: parameter.kind is _KEYWORD))


def _made_by(factory: ast.expr) -> Default:
    """A default that is made anew each time; the empty builtins are known."""
    text = ast.unparse(factory)
    if text in ("list", "tuple", "set"):
        return Default(f"{text}()", True, [])
    if text == "dict":
        return Default("dict()", True, {})
    return Default(f"{text}()")


def _option(decorator: ast.expr, name: str) -> object:
    if not isinstance(decorator, ast.Call):
        return None
    return next((_constant(keyword.value) for keyword in decorator.keywords if keyword.arg == name), None)


def _constant(expression: ast.expr | None) -> object:
    return expression.value if isinstance(expression, ast.Constant) else None
