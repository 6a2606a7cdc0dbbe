"""What a defaults list is expanded from, and the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from serotiny.compiler.syntax.defaults_list import DefaultsEntry
from serotiny.compiler.syntax.override import Override


@dataclass(frozen=True)
class Loaded:
    """The parts of a config that the expansion needs: its defaults list and its package directive."""

    entries: Sequence[DefaultsEntry]
    package: str | None


@dataclass(frozen=True)
class Configs:
    """The configs that defaults lists can name.

    Attributes:
        load: returns a config by its path; None when it does not exist.
        is_group: whether a path is that of a config group.
        with_hydra: whether Hydra's own defaults list comes first, which `load` then also gives.
    """

    load: Callable[[str], Loaded | None]
    is_group: Callable[[str], bool]
    with_hydra: bool = False

    def chooses(self, override: Override) -> bool:
        """Whether an override is about a group: the rule of Hydra's own `Overrides`."""
        return self.is_group(override.key_or_group) and not isinstance(override.value, dict)


@dataclass(frozen=True)
class Undecided:
    """A choice that is made only when a job starts, by a resolver of the project or a variable that is not set here.

    Attributes:
        group: as an override names it; None for an entry that names a config without a group.
        text: the option as written.
        package: the package of the config that will be chosen.
    """

    group: str | None
    text: str
    package: str


@dataclass(frozen=True)
class WrittenEntry:
    """An entry of a defaults list, with the config that contains it."""

    config_path: str
    entry: DefaultsEntry


@dataclass(frozen=True)
class Missing:
    """A config that is named and does not exist; an empty one takes its place.

    Attributes:
        config_path: its path.
        written: the entry that names it, whose places may be outdated; None for an override of the call.
    """

    config_path: str
    written: WrittenEntry | None


@dataclass(frozen=True)
class Defaults:
    """The result of expanding a defaults list.

    Attributes:
        order: the configs in order of merging, each with its package.
        value_overrides: the overrides of values, without those of groups.
        choices: the option of each group that has one.
        chosen: the groups that were chosen in, including those set to nothing (`model: null`).
        undecided: the choices that are made when the job starts; nothing is chosen for them here.
        missing: the configs that do not exist, each once.
    """

    order: tuple[tuple[str, str], ...]
    value_overrides: tuple[Override, ...]
    choices: dict[str, str]
    chosen: frozenset[str]
    undecided: tuple[Undecided, ...] = ()
    missing: tuple[Missing, ...] = ()

    @property
    def all_choices(self) -> dict[str, str | None]:
        """The option of each group in `chosen`; None for a group that was set to nothing."""
        return {group: self.choices.get(group) for group in sorted(self.chosen)}


ExpandDefaults = Callable[[str, Sequence[Override], Configs], Defaults]
"""The type of `compute_defaults`, and of `Expansions`, which caches its results."""
