"""Hydra's own configs (`hydra/config`, `hydra/launcher/basic`) and those of its installed plug-ins, as documents."""

from __future__ import annotations

from functools import cache
from typing import Any

from hydra._internal.config_repository import CachingConfigRepository, ConfigRepository
from hydra._internal.utils import create_config_search_path
from hydra.core.default_element import GroupDefault, InputDefault
from hydra.core.object_type import ObjectType
from omegaconf import DictConfig, OmegaConf, open_dict

from serotiny.compiler.hydra.names import is_hydras
from serotiny.compiler.hydra.plugins import installed_plugins
from serotiny.compiler.syntax.document import Document
from serotiny.compiler.tree import Node
from serotiny.diagnostics import DEFAULT


class OwnConfigs:
    """The configs of Hydra itself and of the installed plug-ins, which it finds without a project."""

    def __init__(self) -> None:
        installed_plugins()  # which registers their configs in Hydra's store
        self._repository = CachingConfigRepository(ConfigRepository(create_config_search_path(None)))
        self._documents: dict[str, Document | None] = {}

    def document(self, config_path: str) -> Document | None:
        """A config by Hydra's name for it, its values without places; None when Hydra has none of this name."""
        if not is_hydras(config_path):
            return None
        if config_path not in self._documents:
            self._documents[config_path] = self._read(config_path)
        return self._documents[config_path]

    def content(self, config_path: str) -> DictConfig | None:
        """A copy of the config in OmegaConf, with the types of its schema."""
        found = self._repository.load_config(config_path)
        return None if found is None else _without_defaults(found.config)

    def comes_first(self, config_path: str) -> bool:
        """Whether it comes before the project's folders in the search path, as configs of Hydra's own package do."""
        found = self._repository.load_config(config_path)
        return found is not None and found.path == "pkg://hydra.conf"

    def is_group(self, path: str) -> bool:
        return is_hydras(path) and self._repository.group_exists(path)

    def options(self, group: str) -> tuple[str, ...]:
        return tuple(self._repository.get_group_options(group, ObjectType.CONFIG)) if is_hydras(group) else ()

    def _read(self, config_path: str) -> Document | None:
        found = self._repository.load_config(config_path)
        content = self.content(config_path)
        if found is None or content is None:
            return None
        entries = [_written(entry) for entry in found.defaults_list or ()]
        plain = OmegaConf.to_container(content, resolve=False)
        assert isinstance(plain, dict)
        root = _node({"defaults": entries, **plain} if entries else plain)
        return Document(file=f"{config_path}.yaml (Hydra's own)", root=root, package=found.header["package"])


@cache
def own_configs() -> OwnConfigs:
    """Hydra's own configs, cached: finding the plug-ins takes some tenths of a second."""
    return OwnConfigs()


def _without_defaults(config: Any) -> DictConfig:
    copied: DictConfig = OmegaConf.create(config)
    with open_dict(copied):
        copied.pop("defaults", None)
    return copied


def _written(entry: InputDefault) -> Any:
    """An entry of a defaults list as plain YAML data."""
    if not isinstance(entry, GroupDefault):
        return entry.get_name() if entry.is_self() else f"/{entry.get_config_path()}"
    words = ["optional"] * entry.is_optional() + ["override"] * entry.is_override()
    group = entry.group if entry.package is None else f"{entry.group}@{entry.package}"
    return {" ".join([*words, str(group)]): entry.value}


def _node(value: Any) -> Node:
    if isinstance(value, dict):
        return Node({key: _node(item) for key, item in value.items()}, DEFAULT)
    if isinstance(value, list):
        return Node([_node(item) for item in value], DEFAULT)
    return Node(value, DEFAULT)
