"""Values that other configs of a project set: some configs are complete only in jobs that use them together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from serotiny.cache.questions import digest_of
from serotiny.compiler.composition.compose import Composed
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.override import key_of
from serotiny.compiler.tree import Keys, split
from serotiny.compiler.usage.defaults_graph import DefaultsGraph, plain_path
from serotiny.compiler.usage.outcome import Call
from serotiny.schemas.names import GLOBAL_PACKAGE

_ALL: Final = ""
"""Stands for every config and group, where a key at the root stands for the configs that set it."""

_DEEPEST: Final = 10
"""How deeply configs that include each other are followed."""


class Givers:
    """Finds the configs that set a value.

    Args:
        sources: the configs of the project.
        graph: which of them name which.

    Attributes:
        consulted: what the answers depended on of other configs: each key at the root for which configs set it, and
            `""` for which configs and groups there are.
    """

    def __init__(self, sources: Sources, graph: DefaultsGraph) -> None:
        self.consulted: set[str] = set()
        self._sources = sources
        self._graph = graph

    def depend_on_all(self) -> None:
        """Note that an answer depends on which configs and groups there are."""
        self.consulted.add(_ALL)

    def digests(self) -> Mapping[str, str]:
        """A digest for everything that `consulted` can hold, which changes whenever the answers may do so."""
        keys = {key: digest_of(tuple(paths)) for key, paths in self._by_first_key.items()}
        return {**keys, _ALL: digest_of((self._graph.configs, tuple(sorted(self._graph.groups))))}

    def is_given(self, target: Keys, call: Call, composed: Composed, *, is_chosen: bool = False) -> bool:
        """Whether a config that could be added to a job sets a value; `is_chosen` if only those of its groups count."""
        configs = self._setting(target)
        groups = tuple(f"{key.partition('@')[0]}/" for key in composed.groups)
        return any(
            self.gives(path, target)
            for path in self._beside(call, composed, configs)
            if not is_chosen or path.startswith(groups)
        )

    def is_set(self, target: Keys) -> bool:
        """Whether any config sets a value, also one that a job chooses no more."""
        return any(self.gives(path, target) for path in self._setting(target))

    def _setting(self, target: Keys) -> Sequence[str]:
        """The configs that set the first key of a value."""
        self.consulted |= {_ALL, *map(str, target[:1])}
        return self._by_first_key.get(str(target[0]), ()) if target else self._graph.configs

    def gives(self, config_path: str, target: Keys) -> bool:
        """Whether a config sets a value, wherever a job may place the config."""
        for package in self._packages(config_path, self._sources.package_of(config_path)):
            if package[: len(target)] == target and self._sources.may_hold(config_path, ()):
                return True
            inner = target[len(package) :]
            if target[: len(package)] == package and self._sources.may_hold(config_path, inner):
                return True
        return False

    def gives_whole(self, config_path: str, target: Keys, depth: int = 0) -> bool:
        """Whether a config, or one that it includes, sets a value."""
        return self.gives(config_path, target) or (
            depth < _DEEPEST
            and any(
                self.gives_whole(included, target, depth + 1) for included in self._graph.parts(config_path)
            )
        )

    def package_of(self, config_path: str) -> Keys:
        """Where the values of an option stand, when no defaults list relocates it."""
        return _package(self._graph.group_of(config_path), self._sources.package_of(config_path))

    def _beside(self, call: Call, composed: Composed, configs: Sequence[str]) -> Iterator[str]:
        """Those of some configs that could be added to a job."""
        merged = {plain_path(path) for path, _ in composed.order}
        chosen = tuple({f"{key_of(text)}/" for text in call[1]})
        open_groups = tuple({f"{key}/" for key in composed.groups if key not in composed.choices})
        for path in configs:
            if path in merged:
                continue
            if chosen:
                if not path.startswith(chosen):
                    yield path
            elif self._graph.is_global(path) or path.startswith(open_groups):
                yield path

    @cached_property
    def _by_first_key(self) -> Mapping[str, Sequence[str]]:
        """The configs by the keys at the root that they set: of thousands, few set the one that is asked for."""
        found: dict[str, list[str]] = {}
        for path in self._graph.configs:
            document = self._sources.document(path)
            if document is None:
                continue
            packages = self._packages(path, document.package)
            inner = [key for key, _ in document.root.children()] if () in packages else []
            for key in {str(key) for key in (*(package[0] for package in packages if package), *inner)}:
                found.setdefault(key, []).append(path)
        return found

    def _packages(self, config_path: str, directive: str | None) -> set[Keys]:
        """Where the values of a config may stand: what nothing chooses may be an option of its folder, or of a group above."""
        groups = {self._graph.group_of(config_path), config_path.rpartition("/")[0]}
        return {_package(group, directive) for group in groups}


def _package(group_path: str, directive: str | None) -> Keys:
    """The package of a config when no defaults list relocates it."""
    return split(group_path.replace("/", ".") if directive is None else directive.replace(GLOBAL_PACKAGE, ""))
