"""What may stand at a key, and what it means: from the target's signature, or from the group's schema."""

from __future__ import annotations

import types
import typing
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

from pydantic.fields import FieldInfo

from serotiny.compiler.tree import Node, select
from serotiny.compiler.validate_kinds import KINDS
from serotiny.schemas.mlflow import MlflowConfig
from serotiny.schemas.operations import OPERATION_SCHEMAS
from serotiny.schemas.targets import TargetConfig
from serotiny.targets import Parameter, SignatureReader, TargetSignature, ValueType
from serotiny.targets.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    NONE,
    STR,
    BoolType,
    EnumType,
    ListType,
    LiteralType,
    MappingType,
    NoneType,
    TupleType,
    parts,
    union,
)

Keys = tuple[Any, ...]

_SCALARS: dict[Any, ValueType] = {
    bool: BOOL,
    int: INT,
    float: FLOAT,
    str: STR,
    type(None): NONE,
}


@dataclass(frozen=True)
class KnownKey:
    """A key that something declares.

    Attributes:
        name: the key itself.
        type: what it takes.
        doc: its documentation, in the declaring code's words.
        default: its default as YAML or Python text; None when there is none.
        required: nothing works without it.
        declared_by: `parameter of torch.optim.Adam`, `key of mlflow`.
        file, line: the Python source that declares it, where known.
    """

    name: str
    type: ValueType = ANY
    doc: str = ""
    default: str | None = None
    required: bool = False
    declared_by: str = ""
    file: str | None = None
    line: int | None = None

    @property
    def choices(self) -> tuple[str, ...]:
        """The values that may be written, when they can be listed."""
        return choices_of(self.type)


class KnownKeys:
    """Answers what is known of the keys of a config. Reads source, imports nothing.

    Args:
        reader: how signatures are read.
    """

    def __init__(self, reader: SignatureReader) -> None:
        self._reader = reader

    def signature(self, node: Node | None) -> TargetSignature | None:
        """The signature of a node's `_target_`, when it has one that can be read."""
        target = node.get("_target_") if node is not None else None
        if target is None or not isinstance(target.value, str):
            return None
        read = self._reader.read(target.value)
        return read if isinstance(read, TargetSignature) else None

    def at(self, root: Node, operation: str, keys: Keys) -> KnownKey | None:
        """What is known of the key at `keys` in a (resolved) config; it need not be set."""
        if not keys:
            return None
        inner: list[Any] = []
        for depth in range(len(keys) - 1, -1, -1):
            known = next(
                (found for found in self.under(root, operation, keys[:depth]) if found.name == keys[depth]),
                None,
            )
            if known is not None:
                return _within(known, keys[depth], inner)
            if self.signature(select(root, keys[:depth])) is not None:
                return None  # a node with a target declares all of its keys, or they are unknown
            inner.insert(0, keys[depth])
        return None

    def under(self, root: Node, operation: str, keys: Keys) -> list[KnownKey]:
        """The keys that may stand in the mapping at `keys`, set or not."""
        if not keys:
            return [_root_key(name, info) for name, info in OPERATION_SCHEMAS[operation].model_fields.items()]
        if keys == ("mlflow",):
            return [_field(name, info, "key of mlflow") for name, info in MlflowConfig.model_fields.items()]
        node = select(root, keys)
        signature = self.signature(node)
        if signature is not None:
            assert node is not None
            written = str(node.value["_target_"].value)
            own = [_parameter(found, signature, written) for found in signature.parameters if found.by_name]
            return [*own, *hydra_keys(signature)]
        return []


def hydra_keys(signature: TargetSignature | None = None) -> list[KnownKey]:
    """The keys that Hydra itself reads of a node that it instantiates."""
    found: list[KnownKey] = []
    for info in TargetConfig.model_fields.values():
        name = info.alias or ""
        known = _field(name, info, "read by Hydra")
        if name == "_target_" and signature is not None:
            known = KnownKey(
                name,
                STR,
                signature.doc or known.doc,
                None,
                True,
                f"the {signature.kind} {signature.path}",
                signature.file,
                signature.line,
            )
        found.append(known)
    return found


def choices_of(value_type: ValueType) -> tuple[str, ...]:
    """The values of a type as YAML writes them, when some can be listed."""
    found: list[str] = []
    for part in parts(value_type):
        match part:
            case BoolType():
                found += ["true", "false"]
            case LiteralType(values):
                found += [_yaml(value) for value in values]
            case EnumType(_, names, values):
                found += [str(value) for value in values if isinstance(value, str)] or list(names)
            case NoneType():
                found.append("null")
            case _:
                pass
    return tuple(dict.fromkeys(found))


def _within(known: KnownKey, name: Any, inner: Sequence[Any]) -> KnownKey:
    """What is known of a part of a declared value: an item of its list, a value of its mapping."""
    if not inner:
        return known
    value_type = known.type
    for step in inner:
        value_type = _part(value_type, step)
    label = str(inner[-1])
    return KnownKey(label, value_type, known.doc, None, False, f"part of {name}, {known.declared_by}")


def _part(value_type: ValueType, step: Any) -> ValueType:
    found: list[ValueType] = []
    for part in parts(value_type):
        match part:
            case ListType(item) if isinstance(step, int):
                found.append(item)
            case TupleType(items) if isinstance(step, int) and step < len(items):
                found.append(items[step])
            case MappingType(_, value):
                found.append(value)
            case _:
                pass
    return union(*found) if found else ANY


def _parameter(parameter: Parameter, signature: TargetSignature, written: str) -> KnownKey:
    default = parameter.default
    text = None
    if default is not None:
        text = _yaml(default.value) if default.literal else default.text
    return KnownKey(
        parameter.name,
        parameter.type,
        parameter.description,
        text,
        parameter.required,
        f"parameter of {written}",
        signature.file,
        signature.line,
    )


def _root_key(name: str, info: FieldInfo) -> KnownKey:
    known = _field(name, info, "root key")
    kind = KINDS.get(name)
    doc = f"{known.doc} (a {kind})" if kind and kind not in known.doc else known.doc
    return KnownKey(name, known.type, doc, known.default, known.required, known.declared_by)


def _field(name: str, info: FieldInfo, declared_by: str) -> KnownKey:
    default = None
    if not info.is_required() and info.default_factory is None:
        value = info.default
        default = _yaml(value.value if isinstance(value, Enum) else value)
    return KnownKey(
        name,
        _value_type(info.annotation),
        info.description or "",
        default,
        info.is_required(),
        declared_by,
    )


def _value_type(annotation: Any) -> ValueType:
    """A pydantic field's annotation in the algebra of value types."""
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _value_type(arguments[0])
    if origin is Literal:
        return LiteralType(arguments)
    if origin in (typing.Union, types.UnionType):
        return union(*map(_value_type, arguments))
    if origin is list:
        return ListType(_value_type(arguments[0]))
    if origin is dict:
        return MappingType(_value_type(arguments[0]), _value_type(arguments[1]))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return LiteralType(tuple(member.value for member in annotation))
    return ANY


def _yaml(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
