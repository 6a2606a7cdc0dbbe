"""Find modules, and record every file that was looked at as evidence for the cache."""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING

from serotiny.cache.fingerprint import Evidence
from serotiny.cache.questions import digest_of
from serotiny.reads import State, file_state
from serotiny.targets.modules.location import (
    Location,
    locate_submodule,
    locate_top_level,
    submodule_names,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path


_ALL = "/*"


class ModuleFinder:
    """Finds modules on the search paths, on `sys.path` and beside scripts, each once, without importing any."""

    def __init__(
        self, search_paths: Sequence[Path] = (), script_folders: Callable[[], Sequence[Path]] = tuple
    ) -> None:
        self._search_paths = tuple(search_paths)
        self._script_folders = script_folders
        self._found: dict[str, tuple[Location | None, Evidence]] = {}
        self._states: dict[str, State] = {}
        self._listed: dict[str, str] = {}
        self._gathering: list[Evidence] = []

    @contextmanager
    def gather(self) -> Iterator[Evidence]:
        """Collect the evidence of all that is looked at meanwhile; nested uses also add to the outer ones."""
        evidence = Evidence()
        self._gathering.append(evidence)
        try:
            yield evidence
        finally:
            self._gathering.pop()
            self.note(evidence)

    def note(self, evidence: Evidence) -> None:
        """Add evidence that was gathered before (for a remembered answer) to what is being gathered."""
        if self._gathering:
            self._gathering[-1].add(evidence)

    def find(self, name: str) -> Location | None:
        """The location of the module of this absolute name, or None when there is none."""
        if name not in self._found:
            with self.gather() as evidence:
                location = self._find(name)
            self._found[name] = (location, evidence)
        location, evidence = self._found[name]
        self.note(evidence)
        return location

    def distribution(self, name: str) -> str | None:
        """The metadata of an installed distribution by its name (`comet-ml`), or None when there is none."""
        normal = f"{_normalised(name)}.dist-info"
        found = self._distributions.get(normal)
        if self._gathering:
            self._gathering[-1].top_levels[normal] = found
        return found

    @cached_property
    def _distributions(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for folder in sys.path:
            with suppress(OSError), os.scandir(folder) as entries:
                for entry in entries:
                    stem, dot, ending = entry.name.rpartition(".")
                    if dot and ending in ("dist-info", "egg-info"):
                        found.setdefault(f"{_normalised(stem.partition('-')[0])}.dist-info", entry.path)
        return found

    def submodules(self, location: Location) -> tuple[str, ...]:
        """The names of the modules and packages inside a package; that there are no others is evidence, too."""
        self.list(location)
        return tuple(submodule_names(location))

    def list(self, location: Location) -> None:
        """Note what the folders of a package hold, of which some of it is looked at."""
        if self._gathering:
            for folder in location.folders:
                self._gathering[-1].top_levels[f"{folder}{_ALL}"] = self._names_in(folder)

    def _names_in(self, folder: str) -> str:
        if folder not in self._listed:
            with suppress(OSError), os.scandir(folder) as entries:
                # the cache of compiled modules comes when a module is imported
                names = sorted(entry.name for entry in entries if entry.name != "__pycache__")
                self._listed[folder] = digest_of(names)
        return self._listed.get(folder, "")

    def is_current(self, evidence: Evidence) -> bool:
        """Whether nothing has changed that an answer was computed from."""
        return all(self._state(path) == state for path, state in evidence.files.items()) and all(
            self._origin(name) == origin for name, origin in evidence.top_levels.items()
        )

    def _find(self, name: str) -> Location | None:
        parent_name, _, last = name.rpartition(".")
        if parent_name:
            parent = self.find(parent_name)
            is_package = parent is not None and parent.folders
            location = locate_submodule(parent, last, self.exists) if parent and is_package else None
        else:
            location = locate_top_level(name, self._search_paths, self._script_folders, self.exists)
            self._gathering[-1].top_levels[name] = location.origin if location is not None else None
        if location is not None:
            for path in (location.source, location.stub):
                if path is not None:
                    self.exists(path)
        return location

    def _origin(self, name: str) -> str | None:
        if name.endswith(".dist-info"):
            return self._distributions.get(name)
        if name.endswith(_ALL):
            return self._names_in(name.removesuffix(_ALL))
        location = self.find(name)
        return location.origin if location is not None else None

    def exists(self, path: str) -> bool:
        """Whether there is a file of that path, whose state is evidence."""
        state = self._state(path)
        if self._gathering:
            self._gathering[-1].files[path] = state
        return state is not None

    def _state(self, path: str) -> State:
        if path not in self._states:
            self._states[path] = file_state(path)
        return self._states[path]


def _normalised(distribution: str) -> str:
    """The name of a distribution as it is compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()
