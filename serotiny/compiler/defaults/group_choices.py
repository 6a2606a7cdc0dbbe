"""The options of groups that are chosen while a defaults list is expanded, and the overrides that decide on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from serotiny.compiler.defaults.configs import WrittenEntry
from serotiny.compiler.defaults.errors import (
    ChosenTwice,
    DefaultsRejected,
    NothingToDelete,
    NothingToOverride,
)
from serotiny.compiler.defaults.placed_entry import PlacedEntry
from serotiny.compiler.syntax.defaults_list import DefaultsEntry
from serotiny.compiler.syntax.override import Override

Option = str | tuple[str, ...] | None


@dataclass(slots=True)
class _Replacement:
    """An option that replaces the one of a defaults list; `written` is None if the call chooses it."""

    option: Option
    written: WrittenEntry | None = None
    is_used: bool = False


@dataclass(slots=True)
class _Deletion:
    """A choice to delete: any, or the one of this option."""

    option: str | None
    is_used: bool = False


@dataclass(slots=True)
class GroupChoices:
    """The choices in groups, each under its key (`model`, `model@net`).

    Attributes:
        known: the option of each group that was met so far; None for a group that is set to nothing.
        added: the entries that the call adds to the primary config (`+group=option`).
        of_values: the overrides of the call that are about values.
    """

    known: dict[str, str | None] = field(default_factory=dict)
    added: list[DefaultsEntry] = field(default_factory=list)
    of_values: list[Override] = field(default_factory=list)
    _keys: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _replacements: dict[str, _Replacement] = field(default_factory=dict)
    _deletions: dict[str, _Deletion] = field(default_factory=dict)

    def read(self, overrides: Iterable[Override], chooses: Callable[[Override], bool]) -> None:
        """Take the overrides of a call; `chooses` tells those of groups.

        Raises:
            DefaultsRejected: an override of a group is in a form that Hydra does not have.
        """
        for override in overrides:
            if override.sweeps:
                continue
            if chooses(override):
                self._read_choice(override)
            else:
                self.of_values.append(override)

    def _read_choice(self, override: Override) -> None:
        group, package = override.key_or_group, override.package
        key = group if package is None else f"{group}@{package}"
        value = override.value
        if override.sign == "++":
            raise DefaultsRejected(f"force-add of config groups is not supported: '{override.text}'")
        if override.deletes:
            if value is not None and not isinstance(value, str):
                raise DefaultsRejected(
                    f"Config group override deletion value must be a string : {override.text}"
                )
            self._deletions[key] = _Deletion(value)
        elif override.adds:
            self.added.append(DefaultsEntry(group=group, value=_option(value), package=package))
        else:
            self._replacements[key] = _Replacement(_option(value))

    def add_override(self, item: PlacedEntry) -> None:
        """Take an `override` of a defaults list; one that was taken before it wins."""
        self._replacements.setdefault(item.key, _Replacement(item.value, item.written))

    def applied_to(self, item: PlacedEntry) -> PlacedEntry:
        """The entry with the option that an override chooses for it, if there is one."""
        found = self._replacements.get(item.key) if item.is_choice else None
        if found is None:
            return item
        found.is_used = True
        return replace(item, value=found.option, written=found.written)

    def deletes(self, item: PlacedEntry) -> bool:
        """Whether the call deletes this choice (`~group`, `~group=option`)."""
        found = self._deletions.get(item.key)
        if found is None or found.option not in (None, item.value):
            return False
        found.is_used = True
        return True

    def note(self, item: PlacedEntry) -> None:
        """Note the choice that an entry makes.

        Raises:
            ChosenTwice: another entry has made another one.
        """
        assert not isinstance(item.value, tuple)
        before = self.known.setdefault(item.key, item.value)
        if before != item.value:
            fix = f"To override a value use 'override {item.key}: {before}'"
            raise ChosenTwice(item.key, f"Multiple values for {item.key}. {fix}")
        self._keys[item.folder].add(item.key)

    def refuse_unused(self) -> None:
        """Refuse an override or a deletion to which there was nothing.

        Raises:
            NothingToOverride: an override of a group in which no entry chooses.
            NothingToDelete: a deletion of a choice that no entry makes.
        """
        for key, found in self._replacements.items():
            if not found.is_used:
                config_path = found.written.config_path if found.written is not None else None
                raise NothingToOverride(key, config_path, self._keys_of(key))
        for key, deletion in self._deletions.items():
            if not deletion.is_used:
                raise NothingToDelete(key, deletion.option, self.known.get(key), self._keys_of(key))

    def _keys_of(self, key: str) -> list[str]:
        """The keys of the same group that were met."""
        return sorted(self._keys[key.partition("@")[0]])


def _option(value: Any) -> Option:
    """The option or options that an override chooses.

    Raises:
        DefaultsRejected: it is something else.
    """
    if isinstance(value, list):
        return tuple(value)
    if not isinstance(value, str):
        kind = type(value).__name__
        raise DefaultsRejected(f"Config group override must be a string or a list. Got {kind}")
    return value
