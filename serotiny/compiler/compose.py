"""Stage one: merge groups and overrides; every value remembers where it came from."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace

from serotiny.compiler.builtin import BASES
from serotiny.compiler.defaults import (
    CHOSEN_BY_DEFAULT,
    DefaultsEntry,
    absolute,
    complete_primary,
    read_defaults,
)
from serotiny.compiler.hydra_adapter import (
    Defaults,
    ExpandDefaults,
    Loaded,
    MissingConfig,
    Rejected,
    compute_defaults,
)
from serotiny.compiler.overrides import (
    Argument,
    apply_overrides,
    parse_arguments,
    refuse_choices,
    refuse_sweeps,
)
from serotiny.compiler.project import Project
from serotiny.compiler.search_path import read_search_path
from serotiny.compiler.sources import Sources
from serotiny.compiler.tree import EMPTY, Node, clashes, describe, join, merge, nest, select
from serotiny.compiler.yaml_document import Document
from serotiny.diagnostics import NOWHERE, Diagnostic, Origin, Place, did_you_mean

_ATTEMPTS = 40
"""How many faults of the defaults lists are looked for, one by one, before we stop."""


@dataclass(frozen=True)
class Composed:
    """One job's config before interpolation.

    Attributes:
        operation: `train`, `test` or `predict`.
        project: whose configs they are, with the folders that `hydra.searchpath` adds.
        root: the merged tree, without Hydra's own node.
        hydra: what the configs and overrides say about Hydra itself, if anything.
        order: the configs that were merged, in order, each with its package.
        choices: the option of each group that has one.
        groups: the groups of the defaults lists, also those in which nothing is chosen (`debug: null`).
        inserted: the groups whose option `default` was taken because nothing was chosen.
        arguments: the overrides, parsed.
        diagnostics: SER1xx.
    """

    operation: str
    project: Project
    root: Node
    hydra: Node | None
    order: tuple[tuple[str, str], ...]
    choices: dict[str, str]
    groups: frozenset[str]
    inserted: tuple[str, ...]
    arguments: tuple[Argument, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def asks_for_sweep(self) -> bool:
        """Whether `hydra.mode` makes a sweep of the call, without `-m`."""
        given = [item.parsed.value() for item in self.arguments if item.parsed.key_or_group == "hydra.mode"]
        node = self.hydra.get("mode") if self.hydra is not None else None
        mode = given[-1] if given else node.value if node is not None else None
        return mode == "MULTIRUN"


def compose(
    sources: Sources,
    operation: str,
    overrides: Sequence[str],
    expand: ExpandDefaults = compute_defaults,
) -> Composed:
    """Compose `operation` under `overrides`, reporting every fault that can be seen.

    A config that is missing or unreadable counts as empty, an override at fault as not given, so
    that what is sound is still composed and checked.

    Returns:
        The tree and SER101 to SER109.
    """
    parsed, faults = parse_arguments(overrides)
    arguments, sweeps = refuse_sweeps(parsed)
    sources, search_faults = _with_search_path(sources, operation, arguments)
    arguments, choice_faults = refuse_choices(arguments, sources.is_group)
    faults += choice_faults
    faults += search_faults
    composer = _Composer(sources, operation, [item for item in arguments if not item.is_hydra], expand)
    composer.faults += faults + sweeps
    root, defaults = composer.merge_all()
    by_override = {id(item.parsed): item for item in arguments}
    values = [by_override[id(override)] for override in defaults.value_overrides]
    root, override_faults = apply_overrides(root, values)
    hydra = root.get("hydra")
    if hydra is not None:
        root = replace(root, value={key: node for key, node in root.value.items() if key != "hydra"})
    return Composed(
        operation,
        sources.project,
        root,
        hydra,
        defaults.order,
        defaults.choices,
        defaults.chosen,
        composer.inserted,
        tuple(arguments),
        tuple(composer.faults + override_faults),
    )


def _with_search_path(
    sources: Sources, operation: str, arguments: Sequence[Argument]
) -> tuple[Sources, list[Diagnostic]]:
    """The sources with the folders that `hydra.searchpath` adds, on the command line or in the primary config."""
    node: Node | None = None
    for argument in arguments:
        if argument.parsed.key_or_group == "hydra.searchpath":
            node = argument.node()
    if node is None:
        document = sources.document(operation)
        hydra = document.root.get("hydra") if document is not None else None
        node = hydra.get("searchpath") if hydra is not None else None
    folders, faults = read_search_path(node, sources.project)
    return (sources.with_folders(folders) if folders else sources), faults


def primary_entries(sources: Sources, operation: str, inserted: tuple[str, ...]) -> list[DefaultsEntry]:
    """The whole defaults list of an operation: the schemas' defaults, the `inserted` groups' option `default`, its own."""
    document = sources.document(operation)
    assert document is not None
    entries, _ = read_defaults(document)
    return complete_primary(entries, tuple((base, group) for group, base in BASES.items()), inserted)


@dataclass
class _Composer:
    """The defaults list of one job, tried again without what was found to be at fault."""

    sources: Sources
    operation: str
    arguments: list[Argument]
    expand: ExpandDefaults
    faults: list[Diagnostic] = field(default_factory=list)
    inserted: tuple[str, ...] = ()
    absent: set[str] = field(default_factory=set)
    dropped: set[tuple[str, DefaultsEntry]] = field(default_factory=set)

    def merge_all(self) -> tuple[Node, Defaults]:
        self.inserted = self._groups_to_insert()
        defaults = self.settle()
        root = EMPTY
        for config_path, entry in self.dropped:
            if entry.group is not None and entry.package is None:
                keys = tuple(entry.group_path(config_path).split("/"))
                root = merge(root, nest(keys, replace(EMPTY, incomplete=True)))
        for config_path, package in defaults.order:
            content = self._embedded(config_path, package)
            self.faults += [_clash(keys, below, top) for keys, below, top in clashes(root, content)]
            root = merge(root, content)
        return root, defaults

    def _groups_to_insert(self) -> tuple[str, ...]:
        """The groups whose option `default` is taken, since nothing chooses in them or spells them out."""
        entries, _ = read_defaults(self._primary())
        named = {entry.group for entry in entries}
        candidates = [
            group
            for group in CHOSEN_BY_DEFAULT
            if group not in named and "default" in self.sources.options(group)
        ]
        if not candidates:
            return ()
        additions = [argument for argument in self.arguments if argument.parsed.is_add()]
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
        """The defaults list with every missing config taken for empty, reporting none; None when Hydra refuses."""
        known = set(self.absent)
        try:
            for _ in range(_ATTEMPTS):
                try:
                    return self._compute(arguments)
                except MissingConfig as error:
                    self.absent.add(error.config_path)
        except Rejected:
            pass
        finally:
            self.absent = known
        return None

    def _is_spelt_out(self, group: str, defaults: Defaults) -> bool:
        """Whether a config that is merged has content where the group's options would go."""
        wanted = tuple(group.split("/"))
        for config_path, package in defaults.order:
            if config_path in BASES.values():
                continue
            document = self.sources.document(config_path)
            keys = tuple(part for part in package.split(".") if part)
            if document is None or wanted[: len(keys)] != keys or wanted == keys:
                continue
            if select(document.root, wanted[len(keys) :]) is not None:
                return True
        return False

    def _primary(self) -> Document:
        document = self.sources.document(self.operation)
        assert document is not None
        return document

    def settle(self) -> Defaults:
        """Compute the defaults list; each fault is reported, taken out, and the list computed again."""
        for _ in range(_ATTEMPTS):
            try:
                return self._compute(self.arguments)
            except MissingConfig as error:
                self.absent.add(error.config_path)
                self.faults.append(self._missing_config(error.config_path))
            except Rejected as error:
                self._drop_culprit(str(error))
        return Defaults((), (), {}, frozenset())

    def _compute(self, arguments: Sequence[Argument]) -> Defaults:
        return self.expand(
            self.operation,
            [argument.parsed for argument in arguments],
            self._load,
            self.sources.is_group,
            self.sources.options,
        )

    def _load(self, config_path: str) -> Loaded | None:
        if config_path in self.absent:
            return Loaded((), None)
        document = self.sources.document(config_path)
        if document is None:
            return None
        entries = [entry for entry in self._entries(config_path) if (config_path, entry) not in self.dropped]
        return Loaded(entries, document.package)

    def _entries(self, config_path: str) -> list[DefaultsEntry]:
        document = self.sources.document(config_path)
        assert document is not None
        if config_path == self.operation:
            entries = primary_entries(self.sources, config_path, self.inserted)
        else:
            entries, _ = read_defaults(document)
        about_hydra = config_path.startswith("hydra/")
        return [
            entry
            for entry in entries
            if not (entry.group and self._is_hydras(entry, config_path))
            and not (about_hydra and not entry.is_self)
        ]

    def _is_hydras(self, entry: DefaultsEntry, config_path: str) -> bool:
        """Whether an entry chooses in Hydra's own groups; a project may have options of `hydra` itself."""
        group = entry.group_path(config_path)
        own = group == "hydra" and self.sources.path_of(f"hydra/{entry.value}") is not None
        return group.partition("/")[0] == "hydra" and not own

    def _embedded(self, config_path: str, package: str) -> Node:
        keys = tuple(part for part in package.split(".") if part)
        document = None if config_path in self.absent else self.sources.document(config_path)
        if document is None:
            return nest(keys, replace(EMPTY, incomplete=True))
        self.faults += [fault for fault in document.diagnostics if fault not in self.faults]
        self.faults += [fault for fault in read_defaults(document)[1] if fault not in self.faults]
        content = document.root
        if content.is_mapping:
            kept = {key: node for key, node in content.value.items() if key != "defaults"}
            content = replace(content, value=kept)
        elif not keys:
            message = f"`{document.file}` must hold a mapping"
            self.faults.append(Diagnostic("SER101", message, content.place))
            content = replace(EMPTY, incomplete=True)
        return nest(keys, content)

    def _missing_config(self, config_path: str) -> Diagnostic:
        group, _, option = config_path.rpartition("/")
        for argument in self.arguments:
            if argument.parsed.key_or_group == group and argument.parsed.value() == option:
                return self._unknown_option(group, option, argument.value_place)
        for loaded_path, entry in self._written_entries():
            names = entry.value if isinstance(entry.value, tuple) else (entry.value,)
            if entry.group is None:
                if absolute(str(entry.value), loaded_path) == config_path:
                    message = f"there is no config `{config_path}`"
                    mend = did_you_mean(option, self.sources.options(group))
                    return Diagnostic("SER105", message, entry.value_place or NOWHERE, help=mend)
            elif entry.group_path(loaded_path) == group and option in names:
                if not self.sources.is_group(group):
                    mend = did_you_mean(group, self.sources.groups())
                    message = f"there is no config group `{group}`"
                    return Diagnostic("SER103", message, entry.place or NOWHERE, help=mend)
                return self._unknown_option(group, option, entry.value_place or NOWHERE)
        return self._unknown_option(group, option, Place(Origin.ENVIRONMENT))

    def _unknown_option(self, group: str, option: str, place: Place) -> Diagnostic:
        options = self.sources.options(group)
        mend = did_you_mean(option, options)
        note = (
            f"`{group}` has {', '.join(f'`{name}`' for name in options)}"
            if options
            else f"this project has no options of `{group}`"
        )
        return Diagnostic(
            "SER104", f"`{option}` is not an option of `{group}`", place, group, help=mend, notes=(note,)
        )

    def _written_entries(self) -> list[tuple[str, DefaultsEntry]]:
        """Every entry of the documents read so far that stands in a file, with its config's path."""
        found: list[tuple[str, DefaultsEntry]] = []
        for config_path in self.sources.read_paths():
            found += [(config_path, entry) for entry in self._entries(config_path) if entry.place is not None]
        return found

    def _drop_culprit(self, message: str) -> None:
        """Find whose removal changes Hydra's verdict, report it, and go on without it."""
        headline = message.rstrip(".").replace("'", "`")
        headline = headline[:1].lower() + headline[1:]
        for argument in self.arguments:
            rest = [other for other in self.arguments if other is not argument]
            if self._verdict(rest) != message:
                self.arguments = rest
                code, mend = "SER106", None
                if not argument.parsed.is_add() and not self.sources.is_group(argument.parsed.key_or_group):
                    code = "SER103"
                if self.sources.is_group(argument.parsed.key_or_group) and "No match" in message:
                    mend = f"write `+{argument.text}` to add the group"
                self.faults.append(
                    Diagnostic(code, headline, argument.key_place, argument.parsed.key_or_group, help=mend)
                )
                return
        for written in self._written_entries():
            if written in self.dropped:
                continue
            self.dropped.add(written)
            if self._verdict(self.arguments) != message:
                unchosen = written[1].value == "???"
                self.faults.append(self._bad_entry(written[1], headline, unchosen))
                return
            self.dropped.discard(written)
        self.faults.append(Diagnostic("SER109", headline, Place(Origin.ENVIRONMENT)))
        self.arguments = []
        self.dropped |= set(self._written_entries())

    def _bad_entry(self, entry: DefaultsEntry, headline: str, unchosen: bool) -> Diagnostic:
        place = entry.value_place or entry.place or NOWHERE
        if unchosen and entry.group:
            message = f"an option of `{entry.group}` must be chosen"
            options = ", ".join(f"`{entry.group}={name}`" for name in self.sources.options(entry.group))
            return Diagnostic("SER105", message, place, entry.group, help=f"choose one of {options}")
        return Diagnostic("SER109", headline, place, entry.group)

    def _verdict(self, arguments: Sequence[Argument]) -> str | None:
        try:
            self._compute(arguments)
        except MissingConfig as error:
            return f"missing {error.config_path}"
        except Rejected as error:
            return str(error)
        return None


def _clash(keys: tuple[Hashable, ...], below: Node, top: Node) -> Diagnostic:
    key = join(keys)
    message = f"`{key}` is {describe(top.value)} here and cannot be merged into {describe(below.value)}"
    return Diagnostic("SER109", message, top.blame_key(), key, notes=(f"first set at {below.place}",))
