"""A record of the configs from which a defaults list was expanded, to tell whether a cached expansion holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from serotiny.compiler.defaults.configs import Configs, Loaded
from serotiny.compiler.syntax.defaults_list import DefaultsEntry

Gist = tuple[str | None, tuple[DefaultsEntry, ...]]
"""The package and the defaults list of a config, without their places."""


def gist_of(loaded: Loaded | None) -> Gist | None:
    """The parts of a config that an expansion depends on; None when the config does not exist."""
    if loaded is None:
        return None
    entries = (replace(entry, place=None, value_place=None, option_places=()) for entry in loaded.entries)
    return loaded.package, tuple(entries)


class DefaultsTrace:
    """A record of the configs that one expansion asked for.

    Attributes:
        configs: the configs to expand from; each request is recorded.
    """

    def __init__(self, configs: Configs) -> None:
        self._found: dict[str, Loaded | None] = {}
        self._gists: dict[str, Gist | None] = {}
        self._load = configs.load
        self.configs = replace(configs, load=self._noted)

    def _noted(self, config_path: str) -> Loaded | None:
        found = self._load(config_path)
        self._found[config_path] = found
        return found

    def gist(self, config_path: str) -> Gist | None:
        """The gist of a config; None for one that did not exist or was not asked for."""
        if config_path not in self._gists:
            self._gists[config_path] = gist_of(self._found.get(config_path))
        return self._gists[config_path]

    def holds(self, load: Callable[[str], Loaded | None]) -> bool:
        """Whether the expansion would be the same from the configs that `load` returns."""
        return all(self._reads_alike(path, load(path)) for path in self._found)

    def _reads_alike(self, config_path: str, found: Loaded | None) -> bool:
        then = self._found[config_path]
        # identity first: most often it is the same object
        if found is not None and then is not None and found.entries is then.entries:
            return found.package == then.package
        return gist_of(found) == self.gist(config_path)
