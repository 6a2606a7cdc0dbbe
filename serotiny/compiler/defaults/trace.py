"""What the expansion of a defaults list was computed from, for those who remember expansions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
        lists: the gist of each config by its path; None for one that there was not.
    """

    def __init__(self, configs: Configs) -> None:
        self.lists: dict[str, Gist | None] = {}
        self._entries: dict[str, Sequence[DefaultsEntry]] = {}
        self._load = configs.load
        self.configs = replace(configs, load=self._noted)

    def _noted(self, config_path: str) -> Loaded | None:
        found = self._load(config_path)
        self.lists[config_path] = gist_of(found)
        if found is not None:
            self._entries[config_path] = found.entries
        return found

    def renamed(self, names: Mapping[str, str], load: Callable[[str], Loaded | None]) -> DefaultsTrace:
        """The trace of the same expansion over other configs, as `load` gives them, in the places of some of these."""
        found = DefaultsTrace(replace(self.configs, load=load))
        for path in self.lists:
            found._noted(names.get(path, path))
        return found

    def holds(self, load: Callable[[str], Loaded | None]) -> bool:
        """Whether the same expansion would be computed from what `load` gives."""
        return all(self._reads_alike(path, load(path)) for path in self.lists)

    def _reads_alike(self, config_path: str, found: Loaded | None) -> bool:
        gist = self.lists[config_path]
        # most often it is the very list that was read then
        if found is not None and gist is not None and found.entries is self._entries[config_path]:
            return found.package == gist[0]
        return gist_of(found) == gist
