"""A value type as a schema for editors: one list of types and one pattern, with one clear message.

An `anyOf` for each value would be equivalent, but editors do not show which part of it fails.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from serotiny.json_schema.fragments import LATER, JsonSchema
from serotiny.targets.value_types import types as t
from serotiny.targets.value_types.forms import FORMS
from serotiny.targets.value_types.types import Written

if TYPE_CHECKING:
    from collections.abc import Callable

    from serotiny.json_schema.builder.role import Builder
    from serotiny.targets import ValueType

_SCALARS = {
    t.NoneType: "null",
    t.BoolType: "boolean",
    t.IntType: "integer",
    t.FloatType: "number",
    t.StrType: "string",
    t.PathType: "string",
    t.BytesType: "string",
}

_MAKERS: Final = (("scheduler", "LRScheduler"), ("optim", "Optimizer"))
"""Part of a parameter's name → what a callable for it probably makes; used for offers, not to refuse anything."""


class Values:
    """Makes the schemas of value types, each a definition of its own."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder

    def refer(self, value_type: ValueType, parameter: str | None = None) -> JsonSchema:
        """A reference to the schema of a type.

        Args:
            value_type: the type.
            parameter: the name of the parameter whose whole value it is; a nested target there must make
                an object of the right class.
        """
        if _is_open(value_type):
            return self._builder.anything()
        members = t.parts(value_type)
        wanted = frozenset(path for member in members for path in t.instance_paths(member))
        makes = _made_by(parameter) if parameter and t.CALLABLE in members else None
        title = str(value_type)
        node: Callable[[], JsonSchema] = self._builder.nested
        if wanted:
            is_strict = parameter is not None and _is_nominal(value_type)
            title = f"{value_type} parameter" if is_strict else title
            node = partial(self._builder.instance, wanted, is_strict=is_strict)
        elif makes is not None:
            title = f"{value_type} that makes {makes}"
            node = partial(self._builder.maker, makes)
        # with a prefix, since a type may have the name of a target
        return self._builder.definitions.refer(f"type {title}", lambda: self._schema(value_type, node))

    def _schema(self, value_type: ValueType, node: Callable[[], JsonSchema]) -> JsonSchema:
        members = _written_as(value_type)
        choices = _choices(members)
        # in order, and `integer` beside `number`: editors complete with the first type
        types = [_SCALARS[type(member)] for member in members if type(member) in _SCALARS]
        if any(isinstance(member, t.ListType | t.TupleType) for member in members):
            types.append("array")
        is_text = "string" in types
        rest: JsonSchema = {"type": [*dict.fromkeys([*types, "string", "object"])]}
        if not is_text:
            rest["pattern"] = LATER
        self._add_arrays(rest, members)
        self._add_objects(rest, members, node)
        expected = f"Expected {value_type}, or ${{key}}."
        if not choices:
            return {**rest, "errorMessage": expected}
        return {"anyOf": [{"enum": choices, "errorMessage": expected}, {**rest, "errorMessage": expected}]}

    def _add_arrays(self, schema: JsonSchema, members: tuple[ValueType, ...]) -> None:
        arrays = [self._array(member) for member in members if isinstance(member, t.ListType | t.TupleType)]
        if len(arrays) == 1:
            schema.update(arrays[0])
        elif arrays:
            schema["allOf"] = [{"if": {"type": "array"}, "then": {"anyOf": arrays}}]

    def _array(self, member: t.ListType | t.TupleType) -> JsonSchema:
        if isinstance(member, t.ListType):
            return {"items": self.refer(member.item)}
        length = len(member.items)
        return {"items": [self.refer(item) for item in member.items], "minItems": length, "maxItems": length}

    def _add_objects(
        self, schema: JsonSchema, members: tuple[ValueType, ...], node: Callable[[], JsonSchema]
    ) -> None:
        """The schemas of mappings: nested targets always, plain mappings where the type has one."""
        mappings = [member for member in members if isinstance(member, t.MappingType)]
        is_node = any(isinstance(member, t.InstanceOf | t.CallableType | t.ClassType) for member in members)
        parts: list[JsonSchema] = schema.setdefault("allOf", [])
        if is_node:
            parts.append(node())
            return
        if not mappings:
            schema["required"] = ["_target_"]
            parts.append(self._builder.product())
            return
        contents = [self.refer(mapping.value) for mapping in mappings]
        plain: JsonSchema = {
            "additionalProperties": contents[0] if len(contents) == 1 else {"anyOf": contents}
        }
        names = [_key_names(mapping.key) for mapping in mappings]
        if all(names):
            plain["propertyNames"] = {"enum": sorted({name for group in names for name in group})}
        elif all(mapping.key == t.INT for mapping in mappings):
            plain["propertyNames"] = {"pattern": r"^[-+]?[0-9_]+$"}
        is_target: JsonSchema = {"type": "object", "required": ["_target_"]}
        parts.append(
            {
                "if": {"type": "object"},
                "then": {"if": is_target, "then": self._builder.nested(), "else": plain},
            }
        )


def _is_open(value_type: ValueType) -> bool:
    """Whether the type takes any value that YAML can hold."""
    return any(
        isinstance(member, t.AnyType)
        or (
            isinstance(member, t.InstanceOf)
            and member.written in (Written.ANYTHING, Written.FIELDS)
            and member.path not in FORMS
        )
        or (isinstance(member, t.EnumType) and not member.closed)
        or (isinstance(member, t.ParsedType) and isinstance(member.of, t.InstanceOf))
        for member in t.parts(value_type)
    )


def _written_as(value_type: ValueType) -> tuple[ValueType, ...]:
    """The parts of a type, with the plain values that are written for an object in place of its class."""
    return tuple(part for member in t.parts(value_type) for part in _plain_parts(member))


def _plain_parts(member: ValueType) -> tuple[ValueType, ...]:
    if isinstance(member, t.ParsedType):
        is_text = isinstance(member.of, t.LiteralType | t.EnumType) and all(
            isinstance(value, str) for value in member.of.values
        )
        return (member.of,) if is_text else (t.BOOL, t.FLOAT, t.STR)
    if isinstance(member, t.InstanceOf) and member.written is Written.KEYS:
        return (t.MappingType(t.STR, t.ANY),)
    if isinstance(member, t.InstanceOf) and member.written is Written.ANYTHING and member.path in FORMS:
        return t.parts(FORMS[member.path])
    return (member,)


def _made_by(parameter: str) -> str | None:
    return next((kind for part, kind in _MAKERS if part in parameter), None)


def _is_nominal(value_type: ValueType) -> bool:
    """Whether a type takes only instances of classes, so that a target of another class is wrong."""
    return all(
        isinstance(member, t.NoneType)
        or (isinstance(member, t.InstanceOf) and member.written is Written.TARGET)
        for member in t.parts(value_type)
    )


def _choices(members: tuple[ValueType, ...]) -> list[t.Scalar]:
    found: list[t.Scalar] = []
    for member in members:
        if isinstance(member, t.LiteralType):
            found += member.values
        elif isinstance(member, t.EnumType):
            found += [*member.names, *member.values]
    return [value for _, value in dict.fromkeys(t.typed(tuple(found)))]


def _key_names(key: ValueType) -> list[str]:
    """The keys of a mapping with a fixed set of keys; empty when it takes any."""
    if not all(isinstance(member, t.LiteralType) for member in t.parts(key)):
        return []
    return [str(value) for value in _choices(t.parts(key))]
