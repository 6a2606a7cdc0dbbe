"""The defaults lists of the configs of one job, without the entries that were found to be faulty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from serotiny.compiler.defaults.configs import Loaded, WrittenEntry
from serotiny.compiler.sources.primary import primary_entries
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.defaults_list import DefaultsEntry
from serotiny.diagnostics import Origin, Place
from serotiny.schemas.names import GLOBAL_PACKAGE


@dataclass(kw_only=True)
class Lists:
    """The defaults lists of one job.

    Attributes:
        sources: the configs.
        primary: the primary config.
        inserted: the groups whose option `default` is taken because nothing is chosen.
        dropped: the entries that are left out.
        reordered: the configs whose overrides are read as if they stood at the end of the list.
        meant: the entries that are read as if `override` was written before them, or was not.
        names_hydra: whether an entry chooses an option of Hydra's own groups.
    """

    sources: Sources
    primary: str
    inserted: tuple[str, ...] = ()
    dropped: set[WrittenEntry] = field(default_factory=set)
    reordered: set[str] = field(default_factory=set)
    meant: dict[WrittenEntry, DefaultsEntry] = field(default_factory=dict)
    names_hydra: bool = False
    _loaded: dict[str, None] = field(default_factory=dict)

    @property
    def loaded(self) -> tuple[str, ...]:
        """The configs that were loaded, in order."""
        return tuple(self._loaded)

    def load(self, config_path: str) -> Loaded | None:
        """A config as it is expanded."""
        document = self.sources.document(config_path)
        if document is None:
            return None
        self._loaded[config_path] = None
        return Loaded(self.kept(config_path), document.package)

    def kept(self, config_path: str) -> Sequence[DefaultsEntry]:
        """The entries of a config that are not left out, in the order in which they count."""
        entries = self.in_file_order(config_path)
        if config_path in self.reordered:
            entries = sorted(entries, key=lambda entry: entry.override)
        return entries

    def in_file_order(self, config_path: str) -> Sequence[DefaultsEntry]:
        """The entries of a config that are not left out, in the order in which they are written."""
        entries = self.entries(config_path)
        if not (self.dropped or self.meant):
            return entries
        written = (WrittenEntry(config_path, entry) for entry in entries)
        return [self.meant.get(item, item.entry) for item in written if item not in self.dropped]

    def swap_override(self, written: WrittenEntry) -> None:
        """Read an entry as if `override` was written before it, or was not."""
        entry = written.entry
        self.meant[written] = replace(entry, override=not entry.override)
        self.reordered.add(written.config_path)

    def entries(self, config_path: str) -> Sequence[DefaultsEntry]:
        """All entries of a config; those about Hydra only where its own configs are there."""
        entries = self._listed(config_path)
        kept = self.sources.list_once(
            ("kept", config_path, self._as_primary(config_path)),
            lambda: self._without_hydras(config_path, entries),
        )
        self.names_hydra |= kept is not entries
        # these entries need Hydra's own configs; `names_hydra` asks for another pass that includes them
        return entries if self.sources.has_further else kept

    def written(self) -> list[WrittenEntry]:
        """Every entry that is written in a file, of the configs that were loaded."""
        return [
            WrittenEntry(config_path, entry)
            for config_path in self._loaded
            for entry in self.entries(config_path)
            if entry.place is not None and entry.place.origin is Origin.FILE
        ]

    def is_lost_override(self, written: WrittenEntry) -> bool:
        """Whether an entry of a config that is laid over the whole chooses in a group in which the primary config does."""
        entry, document = written.entry, self.sources.document(written.config_path)
        if document is None or document.package != GLOBAL_PACKAGE or written.config_path == self.primary:
            return False
        return entry.package is None and any(
            f"/{other.group}" == entry.group and other.package is None and not other.override
            for other in self.entries(self.primary)
        )

    def chosen_before(self, written: WrittenEntry) -> Place | None:
        """Where the list that an entry stands in chooses in the same group at the same package before it."""
        entries = self.entries(written.config_path)
        before = entries[: entries.index(written.entry)]
        chosen = (written.entry.group, written.entry.package)
        return next((item.place for item in before if (item.group, item.package) == chosen), None)

    def _listed(self, config_path: str) -> Sequence[DefaultsEntry]:
        inserted = self._as_primary(config_path)
        if inserted is None:
            return self.sources.defaults(config_path)[0]
        return self.sources.list_once(
            ("primary", config_path, inserted), lambda: primary_entries(self.sources, config_path, inserted)
        )

    def _as_primary(self, config_path: str) -> tuple[str, ...] | None:
        """The groups to insert before the defaults list of the primary config; None for any other config."""
        is_there = config_path == self.primary and self.sources.document(config_path) is not None
        return self.inserted if is_there else None

    def _without_hydras(self, config_path: str, entries: Sequence[DefaultsEntry]) -> Sequence[DefaultsEntry]:
        """The list without the entries that choose options of Hydra's own groups."""
        kept = [entry for entry in entries if not self._is_hydras(entry, config_path)]
        return kept if len(kept) < len(entries) else entries

    def _is_hydras(self, entry: DefaultsEntry, config_path: str) -> bool:
        """Whether an entry chooses an option of Hydra's own groups; a project may have its own options of `hydra`."""
        if entry.group is None:
            return config_path.startswith("hydra/") and not entry.is_self
        if "hydra" not in entry.group and not config_path.startswith("hydra"):
            return False
        group = entry.group_path(config_path)
        own = group == "hydra" and self.sources.path_of(f"hydra/{entry.value}") is not None
        return group.partition("/")[0] == "hydra" and not own
