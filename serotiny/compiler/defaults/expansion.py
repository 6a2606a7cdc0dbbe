"""Expand the defaults list of a job. Each faulty entry is reported and removed, and the list is expanded again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from serotiny.compiler.defaults.configs import (
    Configs,
    Defaults,
    ExpandDefaults,
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
from serotiny.compiler.defaults.follow_on import follows_from_missing
from serotiny.compiler.defaults.inserted import groups_to_insert
from serotiny.compiler.defaults.lists import Lists
from serotiny.compiler.hydra.names import is_hydras
from serotiny.compiler.limits import MAX_DEFAULTS_FAULTS, MAX_TRIALS
from serotiny.compiler.overrides.argument import Argument
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.defaults_list import DefaultsEntry
from serotiny.compiler.tree import MISSING
from serotiny.diagnostics import NOWHERE, Diagnostic, Place, Severity


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
    lists = Lists(sources=sources, primary=primary)
    search = _Search(lists=lists, arguments=list(arguments), expand=expand, registered=registered)
    lists.inserted = groups_to_insert(lists, arguments, search.compute)
    defaults = search.settle()
    search.report_what_is_not_chosen(defaults)
    search.report_what_nothing_decides(defaults)
    return Expanded(
        defaults=defaults,
        inserted=lists.inserted,
        absent=frozenset(search.absent),
        dropped=frozenset(lists.dropped),
        mandatory=tuple(search.mandatory),
        names_hydra=lists.names_hydra,
        undecided=tuple((found, search.place_of(found)) for found in defaults.undecided),
        diagnostics=tuple(search.faults),
    )


def _is_blamed(written: WrittenEntry, config_path: str | None, key: str | None, primary: str) -> bool:
    """Whether an error about `key` means this entry: in `config_path`, or else in any but the primary config.

    In an option that is chosen by way of a sub-folder (`model=vision/resnet`) groups are relative to `model`.
    """
    group = written.entry.group
    if key is None or group is None:
        return False
    if key in (written.entry.group_path(written.config_path), group.lstrip("/")):
        return written.config_path == config_path if config_path else written.config_path != primary
    is_override = written.entry.override and not group.startswith("/")
    return is_override and written.config_path == config_path and key.endswith(f"/{group}")


def _asks_for(written: WrittenEntry, group: str | None) -> bool:
    """Whether an entry says that an option of a group has to be chosen."""
    return written.entry.value == MISSING and written.entry.group_path(written.config_path) == group


@dataclass(kw_only=True)
class _Search:
    """The defaults list of one job, without the entries and arguments that were found to be faulty so far."""

    lists: Lists
    arguments: list[Argument]
    expand: ExpandDefaults
    registered: Callable[[], frozenset[str]]
    faults: list[Diagnostic] = field(default_factory=list)
    absent: set[str] = field(default_factory=set)
    mandatory: list[str] = field(default_factory=list)
    unpackaged: set[str] = field(default_factory=set)
    out_of_order: dict[str, Diagnostic] = field(default_factory=dict)
    trials: int = 0
    verdict: str = ""

    def settle(self) -> Defaults:
        """Compute the defaults list; each faulty entry is reported and removed, and the list is computed again."""
        for _ in range(MAX_DEFAULTS_FAULTS):
            try:
                defaults = self.compute(self.arguments)
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
                    missing_config(
                        found.config_path, self._as_written(found), self.arguments, self.lists.sources
                    )
                )

    def _as_written(self, missing: Missing) -> DefaultsEntry | None:
        """The entry that names a missing config, as it is written now; None where none in a file does."""
        if missing.written is None:
            return None
        then, entries = missing.written.entry, self.lists.entries(missing.written.config_path)
        return next((now for now in entries if (now.group, now.value) == (then.group, then.value)), None)

    def _too_many(self, error: TooManyConfigs) -> Diagnostic:
        """SER123, at the defaults list of the primary config."""
        document = self.lists.sources.document(self.lists.primary)
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
                self.faults.append(not_chosen(argument, chosen, self.lists.written()))

    def _not_there(self, argument: Argument, config_path: str) -> list[Diagnostic]:
        """SER104 as a warning for an option that the call chooses where none has to exist."""
        if "${" in config_path or self.lists.sources.document(config_path) is not None:
            return []
        if config_path in self.absent or self.lists.sources.is_further(config_path) or is_hydras(config_path):
            return []
        fault = missing_config(config_path, None, [argument], self.lists.sources)
        note = "Hydra leaves it out without a word: the entry is `optional`"
        return [replace(fault, severity=Severity.WARNING, notes=(*fault.notes, note))]

    def compute(self, arguments: Sequence[Argument]) -> Defaults:
        """Expand the lists, without the entries that close a cycle, which are reported."""
        try:
            return self._expand(arguments)
        except EndlessDefaults:
            if not self._drop_cycles():
                raise
        return self._expand(arguments)

    def _expand(self, arguments: Sequence[Argument]) -> Defaults:
        configs = Configs(
            self.lists.load, self.lists.sources.is_group, with_hydra=self.lists.sources.has_further
        )
        return self.expand(self.lists.primary, [argument.parsed for argument in arguments], configs)

    def report_what_nothing_decides(self, defaults: Defaults) -> None:
        """Report each choice that is made by a resolver that is not registered or a variable that is not set."""
        for found in defaults.undecided:
            fault = not_decided(found, self.place_of(found), self.registered)
            self.faults += [fault] if fault is not None else []

    def place_of(self, undecided: Undecided) -> Place:
        """The place where a choice is written that is made only when the job starts."""
        group = (undecided.group or "").partition("@")[0]
        for written in self.lists.written():
            entry = written.entry
            if entry.value == undecided.text and (
                not group or entry.group is None or entry.group_path(written.config_path) == group
            ):
                return entry.value_place or NOWHERE
        asked = (item for item in self.arguments if item.parsed.key_or_group == group)
        return next((item.value_place for item in asked), NOWHERE)

    def _drop_cycles(self) -> bool:
        """Remove the entries that close a cycle of defaults lists; return False when there are none."""
        # no list leads from the primary config to one that the call or an `override` chooses
        searches = ((self.lists.primary,), self.lists.loaded)
        found = (list(find_cycles(starts, self.lists.kept)) for starts in searches)
        cycles = next(filter(None, found), [])
        self.faults += [cycle.fault for cycle in cycles]
        self.lists.dropped |= {cycle.closing for cycle in cycles}
        return bool(cycles)

    def _drop_culprit(self, error: DefaultsRejected) -> None:
        """Find the entry or argument whose removal changes the error, report it and remove it.

        Those that the error names are tried first, since removing the experiment that contains the faulty
        entry changes the error too.
        """
        self.verdict = str(error)
        config_path = error.config_path if isinstance(error, NothingToOverride) else None
        key = error.key.partition("@")[0] if error.key is not None else None
        entries = [item for item in self.lists.written() if item not in self.lists.dropped]
        blamed = [item for item in entries if _is_blamed(item, config_path, key, self.lists.primary)]
        own = [item for item in self.arguments if item.parsed.key_or_group == key]
        others = [item for item in self.arguments if item not in own]
        first = () if config_path is not None else own[::-1]
        if isinstance(error, MustChoose):
            if self._misses_package(error, own, entries) or self._misses_global(error, entries):
                return
            asking = [item for item in entries if _asks_for(item, key)]
            if any(self._without_entry(item, error) for item in asking):
                return
        if isinstance(error, NothingToOverride):
            blamed.sort(key=lambda item: not item.entry.override)
        if isinstance(error, ChosenTwice):
            blamed.sort(key=lambda item: self.lists.chosen_before(item) is None)
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
        self.lists.dropped |= set(self.lists.written())

    def _without_argument(self, argument: Argument, error: DefaultsRejected) -> bool:
        rest = [other for other in self.arguments if other is not argument]
        if self._verdict(rest) == str(error):
            return False
        self.arguments = rest
        self.faults.append(bad_argument(argument, error, self.lists.sources, rest))
        return True

    def _without_entry(self, written: WrittenEntry, error: DefaultsRejected) -> bool:
        self.lists.dropped.add(written)
        verdict = self._verdict(self.arguments)
        if verdict == str(error):
            self.lists.dropped.discard(written)
            return False
        is_of_nothing = written.entry.override and isinstance(error, NothingToOverride)
        if is_of_nothing and follows_from_missing(written, self.lists, self.absent):
            return True
        if isinstance(error, NothingToOverride) and lacks_package(written, error, self.lists.sources):
            if written.config_path in self.unpackaged:
                return True
            self.unpackaged.add(written.config_path)
        if isinstance(error, MustChoose) and error.key is not None:
            self.mandatory.append(error.key)
        first = self.lists.chosen_before(written) if isinstance(error, ChosenTwice) else None
        self.faults.append(bad_entry(written, error, self.lists.sources, first))
        if first is None:
            self._read_as_meant(written, error, verdict)
        return True

    def _read_as_meant(self, written: WrittenEntry, error: DefaultsRejected, verdict: str | None) -> None:
        """Go on as if a lost `override` was there, or one in the primary config was not that overrides nothing.

        Args:
            written: the entry, which is left out.
            error: why Hydra refuses it.
            verdict: what is wrong without it.
        """
        is_lost = isinstance(error, ChosenTwice) and not written.entry.override
        is_extra = isinstance(error, NothingToOverride) and self._may_choose(written) and not error.meant
        if written in self.lists.meant or not (is_lost or is_extra):
            return
        was_reordered = written.config_path in self.lists.reordered
        self.lists.dropped.discard(written)
        self.lists.swap_override(written)
        if self._verdict(self.arguments) not in (None, verdict):
            self.lists.dropped.add(written)
            del self.lists.meant[written]
            if not was_reordered:
                self.lists.reordered.discard(written.config_path)
        elif is_extra and written.config_path in self.out_of_order:
            self._order_again(written.config_path)

    def _may_choose(self, written: WrittenEntry) -> bool:
        """Whether an `override` in the primary config names what an entry without the word would choose."""
        entry, path = written.entry, written.config_path
        named = replace(entry, override=False).paths(path)
        is_there = [self.lists.sources.document(config) is not None for config in named]
        return entry.override and path == self.lists.primary and bool(named) and all(is_there)

    def _order_again(self, config_path: str) -> None:
        """Take back what was told of the order of a list, as far as it was about what is no `override`."""
        told = self.out_of_order.pop(config_path)
        left = out_of_order(self.lists.in_file_order(config_path))
        if left is not None:
            self.out_of_order[config_path] = left[0]
        kept = (self.out_of_order.get(config_path) if fault is told else fault for fault in self.faults)
        self.faults = [fault for fault in kept if fault is not None]

    def _misses_package(
        self, error: MustChoose, own: Sequence[Argument], entries: Sequence[WrittenEntry]
    ) -> bool:
        """Report an override of a group that has to be chosen, without the package of the entry that asks for it."""
        meant = [item for item in own if not item.parsed.sign and _choice_key(item) != error.key]
        if not meant or error.key is None:
            return False
        refused = NothingToOverride(_choice_key(meant[0]), None, (error.key,))
        self.faults.append(bad_argument(meant[0], refused, self.lists.sources, ()))
        self.arguments = [item for item in self.arguments if item is not meant[0]]
        group = error.key.partition("@")[0]
        self.lists.dropped |= {item for item in entries if _asks_for(item, group)}
        return True

    def _misses_global(self, error: MustChoose, entries: Sequence[WrittenEntry]) -> bool:
        """Report an `override` of a group that has to be chosen, in a file that lacks the package in which it would choose.

        So it is with the other overrides of that file, and with the groups that these would choose in.
        """
        sources, key = self.lists.sources, error.key or ""
        for written in entries:
            if not written.entry.override or written.entry.group != f"/{key}":
                continue
            refused = NothingToOverride(key, written.config_path, (key,))
            if not lacks_package(written, refused, sources):
                continue
            self.unpackaged.add(written.config_path)
            self.faults.append(bad_entry(written, refused, sources))
            of_file = [
                item for item in entries if item.config_path == written.config_path and item.entry.override
            ]
            groups = {str(item.entry.group).removeprefix("/") for item in of_file}
            asking = [item for item in entries if any(_asks_for(item, group) for group in groups)]
            self.mandatory += [item.entry.group_path(item.config_path) for item in asking]
            self.lists.dropped |= {*of_file, *asking}
            return True
        return False

    def _reorder(self, config_path: str) -> None:
        """Report an `override` before other entries, and go on without the latter or as if the list was in order.

        Others that choose where the primary config does are meant to be overrides themselves.
        """
        entries = self.lists.kept(config_path)
        again = [
            written
            for entry in entries
            if not entry.override
            and (written := WrittenEntry(config_path, entry)) not in self.lists.dropped
            and self.lists.is_lost_override(written)
        ]
        for written in again:
            key = written.entry.group_path(config_path)
            self.faults.append(bad_entry(written, ChosenTwice(key, ""), self.lists.sources))
            self.lists.swap_override(written)
        if again:
            return
        found = out_of_order(entries)
        assert found is not None
        fault, moved = found
        self.faults.append(fault)
        if moved[0].override:
            self.out_of_order[config_path] = fault
            self.lists.reordered.add(config_path)
        else:
            self.lists.dropped |= {WrittenEntry(config_path, entry) for entry in moved}

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
