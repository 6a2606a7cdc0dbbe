"""A Hydra config source that gives Hydra a project's configs with the defaults lists that `compose` uses."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

from hydra.core.object_type import ObjectType
from hydra.plugins.config_source import ConfigLoadError, ConfigResult, ConfigSource
from omegaconf import OmegaConf

from serotiny.compiler.project import Project
from serotiny.compiler.sources.primary import bases_of, complete_primary
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.defaults_list import DefaultsEntry, read_defaults

SCHEME = "serotiny"


def source_path(project: Project, primary: str, inserted: Iterable[str]) -> str:
    """The search path entry that makes Hydra read `project` through `SerotinySource`.

    Args:
        project: the project whose config folders are read.
        primary: the primary config, to whose defaults list the inserted groups are added.
        inserted: the groups whose option `default` is inserted.
    """
    query = urlencode(
        {
            "primary": primary,
            "base": [f"{base}@{package}" for base, package in bases_of(project, primary)],
            "folder": [str(folder) for folder in project.config_folders],
            "inserted": list(inserted),
        },
        doseq=True,
    )
    return f"{SCHEME}://{quote(str(project.root))}?{query}"


class SerotinySource(ConfigSource):
    """A Hydra config source that reads from `Sources`; its path holds all of its parameters."""

    def __init__(self, provider: str, path: str) -> None:
        super().__init__(provider, path)
        root, _, query = self.path.partition("?")
        given = parse_qs(query)
        folders = tuple(Path(folder) for folder in given.get("folder", ()))
        self._primary = given["primary"][0]
        self._bases = tuple(
            (base, package) for base, _, package in (text.partition("@") for text in given.get("base", ()))
        )
        self._inserted = tuple(given.get("inserted", ()))
        self._sources = Sources(Project(root=Path(root), package=None, config_folders=folders))

    @staticmethod
    def scheme() -> str:
        return SCHEME

    def load_config(self, config_path: str) -> ConfigResult:
        name = self._normalize(config_path)
        document = self._sources.document(name)
        if document is None or not self.is_config(config_path):
            raise ConfigLoadError(f"config not found: {config_path}")
        content = document.root.plain()
        if name == self._primary:
            entries, _ = read_defaults(document)
            entries = complete_primary(entries, self._bases, self._inserted)
            content = _without_search_path(content)
            content = {"defaults": [_plain(entry) for entry in entries], **_without_defaults(content)}
        return ConfigResult(
            provider=self.provider,
            path=f"{SCHEME}://{document.file}",
            config=OmegaConf.create(content),
            header={"package": document.package},
        )

    def available(self) -> bool:
        return True

    def is_group(self, config_path: str) -> bool:
        return self._sources.has_folder(config_path)

    def is_config(self, config_path: str) -> bool:
        name = self._normalize(config_path)
        # Hydra itself reads what is in the ConfigStore.
        return self._sources.path_of(name) is not None or name == self._primary

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        names = self._sources.names(config_path)
        return [
            name
            for name, is_group in names
            if results_filter is None or (results_filter is ObjectType.GROUP) == is_group
        ]

    @staticmethod
    def _normalize(config_path: str) -> str:
        return config_path.removesuffix(".yaml")


def _without_defaults(content: Any) -> dict[Any, Any]:
    return {key: value for key, value in content.items() if key != "defaults"}


def _without_search_path(content: dict[Any, Any]) -> dict[Any, Any]:
    """The content without `hydra.searchpath`: this source reads those folders already, in any working directory."""
    hydra = content.get("hydra")
    if not isinstance(hydra, dict):
        return content
    return {**content, "hydra": {key: value for key, value in hydra.items() if key != "searchpath"}}


def _plain(entry: DefaultsEntry) -> Any:
    if entry.group is None:
        return entry.value if entry.package is None else f"{entry.value}@{entry.package}"
    words = ["optional"] * entry.optional + ["override"] * entry.override
    group = entry.group if entry.package is None else f"{entry.group}@{entry.package}"
    value = list(entry.value) if isinstance(entry.value, tuple) else entry.value
    return {" ".join([*words, group]): value}
