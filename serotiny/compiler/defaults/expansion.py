"""Expand the defaults list of a job. Each faulty entry is reported and removed, and the list is expanded again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from serotiny.compiler.defaults.configs import (
    Configs,
    Defaults,
    ExpandDefaults,
    Loaded,
    Missing,
    Undecided,
    WrittenEntry,
)
from serotiny.compiler.defaults.errors import (
    BadEntry,
    BehindOverride,
    ChosenTwice,
    DefaultsRejected,
    EndlessDefaults,
    MustChoose,
    NothingToOverride,
    TooManyConfigs,
    Unresolved,
)
from serotiny.compiler.defaults.faults.arguments import bad_argument, not_chosen
from serotiny.compiler.defaults.faults.cycles import find_cycles
from serotiny.compiler.defaults.faults.entries import bad_entry, bad_list, lacks_package, out_of_order
from serotiny.compiler.defaults.faults.missing import missing_config
from serotiny.compiler.defaults.faults.undecided import not_decided
from serotiny.compiler.hydra.names import is_hydras
from serotiny.compiler.limits import MAX_DEFAULTS_FAULTS, MAX_TRIALS
from serotiny.compiler.overrides.argument import Argument
from serotiny.compiler.sources.builtin import BASES
from serotiny.compiler.sources.primary import primary_entries
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.defaults_list import DefaultsEntry, absolute
from serotiny.compiler.tree import MISSING, select, split
from serotiny.diagnostics import NOWHERE, Diagnostic, Origin, Place, Severity
from serotiny.schemas.names import CHOSEN_BY_DEFAULT


@dataclass(frozen=True, kw_only=True)
class Expanded:
    """The configs of one job.

    Attributes:
        defaults: the expansion of the entries without faults, in order of merging.
        inserted: the groups whose option `default` was taken because nothing was chosen.
        absent: the configs that are named and do not exist.
        dropped: the entries that were left out.
        mandatory: the groups, as an override names them, whose option has to be chosen and is not.
        names_hydra: whether an entry chooses an option of Hydra's own groups.
        undecided: the choices that a resolver of the project makes, with their places.
        diagnostics: SER103 to SER106, SER109.
    """

    defaults: Defaults
    inserted: tuple[str, ...]
    absent: frozenset[str]
    dropped: frozenset[WrittenEntry]
    mandatory: tuple[str, ...]
    names_hydra: bool
    undecided: tuple[tuple[Undecided, Place], ...]
    diagnostics: tuple[Diagnostic, ...]


def expand_defaults(
    sources: Sources,
    primary: str,
    arguments: Sequence[Argument],
    expand: ExpandDefaults,
    registered: Callable[[], frozenset[str]],
) -> Expanded:
    """Expand the defaults list of `primary`, without its faulty entries.

    Args:
        sources: the configs. If they include Hydra's own, Hydra's defaults list is part of the job's.
        primary: the primary config.
        arguments: the overrides that may choose options.
        expand: expands a list, as `compute_defaults`.
        registered: returns the resolvers that the project's own code registers.
    """
    search = _Search(
        sources=sources, primary=primary, arguments=list(arguments), expand=expand, registered=registered
    )
    search.inserted = search.groups_to_insert()
    defaults = search.settle()
    search.report_what_is_not_chosen(defaults)
    search.report_what_nothing_decides(defaults)
    return Expanded(
        defaults=defaults,
        inserted=search.inserted,
        absent=frozenset(search.absent),
        dropped=frozenset(search.dropped),
        mandatory=tuple(search.mandatory),
        names_hydra=search.names_hydra,
        undecided=tuple((found, search.place_of(found)) for found in defaults.undecided),
        diagnostics=tuple(search.faults),
    )


def _is_blamed(written: WrittenEntry, config_path: str | None, key: str | None, primary: str) -> bool:
    """Whether an error about `key` means this entry: in `config_path`, or else in any but the primary config."""
    if key is None or written.entry.group is None:
        return False
    in_place = written.config_path == config_path if config_path else written.config_path != primary
    return in_place and key in (
        written.entry.group_path(written.config_path),
        written.entry.group.lstrip("/"),
    )


@dataclass(kw_only=True)
class _Search:
    """The defaults list of one job, without the entries and arguments that were found to be faulty so far."""

    sources: Sources
    primary: str
    arguments: list[Argument]
    expand: ExpandDefaults
    registered: Callable[[], frozenset[str]]
    faults: list[Diagnostic] = field(default_factory=list)
    inserted: tuple[str, ...] = ()
    absent: set[str] = field(default_factory=set)
    dropped: set[WrittenEntry] = field(default_factory=set)
    reordered: set[str] = field(default_factory=set)
    mandatory: list[str] = field(default_factory=list)
    unpackaged: set[str] = field(default_factory=set)
    names_hydra: bool = False
    read: dict[str, None] = field(default_factory=dict)
    trials: int = 0
    verdict: str = ""

    def groups_to_insert(self) -> tuple[str, ...]:
        """The groups whose option `default` is inserted, since no option is chosen and no config has their content."""
        project = self.sources.project
        if not project.layout.is_own or project.operation_of(self.primary) is None:
            return ()
        named = {entry.group for entry in self._entries(self.primary)}
        candidates = [
            group
            for group in CHOSEN_BY_DEFAULT
            if group not in named and self.sources.has_option(group, "default")
        ]
        if not candidates:
            return ()
        additions = [argument for argument in self.arguments if argument.parsed.adds]
        # Hydra refuses `model=vae` when `model` is not in the list; then try with additions (`+group=…`) only
        for arguments in (self.arguments, additions, []):
            without = self._compute_what_exists(arguments)
            if without is None:
                continue
            return tuple(
                group
                for group in candidates
                if group not in without.chosen and not self._is_spelt_out(group, without)
            )
        return tuple(candidates)

    def _compute_what_exists(self, arguments: Sequence[Argument]) -> Defaults | None:
        """The defaults list with missing configs treated as empty and not reported; None when it is refused."""
        try:
            return self._compute(arguments)
        except DefaultsRejected:
            return None  # `settle` finds it again, and reports it

    def _is_spelt_out(self, group: str, defaults: Defaults) -> bool:
        """Whether a merged config has content at the place of the group's options."""
        wanted = tuple(group.split("/"))
        for config_path, package in defaults.order:
            # the defaults of the schemas are there for every group, so they are not a choice
            if config_path in BASES.values():
                continue
            document = self.sources.document(config_path)
            keys = split(package)
            if document is None or wanted[: len(keys)] != keys or wanted == keys:
                continue
            if select(document.root, wanted[len(keys) :]) is not None:
                return True
        return False

    def settle(self) -> Defaults:
        """Compute the defaults list; each faulty entry is reported and removed, and the list is computed again."""
        for _ in range(MAX_DEFAULTS_FAULTS):
            try:
                defaults = self._compute(self.arguments)
            except TooManyConfigs as error:
                self.faults.append(self._too_many(error))
                break
            except DefaultsRejected as error:
                self._report_missing(error.missing)
                self._drop_culprit(error)
            else:
                self._report_missing(defaults.missing)
                return defaults
        # the limit of attempts is reached: report the faults that were found
        return Defaults((), (), {}, frozenset())

    def _report_missing(self, missing: Sequence[Missing]) -> None:
        for found in missing:
            if found.config_path not in self.absent:
                self.absent.add(found.config_path)
                self.faults.append(
                    missing_config(found.config_path, self._as_written(found), self.arguments, self.sources)
                )

    def _as_written(self, missing: Missing) -> DefaultsEntry | None:
        """The entry that names a missing config, as it is written now; None where none in a file does."""
        if missing.written is None:
            return None
        then, entries = missing.written.entry, self._entries(missing.written.config_path)
        return next((now for now in entries if (now.group, now.value) == (then.group, then.value)), None)

    def _too_many(self, error: TooManyConfigs) -> Diagnostic:
        """SER123, at the defaults list of the primary config."""
        document = self.sources.document(self.primary)
        listed = document.root.get("defaults") if document is not None else None
        return Diagnostic("SER123", str(error), listed.place if listed is not None else NOWHERE, "defaults")

    def report_what_is_not_chosen(self, defaults: Defaults) -> None:
        """Report each `+group=option` that an `override` in a file replaces."""
        for argument in self.arguments:
            parsed = argument.parsed
            asked, chosen = parsed.value, defaults.choices.get(_choice_key(argument))
            if not parsed.adds and isinstance(asked, str) and chosen == asked:
                self.faults += self._not_there(argument, f"{parsed.key_or_group}/{asked}")
            # only an addition can be replaced: Hydra's `add_override` skips a group that a plain override chooses in
            if parsed.adds and isinstance(asked, str) and chosen not in (None, asked):
                self.faults.append(not_chosen(argument, chosen, self._written_entries()))

    def _not_there(self, argument: Argument, config_path: str) -> list[Diagnostic]:
        """SER104 as a warning for an option that the call chooses where none has to exist."""
        if "${" in config_path or self.sources.document(config_path) is not None:
            return []
        if config_path in self.absent or self.sources.is_further(config_path) or is_hydras(config_path):
            return []
        fault = missing_config(config_path, None, [argument], self.sources)
        note = "Hydra leaves it out without a word: the entry is `optional`"
        return [replace(fault, severity=Severity.WARNING, notes=(*fault.notes, note))]

    def _compute(self, arguments: Sequence[Argument]) -> Defaults:
        try:
            return self._expand(arguments)
        except EndlessDefaults:
            if not self._drop_cycles():
                raise
        return self._expand(arguments)

    def _expand(self, arguments: Sequence[Argument]) -> Defaults:
        configs = Configs(self._load, self.sources.is_group, with_hydra=self.sources.has_further)
        return self.expand(self.primary, [argument.parsed for argument in arguments], configs)

    def report_what_nothing_decides(self, defaults: Defaults) -> None:
        """Report each choice that is made by a resolver that is not registered or a variable that is not set."""
        for found in defaults.undecided:
            fault = not_decided(found, self.place_of(found), self.registered)
            self.faults += [fault] if fault is not None else []

    def place_of(self, undecided: Undecided) -> Place:
        """The place where a choice is written that is made only when the job starts."""
        group = (undecided.group or "").partition("@")[0]
        for written in self._written_entries():
            entry = written.entry
            if entry.value == undecided.text and (
                not group or entry.group is None or entry.group_path(written.config_path) == group
            ):
                return entry.value_place or NOWHERE
        asked = (item for item in self.arguments if item.parsed.key_or_group == group)
        return next((item.value_place for item in asked), NOWHERE)

    def _load(self, config_path: str) -> Loaded | None:
        document = self.sources.document(config_path)
        if document is None:
            return None
        self.read[config_path] = None
        return Loaded(self._kept_entries(config_path), document.package)

    def _kept_entries(self, config_path: str) -> Sequence[DefaultsEntry]:
        entries = self._entries(config_path)
        if config_path in self.reordered:
            entries = sorted(entries, key=lambda entry: entry.override)
        if not self.dropped:
            return entries
        return [entry for entry in entries if WrittenEntry(config_path, entry) not in self.dropped]

    def _entries(self, config_path: str) -> Sequence[DefaultsEntry]:
        entries = self._listed(config_path)
        kept = self.sources.list_once(
            ("kept", config_path, self._as_primary(config_path)),
            lambda: self._without_hydras(config_path, entries),
        )
        self.names_hydra |= kept is not entries
        # these entries need Hydra's own configs; `names_hydra` asks for another pass that includes them
        return entries if self.sources.has_further else kept

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

    def _written_entries(self) -> list[WrittenEntry]:
        """Every entry that is written in a file, of the configs that were loaded for this list."""
        return [
            WrittenEntry(config_path, entry)
            for config_path in self.read
            for entry in self._entries(config_path)
            if entry.place is not None and entry.place.origin is Origin.FILE
        ]

    def _drop_cycles(self) -> bool:
        """Remove the entries that close a cycle of defaults lists; return False when there are none."""
        # no list leads from the primary config to one that the call or an `override` chooses
        searches = ((self.primary,), tuple(self.read))
        found = (list(find_cycles(starts, self._kept_entries)) for starts in searches)
        cycles = next(filter(None, found), [])
        self.faults += [cycle.fault for cycle in cycles]
        self.dropped |= {cycle.closing for cycle in cycles}
        return bool(cycles)

    def _drop_culprit(self, error: DefaultsRejected) -> None:
        """Find the entry or argument whose removal changes the error, report it and remove it.

        Those that the error names are tried first, since removing the experiment that contains the faulty
        entry changes the error too.
        """
        self.verdict = str(error)
        config_path = error.config_path if isinstance(error, NothingToOverride) else None
        key = error.key.partition("@")[0] if error.key is not None else None
        entries = [item for item in self._written_entries() if item not in self.dropped]
        blamed = [item for item in entries if _is_blamed(item, config_path, key, self.primary)]
        own = [item for item in self.arguments if item.parsed.key_or_group == key]
        others = [item for item in self.arguments if item not in own]
        first = () if config_path is not None else own[::-1]
        if isinstance(error, MustChoose) and self._misses_package(error, own, entries):
            return
        if isinstance(error, NothingToOverride):
            blamed.sort(key=lambda item: not item.entry.override)
        if isinstance(error, ChosenTwice):
            blamed.sort(key=lambda item: self._chosen_before(item) is None)
        if isinstance(error, BadEntry):
            named = [item for item in entries if item.entry == error.entry]
            if isinstance(error, BehindOverride) and named and error.entry.group is not None:
                self._reorder(named[0].config_path)
                return
            if any(self._without_entry(item, error) for item in named):
                return
        if any(self._without_argument(item, error) for item in first):
            return
        if any(self._without_entry(item, error) for item in blamed):
            return
        if any(self._without_argument(item, error) for item in (*own, *others)):
            return
        if isinstance(error, Unresolved):
            entries.sort(key=lambda item: item.entry.value != error.text)
        if any(self._without_entry(item, error) for item in entries):
            return
        # no single removal helps; remove all of them, so that the primary config's own values are still checked
        self.faults.append(bad_list(error))
        self.arguments = []
        self.dropped |= set(self._written_entries())

    def _without_argument(self, argument: Argument, error: DefaultsRejected) -> bool:
        rest = [other for other in self.arguments if other is not argument]
        if self._verdict(rest) == str(error):
            return False
        self.arguments = rest
        self.faults.append(bad_argument(argument, error, self.sources, rest))
        return True

    def _without_entry(self, written: WrittenEntry, error: DefaultsRejected) -> bool:
        self.dropped.add(written)
        if self._verdict(self.arguments) == str(error):
            self.dropped.discard(written)
            return False
        if self._is_follow_on(written, error):
            return True
        if isinstance(error, NothingToOverride) and lacks_package(written, error, self.sources):
            if written.config_path in self.unpackaged:
                return True
            self.unpackaged.add(written.config_path)
        if isinstance(error, MustChoose) and error.key is not None:
            self.mandatory.append(error.key)
        first = self._chosen_before(written) if isinstance(error, ChosenTwice) else None
        self.faults.append(bad_entry(written, error, self.sources, first))
        return True

    def _misses_package(
        self, error: MustChoose, own: Sequence[Argument], entries: Sequence[WrittenEntry]
    ) -> bool:
        """Report an override of a group that has to be chosen, without the package of the entry that asks for it."""
        meant = [item for item in own if not item.parsed.sign and _choice_key(item) != error.key]
        if not meant or error.key is None:
            return False
        refused = NothingToOverride(_choice_key(meant[0]), None, (error.key,))
        self.faults.append(bad_argument(meant[0], refused, self.sources, ()))
        self.arguments = [item for item in self.arguments if item is not meant[0]]
        group = error.key.partition("@")[0]
        asking = (item for item in entries if item.entry.value == MISSING)
        self.dropped |= {item for item in asking if item.entry.group_path(item.config_path) == group}
        return True

    def _reorder(self, config_path: str) -> None:
        """Report an `override` before other entries, and go on without the latter or as if the list was in order."""
        fault, moved = out_of_order(self._kept_entries(config_path))
        self.faults.append(fault)
        if moved[0].override:
            self.reordered.add(config_path)
        else:
            self.dropped |= {WrittenEntry(config_path, entry) for entry in moved}

    def _chosen_before(self, written: WrittenEntry) -> Place | None:
        """Where the list that an entry stands in chooses in the same group at the same package before it."""
        entries = self._entries(written.config_path)
        before = entries[: entries.index(written.entry)]
        chosen = (written.entry.group, written.entry.package)
        return next((item.place for item in before if (item.group, item.package) == chosen), None)

    def _is_follow_on(self, written: WrittenEntry, error: DefaultsRejected) -> bool:
        """Whether an `override` has nothing to override only because another config is missing, or cannot be read.

        That is one of the same list or of the primary config's, or one that stands for an option that would choose in the group.
        """
        if not (written.entry.override and isinstance(error, NothingToOverride)):
            return False
        path = written.config_path
        group = written.entry.group_path(path)
        if any(group in self._groups_beside(config) for config in self.absent):
            return True
        named = (config for lister in {path, self.primary} for config in self._named(lister))
        # an option of Hydra's own groups, as one of a plug-in that is not installed, chooses in no other group
        may_choose = (config for config in named if is_hydras(group) or not is_hydras(config))
        return any(config in self.absent or self._is_unread(config) for config in may_choose)

    def _named(self, config_path: str) -> Iterator[str]:
        """The configs that a defaults list names, those that its overrides choose too."""
        for entry in self._entries(config_path):
            for option, _ in entry.options():
                yield (
                    f"{entry.group_path(config_path)}/{option}"
                    if entry.group
                    else absolute(option, config_path)
                )

    def _is_unread(self, config_path: str) -> bool:
        """Whether a config exists of which it is not known what it chooses."""
        document = self.sources.document(config_path)
        return document is not None and document.root.incomplete and document.root.get("defaults") is None

    def _groups_beside(self, config_path: str) -> Iterator[str]:
        """The groups in which the other options of a config's group choose."""
        folder = config_path.rpartition("/")[0]
        for option in self.sources.options(folder) if folder else ():
            beside = f"{folder}/{option}"
            yield from (entry.group_path(beside) for entry in self._entries(beside) if entry.group)

    def _verdict(self, arguments: Sequence[Argument]) -> str | None:
        self.trials += 1
        if self.trials > MAX_TRIALS:
            return self.verdict
        try:
            self._expand(arguments)
        except DefaultsRejected as error:
            return str(error)
        return None


def _choice_key(argument: Argument) -> str:
    """The key by which Hydra's messages name the choice of an argument."""
    return argument.parsed.key_with_sign.lstrip("+")
