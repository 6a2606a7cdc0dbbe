"""What the expansion of a defaults list was computed from, for those who remember expansions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from serotiny.compiler.hydra.defaults_list import Configs, Loaded
from serotiny.compiler.syntax.defaults_list import DefaultsEntry

Gist = tuple[str | None, tuple[DefaultsEntry, ...]]
"""The package of a config and its defaults list, wherever they are written."""


def gist_of(loaded: Loaded | None) -> Gist | None:
    """What an expansion sees of a config; None when there is none."""
    if loaded is None:
        return None
    entries = (replace(entry, place=None, value_place=None, option_places=()) for entry in loaded.entries)
    return loaded.package, tuple(entries)


class DefaultsTrace:
    """The configs that one expansion asked for.

    Attributes:
        configs: what to expand from; it notes what is asked for.
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

    @property
    def entries(self) -> Iterator[tuple[str, DefaultsEntry]]:
        """Every entry of the lists that were read, and the config that it stands in."""
        return ((path, entry) for path, found in self._found.items() if found for entry in found.entries)

    def gist(self, config_path: str) -> Gist | None:
        """The gist of a config; None for one that there was not, or that was not asked for."""
        if config_path not in self._gists:
            self._gists[config_path] = gist_of(self._found.get(config_path))
        return self._gists[config_path]

    def renamed(self, names: Mapping[str, str], load: Callable[[str], Loaded | None]) -> DefaultsTrace:
        """The trace of the same expansion over other configs, as `load` gives them, in the places of some of these."""
        found = DefaultsTrace(replace(self.configs, load=load))
        for path in self._found:
            found._noted(names.get(path, path))
        return found

    def holds(self, load: Callable[[str], Loaded | None]) -> bool:
        """Whether the same expansion would be computed from what `load` gives."""
        return all(self._reads_alike(path, load(path)) for path in self._found)

    def _reads_alike(self, config_path: str, found: Loaded | None) -> bool:
        then = self._found[config_path]
        # most often it is the very list that was read then
        if found is not None and then is not None and found.entries is then.entries:
            return found.package == then.package
        return gist_of(found) == self.gist(config_path)
