"""Expand a defaults list: the configs that a job is made of, in the order in which they are merged.

The rules are Hydra's (https://hydra.cc/docs/advanced/defaults_list). A list is walked from its end, so that what
stands further down decides first; entries with an interpolation come last, when all other choices are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from serotiny.compiler.defaults.configs import Configs, Defaults, Loaded, Missing, Undecided
from serotiny.compiler.defaults.errors import (
    BadEntry,
    BehindOverride,
    ChosenTwice,
    DefaultsRejected,
    EndlessDefaults,
    MustChoose,
    TooManyConfigs,
)
from serotiny.compiler.defaults.group_choices import GroupChoices
from serotiny.compiler.defaults.interpolated_entry import is_interpolation, resolve_entry
from serotiny.compiler.defaults.placed_entry import Holder, PlacedEntry, place
from serotiny.compiler.limits import MAX_CONFIGS, MAX_DEFAULTS_DEPTH
from serotiny.compiler.syntax.defaults_list import SELF, DefaultsEntry
from serotiny.compiler.syntax.override import Override
from serotiny.compiler.tree import MISSING

_ROOT = Holder("<root>", "", "")
_EMPTY = Loaded((), None)
_HYDRAS = DefaultsEntry(group=None, value="hydra/config")


@dataclass(frozen=True, slots=True)
class _Step:
    """A config that is merged, and its package; `key` is that of the choice it comes from, if it has no list itself."""

    config_path: str
    package: str
    key: str | None = None


def compute_defaults(config_name: str, overrides: Sequence[Override], configs: Configs) -> Defaults:
    """Expand the defaults list of `config_name` under `overrides`.

    Raises:
        EndlessDefaults: the lists include each other.
        TooManyConfigs: there are more configs than the limit.
        DefaultsRejected: Hydra refuses the list or an override of it.
    """
    expansion = _Expansion(configs)
    try:
        expansion.choices.read(overrides, configs.chooses)
        steps = expansion.all_steps(config_name)
        _refuse_repeated(steps)
        expansion.choices.refuse_unused()
    except DefaultsRejected as error:
        error.missing = tuple(expansion.missing.values())
        raise
    known = expansion.choices.known
    return Defaults(
        order=tuple((step.config_path, step.package) for step in steps),
        value_overrides=tuple(expansion.choices.of_values),
        choices={key: option for key, option in known.items() if option is not None},
        chosen=frozenset(known),
        undecided=tuple(expansion.undecided),
        missing=tuple(expansion.missing.values()),
    )


def _refuse_repeated(steps: Sequence[_Step]) -> None:
    keys: set[str] = set()
    for step in steps:
        if step.key in keys:
            raise ChosenTwice(step.key, f"{step.key} appears more than once in the final defaults list")
        if step.key is not None:
            keys.add(step.key)


def _refuse_malformed(entry: DefaultsEntry, holder: Holder) -> None:
    if entry.group == "":
        raise BadEntry("a config group needs a name", entry)
    if entry.is_self and entry.group is not None and not holder.is_packaged:
        raise BadEntry(f"`{SELF}` stands by itself, without the group `{entry.group}`", entry)
    if entry.is_self and entry.group is None and entry.package is not None:
        raise BadEntry(f"{SELF}@PACKAGE is not supported", entry)
    # Hydra refuses it although another override may replace it
    if entry.override and isinstance(entry.value, str) and not is_interpolation(entry.value):
        raise BadEntry(f"`{entry.value}` is not an interpolation", entry)


@dataclass(slots=True)
class _Expansion:
    """The expansion of one primary config."""

    configs: Configs
    choices: GroupChoices = field(default_factory=GroupChoices)
    undecided: list[Undecided] = field(default_factory=list)
    missing: dict[str, Missing] = field(default_factory=dict)
    _expanded: int = 0
    _depth: int = 0

    def all_steps(self, config_name: str) -> list[_Step]:
        primary = place(DefaultsEntry(group=None, value=config_name), _ROOT)
        steps = self._steps(primary, is_primary=True)
        if self.configs.with_hydra:
            # merged first, and expanded last, since the primary config overrides its choices
            steps = [*self._steps(place(_HYDRAS, _ROOT)), *steps]
        return steps

    def _steps(
        self, item: PlacedEntry, *, is_primary: bool = False, is_interpolated: bool = False
    ) -> list[_Step]:
        """The config of an entry with those of its defaults list; `is_interpolated`: below an interpolated entry."""
        if item.is_choice:
            if self.choices.deletes(item):
                return []
            self.choices.note(item)
            if item.value is None:
                return []
        loaded = self._loaded(item)
        if loaded is None:
            return []
        holder = Holder(
            item.config_path,
            item.folder,
            item.package_with(loaded.package),
            is_packaged=item.given is not None or loaded.package is not None,
        )
        self._depth += 1
        if self._depth > MAX_DEFAULTS_DEPTH:
            raise EndlessDefaults("the defaults lists include each other without end")
        items = self._placed(loaded.entries, holder, is_interpolated)
        if is_primary and self.choices.added:
            added = (replace(place(entry, holder), written=None) for entry in self.choices.added)
            items = [*(items or [None]), *added]
        parts = self._parts(items, holder, is_interpolated)
        self._depth -= 1
        if not parts:
            return [_Step(holder.config_path, holder.package, item.key if item.is_choice else None)]
        return [step for part in reversed(parts) for step in part]

    def _loaded(self, item: PlacedEntry) -> Loaded | None:
        """The config of an entry, an empty one where it is missing; None if it may be missing."""
        path = item.config_path
        if path.endswith(MISSING):
            if item.is_choice:
                raise MustChoose(item.key)
            raise DefaultsRejected(f"Missing ConfigDefault is not supported : {path}")
        # each of thirty configs may include the next one twice, which expands to a billion configs
        self._expanded += 1
        if self._expanded > MAX_CONFIGS:
            raise TooManyConfigs(f"the defaults lists come to more than {MAX_CONFIGS:,} configs")
        loaded = self.configs.load(path)
        if loaded is None and not item.entry.optional:
            self.missing.setdefault(path, Missing(path, item.written))
            return _EMPTY
        return loaded

    def _placed(
        self, entries: Sequence[DefaultsEntry], holder: Holder, is_interpolated: bool
    ) -> list[PlacedEntry | None]:
        """The entries of a list in order, None for `_self_`; the overrides among them are noted first."""
        items: list[PlacedEntry | None] = []
        override: PlacedEntry | None = None
        for entry in entries:
            _refuse_malformed(entry, holder)
            if entry.is_self:
                if None in items:
                    raise DefaultsRejected(f"Duplicate {SELF} defined in {holder.config_path}")
                items.append(None)
                continue
            item = place(entry, holder)
            items.append(item)
            if entry.override:
                override = item
                self._note_override(item, is_interpolated)
            elif override is not None:
                order = f"'{override.key} : {override.name}' is defined before '{item.key}: {item.name}'"
                raise BehindOverride(f"In {holder.config_path}: Override {order}.", entry)
        if None not in items and not all(entry.override for entry in entries):
            items.append(None)
        return items

    def _note_override(self, item: PlacedEntry, is_interpolated: bool) -> None:
        if is_interpolated:
            # all choices are made when the options of interpolated entries are known
            raise DefaultsRejected(
                f"{item.holder.config_path}: Default List Overrides are not allowed in the subtree"
            )
        self.choices.add_override(item)

    def _parts(
        self, items: list[PlacedEntry | None], holder: Holder, is_interpolated: bool
    ) -> list[list[_Step]]:
        """What each entry of a list brings, from its end."""
        parts: list[list[_Step]] = []
        waiting: list[tuple[list[_Step], PlacedEntry]] = []
        for position in reversed(range(len(items))):
            item = items[position]
            if item is None:
                parts.append([_Step(holder.config_path, holder.package)])
            elif not item.entry.override:
                item = items[position] = self.choices.applied_to(item)
                if isinstance(item.value, tuple):
                    parts += self._parts_of_options(item, item.value, is_interpolated)
                elif item.is_interpolated:
                    parts.append([])
                    waiting.append((parts[-1], item))
                else:
                    parts.append(self._steps(item, is_interpolated=is_interpolated))
        choices = dict(self.choices.known) if waiting else {}
        for part, item in waiting:
            part.extend(self._interpolated(item, choices, items))
        return parts

    def _parts_of_options(
        self, item: PlacedEntry, options: Sequence[str], is_interpolated: bool
    ) -> Iterator[list[_Step]]:
        for option in reversed(options):
            if "${" in option:
                raise DefaultsRejected(
                    f"In '{item.holder.config_path}': "
                    "Defaults List interpolation is not supported in options list items"
                )
            yield self._steps(item.single(option), is_interpolated=is_interpolated)

    def _interpolated(
        self, item: PlacedEntry, choices: dict[str, str | None], siblings: Sequence[PlacedEntry | None]
    ) -> list[_Step]:
        """What an interpolated entry brings: nothing if its option is decided only when the job starts."""
        value = resolve_entry(item, choices, siblings, self.undecided)
        if value is None:
            written = item.value if item.is_choice else item.entry.value
            self.undecided.append(Undecided(item.key if item.is_choice else None, str(written), item.package))
            if not item.is_choice:
                return []
        return self._steps(item.resolved(value), is_interpolated=True)
