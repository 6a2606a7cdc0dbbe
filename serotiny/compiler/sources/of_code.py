"""What the code of a project adds to its configs: those that it stores, and how Hydra reads a `# @package` line."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from serotiny.compiler.project import Project
from serotiny.compiler.project.package_keywords import has_keywords, understands_keywords, without_keywords
from serotiny.compiler.project.stored_configs import StoredConfig, find_stored_configs
from serotiny.compiler.syntax.document import Document
from serotiny.compiler.tree import Node
from serotiny.diagnostics import DEFAULT


class ConfigsOfCode:
    """The configs that a project's code stores; its modules are read only when a config is in no folder."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def document(self, config_path: str) -> Document | None:
        """A config that is stored, or may be, under this path; its keys are not known."""
        found = next((stored for stored in self._stored if stored.may_be(config_path)), None)
        if found is None:
            return None
        root = Node({}, DEFAULT, incomplete=True)
        return Document(file=self._project.shown(found.file), root=root, package=found.package)

    def is_group(self, path: str) -> bool:
        """Whether a config is stored in a group of that path."""
        # the key of a value is no group, and most overrides are of values
        return "." not in path and any(stored.group == path for stored in self._stored)

    def options(self, group: str) -> frozenset[str]:
        """The names that are stored in a group, those that the source shows."""
        return frozenset(found.name for found in self._stored if found.group == group and found.name)

    def in_new_words(self, document: Document, config_path: str) -> Document:
        """The document, its package without the keywords that only scripts of an old `version_base` understand."""
        directive = document.package
        if directive is None or not has_keywords(directive) or not self._understands_keywords:
            return document
        return replace(document, package=without_keywords(directive, config_path))

    @cached_property
    def _stored(self) -> tuple[StoredConfig, ...]:
        return find_stored_configs(self._project.root)

    @cached_property
    def _understands_keywords(self) -> bool:
        return understands_keywords(self._project)
