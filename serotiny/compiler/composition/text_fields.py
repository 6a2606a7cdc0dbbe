"""Fields that are always text: a run named `2024_11` is not the number 202411."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from serotiny.compiler.tree import Keys, Node, replace_at, select
from serotiny.schemas.fields import SchemaField, operation_fields
from serotiny.targets.value_types.types import NoneType, StrType, parts


def with_text_as_written(root: Node, operation: str) -> Node:
    """The config with serotiny's own text fields as they were written.

    These are in the `mlflow` group and at the root. `null` stays null.
    """
    for keys in _text_keys(operation):
        node = select(root, keys)
        text = _text_of(node) if node is not None else None
        if node is not None and text is not None:
            root = replace_at(root, keys, replace(node, value=text))
    return root


@cache
def _text_keys(operation: str) -> tuple[Keys, ...]:
    """The places of the fields that are always text."""
    fields = operation_fields(operation).items()
    leaves: list[tuple[Keys, SchemaField]] = [((key,), field) for key, field in fields]
    leaves += [((key, name), item) for key, field in fields for name, item in (field.group or {}).items()]
    return tuple([keys for keys, leaf in leaves if _is_text(leaf)])


def _text_of(node: Node) -> str | None:
    """The text that a scalar is written as; a number or a switch that an interpolation leads to is a text, too."""
    if node.value is None:
        return None
    is_reached = node.reference is not None and isinstance(node.value, bool | int | float)
    return str(node.value) if node.written is None and is_reached else node.written


def _is_text(field: SchemaField) -> bool:
    kinds = [part for part in parts(field.type) if not isinstance(part, NoneType)]
    return field.group is None and bool(kinds) and all(isinstance(part, StrType) for part in kinds)
