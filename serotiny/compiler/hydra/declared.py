"""What Hydra's structured configs declare for a setting, in words."""

from __future__ import annotations

from dataclasses import is_dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from omegaconf import (
    BooleanNode,
    DictConfig,
    EnumNode,
    FloatNode,
    IntegerNode,
    ListConfig,
    StringNode,
    ValueNode,
)
from omegaconf.errors import ValidationError

from serotiny.compiler.hydra.names import HYDRA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serotiny.compiler.tree import Keys

_PLUGINS: Final = ((HYDRA, "launcher"), (HYDRA, "sweeper"))
_CHOICES: Final = (HYDRA, "runtime", "choices")
"""The section into which Hydra writes the options of all groups."""

_SCALARS: Final[Mapping[type, str]] = MappingProxyType(
    {BooleanNode: "bool", IntegerNode: "int", FloatNode: "float", StringNode: "str"}
)


def wanted_at(config: DictConfig, keys: Keys) -> str | None:
    """What the setting at `keys` takes; None where that is not declared, or there is no such setting."""
    node = _setting(config, keys)
    kind = _kind(node)
    if kind is None:
        return None
    return f"{kind} or null" if node._is_optional() else kind


def takes(config: DictConfig, keys: Keys, value: Any) -> bool:
    """Whether an interpolation at the setting `keys` may lead to a value; OmegaConf itself looks at scalars alone."""
    node = _setting(config, keys)
    try:
        match node:
            case DictConfig():
                return isinstance(value, dict) or (value is None and node._is_optional())
            case ListConfig():
                return isinstance(value, list) or (value is None and node._is_optional())
            case ValueNode():
                node.validate_and_convert(value)
    except ValidationError:
        return False
    return True


def referring_sections(config: DictConfig) -> list[Keys]:
    """The sections into which Hydra writes, or of which it reads single keys, that are one interpolation; outermost ones alone."""
    found: list[Keys] = []
    front: list[tuple[Keys, DictConfig]] = [((), config)]
    for keys, section in front:  # to which the loop appends
        for name in section.keys() if not section._is_none() else ():
            node = section._get_node(name)
            if not isinstance(node, DictConfig) or (*keys, name) in _PLUGINS:
                continue
            if not node._is_interpolation():
                front.append(((*keys, name), node))
            elif is_dataclass(node._metadata.ref_type) or (*keys, name) == _CHOICES:
                found.append((*keys, name))
    return found


def _setting(config: DictConfig, keys: Keys) -> Any:
    node: Any = config
    for key in keys:
        if isinstance(node, ListConfig) and isinstance(key, int) and not node._is_none() and key < len(node):
            node = node._get_node(key)
        # `in` of the mapping itself leaves out what is missing
        elif isinstance(node, DictConfig) and not node._is_none() and str(key) in [*node]:
            node = node._get_node(str(key))
        else:
            return None
    return node


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
