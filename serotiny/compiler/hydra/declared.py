"""What Hydra's structured configs declare for a setting, in words."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from omegaconf import BooleanNode, DictConfig, EnumNode, FloatNode, IntegerNode, ListConfig, StringNode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serotiny.compiler.tree import Keys

_SCALARS: Final[Mapping[type, str]] = MappingProxyType(
    {BooleanNode: "bool", IntegerNode: "int", FloatNode: "float", StringNode: "str"}
)


def wanted_at(config: DictConfig, keys: Keys) -> str | None:
    """What the setting at `keys` takes; None where that is not declared, or there is no such setting."""
    node: Any = config
    for key in keys:
        if not isinstance(node, DictConfig) or node._is_none() or str(key) not in node:
            return None
        node = node._get_node(str(key))
    kind = _kind(node)
    if kind is None:
        return None
    return f"{kind} or null" if node._is_optional() else kind


def null_mapping_at(config: DictConfig, keys: Keys) -> Keys | None:
    """The first of the keys whose value is null though it is declared as a mapping."""
    node: Any = config
    for end, key in enumerate(keys, start=1):
        if not isinstance(node, DictConfig) or str(key) not in node:
            return None
        node = node._get_node(str(key))
        if isinstance(node, DictConfig) and node._is_none():
            return keys[:end]
    return None


def _kind(node: Any) -> str | None:
    match node:
        case EnumNode():
            return f"one of {', '.join(member.name for member in node.enum_type)}"
        case ListConfig():
            return f"list{_of_texts(node, 'of')}"
        case DictConfig():
            return f"mapping{_of_texts(node, 'of str to')}"
        case _:
            return _SCALARS.get(type(node))


def _of_texts(node: DictConfig | ListConfig, joined: str) -> str:
    return f" {joined} str" if node._metadata.element_type is str else ""
