"""The declarations of keys: in the signature of a target, or in the schema of a group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from serotiny.compiler.target_nodes import KINDS
from serotiny.compiler.tree import Keys, Node, select
from serotiny.schemas.fields import SchemaField, hydra_fields, operation_fields
from serotiny.targets import Parameter, SignatureReader, TargetSignature, ValueType
from serotiny.targets.value_types.types import (
    ANY,
    BoolType,
    EnumType,
    LiteralType,
    NoneType,
    inner_type,
    parts,
)
from serotiny.targets.value_types.words import scalar_text


@dataclass(frozen=True, kw_only=True)
class KnownKey:
    """The declaration of a key.

    Attributes:
        name: the key itself.
        type: the type of its value.
        doc: its documentation in the declaring code.
        default: its default as YAML or Python text; None when there is none.
        required: it must be set.
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
    """Finds the declarations of a config's keys, by reading source and without importing anything.

    Args:
        reader: reads signatures.
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

    def at(self, root: Node, operation: str | None, keys: Keys) -> KnownKey | None:
        """The declaration of the key at `keys` in a resolved config; the key need not be set."""
        if not keys:
            return None
        inner: list[Any] = []
        for depth in range(len(keys) - 1, -1, -1):
            declared = self.under(root, operation, keys[:depth])
            known = next((item for item in declared if item.name == keys[depth]), None)
            if known is not None:
                is_group = depth == 0 and inner  # what is in a group is declared by its target or schema
                return None if is_group else _within(known, keys[depth], inner)
            if declared:
                return None
            inner.insert(0, keys[depth])
        return None

    def under(self, root: Node, operation: str | None, keys: Keys) -> list[KnownKey]:
        """The keys that are declared for the mapping at `keys`, set or not."""
        fields = operation_fields(operation) if operation is not None else {}
        if not keys:
            return [_root_key(name, field) for name, field in fields.items()]
        group = fields.get(keys[0]) if len(keys) == 1 else None
        if group is not None and group.group is not None and not group.is_open:
            return [_field(name, field, f"key of {keys[0]}") for name, field in group.group.items()]
        node = select(root, keys)
        signature = self.signature(node)
        if signature is not None:
            assert node is not None
            written = str(node.value["_target_"].value)
            own = [
                _parameter(parameter, signature, written)
                for parameter in signature.parameters
                if parameter.by_name
            ]
            return [*own, *hydra_keys(signature)]
        return []


def hydra_keys(signature: TargetSignature | None = None) -> list[KnownKey]:
    """The keys that Hydra itself reads of a node that it instantiates."""
    keys = [_field(name, field, "read by Hydra") for name, field in hydra_fields().items()]
    if signature is None:
        return keys
    return [_of_target(known, signature) if known.name == "_target_" else known for known in keys]


def _of_target(known: KnownKey, signature: TargetSignature) -> KnownKey:
    return replace(
        known,
        doc=signature.doc or known.doc,
        declared_by=f"the {signature.kind} {signature.path}",
        file=signature.file,
        line=signature.line,
    )


def choices_of(value_type: ValueType) -> tuple[str, ...]:
    """The values of a type as YAML writes them, when some can be listed."""
    texts: list[str] = []
    for part in parts(value_type):
        match part:
            case BoolType():
                texts += ["true", "false"]
            case LiteralType(values):
                texts += [scalar_text(value) for value in values]
            case EnumType(_, names, values):
                texts += [str(value) for value in values if isinstance(value, str)] or list(names)
            case NoneType():
                texts.append("null")
            case _:
                pass
    return tuple(dict.fromkeys(texts))


def _within(known: KnownKey, name: Any, inner: Sequence[Any]) -> KnownKey:
    """The declaration of a part of a declared value: of an item of its list, or a value of its mapping."""
    if not inner:
        return known
    value_type = known.type
    for step in inner:
        value_type = inner_type(value_type, step)
    label = str(inner[-1])
    return KnownKey(
        name=label,
        type=value_type,
        doc=known.doc,
        default=None,
        required=False,
        declared_by=f"part of {name}, {known.declared_by}",
    )


def _parameter(parameter: Parameter, signature: TargetSignature, written: str) -> KnownKey:
    default = parameter.default
    text = None
    if default is not None:
        text = scalar_text(default.value) if default.literal else default.text
    return KnownKey(
        name=parameter.name,
        type=parameter.type,
        doc=parameter.description,
        default=text,
        required=parameter.required,
        declared_by=f"parameter of {written}",
        file=signature.file,
        line=signature.line,
    )


def _root_key(name: str, field: SchemaField) -> KnownKey:
    known = _field(name, field, "root key")
    kind = KINDS.get(name)
    return replace(known, doc=f"{known.doc} (a {kind})") if kind and kind not in known.doc else known


def _field(name: str, field: SchemaField, declared_by: str) -> KnownKey:
    is_plain = field.group is None and not field.required
    default = scalar_text(field.default) if is_plain else None
    return KnownKey(
        name=name,
        type=field.type,
        doc=field.description,
        default=default,
        required=field.required,
        declared_by=declared_by,
    )
