"""A record of the configs from which a defaults list was expanded, to tell whether a cached expansion holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from serotiny.compiler.defaults.configs import Configs, Loaded
from serotiny.compiler.syntax.defaults_list import DefaultsEntry


class DefaultsTrace:
    """A record of the configs that one expansion asked for.

    Attributes:
        configs: the configs to expand from; each request is recorded.
    """

    def __init__(self, configs: Configs) -> None:
        self._found: dict[str, Loaded | None] = {}
        self._load = configs.load
        self.configs = replace(configs, load=self._noted)

    def _noted(self, config_path: str) -> Loaded | None:
        found = self._load(config_path)
        self._found[config_path] = found
        return found

    def holds(self, load: Callable[[str], Loaded | None]) -> bool:
        """Whether the expansion would be the same from the configs that `load` returns."""
        return all(self._reads_alike(path, load(path)) for path in self._found)

    def _reads_alike(self, config_path: str, found: Loaded | None) -> bool:
        then = self._found[config_path]
        # identity first: most often it is the same object
        if found is not None and then is not None and found.entries is then.entries:
            return found.package == then.package
        return _gist(found) == _gist(then)


def _gist(loaded: Loaded | None) -> tuple[str | None, list[DefaultsEntry]] | None:
    """The package and the defaults list of a config, without their places; None when it does not exist."""
    if loaded is None:
        return None
    entries = [replace(entry, place=None, value_place=None, option_places=()) for entry in loaded.entries]
    return loaded.package, entries
