"""Stage one: merge the configs of a job and apply its overrides; each value keeps its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from serotiny.compiler.composition.merging import Merges
from serotiny.compiler.composition.text_fields import with_text_as_written
from serotiny.compiler.defaults.compute import compute_defaults
from serotiny.compiler.defaults.configs import ExpandDefaults, Undecided
from serotiny.compiler.defaults.expansion import Expanded, expand_defaults
from serotiny.compiler.hydra.names import HYDRA, is_hydras
from serotiny.compiler.overrides.apply import Look, apply_overrides
from serotiny.compiler.overrides.argument import Argument, parse_arguments, refuse_choices, refuse_sweeps
from serotiny.compiler.overrides.choices import (
    refuse_hydras_choices,
    refuse_misplaced_choices,
    with_group_meant,
)
from serotiny.compiler.overrides.effect import overridden_values
from serotiny.compiler.project import Layout, Project
from serotiny.compiler.sources.search_path import read_search_path
from serotiny.compiler.sources.sources import FurtherConfigs, Sources
from serotiny.compiler.tree import EMPTY, Node, every, split
from serotiny.diagnostics import Diagnostic, Place

if TYPE_CHECKING:
    from serotiny.compiler.composition.hydra_settings import HydraSettings

_ASKS_HYDRA = re.compile(r"\$\{\s*hydra\s*:")


@dataclass(frozen=True, kw_only=True)
class Composed:
    """One job's config before interpolation.

    Attributes:
        primary: the config that it starts from.
        operation: the operation that runs it: `train`, `test` or `predict`; None if serotiny only checks it.
        project: the project, with the folders that `hydra.searchpath` adds.
        root: the merged tree, without Hydra's own node.
        hydra: Hydra's own node, if configs or overrides say anything about it, or it was requested.
        order: the configs that were merged, in order, each with its package.
        choices: the option of each group that has one.
        groups: the groups of the defaults lists, also those in which nothing is chosen (`debug: null`).
        inserted: the groups whose option `default` was taken because nothing was chosen.
        arguments: the overrides, parsed.
        mandatory: the groups, as an override names them, of which an option must be chosen, each with its first
            option, if there is one.
        undecided: the choices of defaults lists that a resolver of the project makes, and where they stand.
        looks: the interpolations that overrides need the values of.
        starts: where the primary config begins, under "", and where its defaults list chooses nothing in a group.
        diagnostics: SER1xx.
    """

    primary: str
    operation: str | None
    project: Project
    root: Node
    hydra: HydraSettings | None
    order: tuple[tuple[str, str], ...]
    choices: dict[str, str]
    groups: frozenset[str]
    inserted: tuple[str, ...]
    arguments: tuple[Argument, ...]
    diagnostics: tuple[Diagnostic, ...]
    mandatory: tuple[tuple[str, str | None], ...] = ()
    undecided: tuple[tuple[Undecided, Place], ...] = ()
    looks: tuple[Look, ...] = ()
    starts: Mapping[str, Place] = field(default_factory=dict)

    def place_to_choose(self, group: str) -> Place:
        """Where an option of a group would be chosen: its entry in the primary config's defaults list, or that config.

        Where an override takes the choice out, that override.
        """
        deleted = self.deleted(group.replace("/", "."))
        if deleted is not None:
            return deleted.key_place
        return self.starts.get(group) or self.starts.get("") or self.root.place

    def deleted(self, key: str) -> Argument | None:
        """The override that takes out what would stand at a key, a value (`~data.path`) or a choice (`~model`)."""
        return next(
            (item for item in self.arguments if item.parsed.deletes and item.leads_to == key),
            None,
        )

    @property
    def layout(self) -> Layout:
        """The keys of its parts: model, data, trainer and so on."""
        return self.project.layout_of(self.primary)

    @property
    def schema(self) -> str | None:
        """The operation whose schema lists the root keys; None in a layout in which other code reads them too."""
        return self.operation if self.layout.is_own else None


def compose(
    sources: Sources,
    primary: str,
    overrides: Sequence[str],
    expand: ExpandDefaults = compute_defaults,
    further: FurtherConfigs | None = None,
    merges: Merges | None = None,
    registered: Callable[[], frozenset[str]] | None = None,
) -> Composed:
    """Compose the primary config `primary` with `overrides`, and report every fault that can be found.

    A missing or unreadable config counts as empty, and an override at fault as not given, so that the
    rest is still composed and checked.

    Args:
        sources: the configs of the project.
        primary: the primary config.
        overrides: the overrides, as typed.
        expand: expands a defaults list.
        further: Hydra's own configs, to compose its node in any case. Without them its node is composed only
            if the job says something about Hydra, since that takes as long as all the rest.
        merges: keeps merged configs for further jobs.
        registered: the resolvers that the project's own code registers; by default those that its table declares.

    Returns:
        The tree and SER101 to SER111.
    """
    parsed, faults = parse_arguments(overrides)
    arguments, sweeps = refuse_sweeps(parsed)
    sources, search_faults = _with_search_path(sources, primary, arguments)
    call = _Call(
        primary=primary,
        arguments=arguments,
        expand=expand,
        merges=merges or Merges(),
        registered=registered or (lambda: frozenset(sources.project.leniency.resolvers)),
        faults=(*faults, *search_faults),
        sweeps=tuple(sweeps),
    )
    # decided before merging where possible, so that nothing is merged twice
    if further is None and (any(item.is_hydra for item in arguments) or call.merges.speaks_of_hydra(primary)):
        further = own_configs()
    merged = _merged(sources.with_further(further) if further is not None else sources, call)
    if further is None and merged.speaks_of_hydra:
        call.merges.note_speaking(primary, arguments)
        merged = _merged(sources.with_further(own_configs()), call)
    return _composed(merged, call)


@dataclass(frozen=True, kw_only=True)
class _Call:
    primary: str
    arguments: list[Argument]
    expand: ExpandDefaults
    merges: Merges
    registered: Callable[[], frozenset[str]]
    faults: tuple[Diagnostic, ...]
    sweeps: tuple[Diagnostic, ...]


@dataclass(frozen=True, kw_only=True)
class _Merged:
    """The merged configs of a job, with the overrides of values applied.

    Attributes:
        root: the tree without Hydra's own node.
        hydra: a tree with Hydra's own node alone, if there is one.
        about_hydra: the overrides of Hydra's values.
        refused: the diagnostics of those among them that could not be applied.
    """

    sources: Sources
    arguments: list[Argument]
    expanded: Expanded
    root: Node
    hydra: Node
    about_hydra: list[Argument]
    refused: list[Diagnostic]
    looks: tuple[Look, ...]
    faults: tuple[Diagnostic, ...]

    @property
    def speaks_of_hydra(self) -> bool:
        """Whether it says something about Hydra, or refers to it (`${hydra:…}`)."""
        says = self.expanded.names_hydra or bool(self.about_hydra) or HYDRA in self.hydra.value
        return says or any(_asks_hydra(node.value) for node in every(self.root))


def _merged(sources: Sources, call: _Call) -> _Merged:
    arguments, choice_faults = refuse_choices(call.arguments, sources.is_group)
    expanded = expand_defaults(sources, call.primary, arguments, call.expand, call.registered)
    root, merge_faults = call.merges.merge(sources, expanded)
    # by identity: an override with a list cannot be hashed, and the expansion returns the same objects
    by_override = {id(item.parsed): item for item in arguments}
    given = [by_override[id(override)] for override in expanded.defaults.value_overrides]
    about_hydra = [item for item in given if split(item.parsed.key_or_group)[:1] == (HYDRA,)]
    rest, hydra = call.merges.without_hydra(root)
    values = [item for item in given if item not in about_hydra]
    values, misplaced = refuse_misplaced_choices(rest, values, sources, expanded.defaults.chosen)
    rest, faults, looks = apply_overrides(rest, values)
    operation = sources.project.operation_of(call.primary)
    if operation is not None and sources.project.layout_of(call.primary).is_own:
        rest = with_text_as_written(rest, operation)
    faults = [*misplaced, *with_group_meant(faults, sources, rest), *overridden_values(values)]
    about_hydra, misplaced = refuse_hydras_choices(about_hydra, sources.is_group)
    faults += misplaced
    hydra, refused = call.merges.about_hydra(hydra, about_hydra)
    return _Merged(
        sources=sources,
        arguments=arguments,
        expanded=expanded,
        root=rest,
        hydra=hydra,
        about_hydra=about_hydra,
        refused=refused,
        looks=looks,
        faults=(*call.faults, *choice_faults, *expanded.diagnostics, *merge_faults, *faults),
    )


def _composed(merged: _Merged, call: _Call) -> Composed:
    sources, defaults = merged.sources, merged.expanded.defaults
    settings, faults = None, merged.refused
    # without an order the defaults list was given up, and Hydra's own configs with it
    if sources.has_further and defaults.order:
        # imports OmegaConf's containers, which nothing else needs
        from serotiny.compiler.composition.hydra_settings import Said, compose_settings

        said = Said(
            order=defaults.order,
            choices=defaults.all_choices,
            node=merged.hydra.get(HYDRA) or EMPTY,
            arguments=merged.about_hydra,
            refused=merged.refused,
        )
        settings, faults = compose_settings(
            sources, call.primary, merged.arguments, said=said, memo=call.merges.settings
        )
    return Composed(
        primary=call.primary,
        operation=sources.project.operation_of(call.primary),
        project=sources.project,
        root=merged.root,
        hydra=settings,
        order=tuple(item for item in defaults.order if not sources.is_further(item[0])),
        choices={group: option for group, option in defaults.choices.items() if not is_hydras(group)},
        groups=frozenset(group for group in defaults.chosen if not is_hydras(group)),
        inserted=merged.expanded.inserted,
        arguments=tuple(merged.arguments),
        diagnostics=(*merged.faults, *(() if _means_sweep(faults) else call.sweeps), *faults),
        mandatory=tuple(
            (key, next(iter(sources.options_below(key.partition("@")[0])), None))
            for key in merged.expanded.mandatory
        ),
        undecided=merged.expanded.undecided,
        looks=merged.looks,
        starts=_starts(call.primary, sources),
    )


def _starts(primary: str, sources: Sources) -> dict[str, Place]:
    document = sources.document(primary)
    entries = [
        entry
        for entry in sources.defaults(primary)[0]
        if entry.group is not None and entry.value is None and not entry.override
    ]
    return {
        **({"": document.root.place} if document is not None else {}),
        **{entry.group_path(primary): entry.place for entry in entries if entry.place is not None},
    }


def _means_sweep(faults: Sequence[Diagnostic]) -> bool:
    """Whether `hydra.mode` is misspelt, and would make a sweep of the values that one job may not have."""
    return any(fault.key == f"{HYDRA}.mode" and fault.suggestion == "MULTIRUN" for fault in faults)


def is_about_hydra(fault: Diagnostic) -> bool:
    """Whether a fault lies in Hydra's own settings."""
    key = fault.key or ""
    return key == HYDRA or key.startswith((f"{HYDRA}.", f"{HYDRA}/"))


def own_configs() -> FurtherConfigs:
    """Hydra's own configs."""
    # finding Hydra's plug-ins takes as long as a whole check
    from serotiny.compiler.hydra.own_configs import own_configs as load

    return load()


def _asks_hydra(value: Any) -> bool:
    return isinstance(value, str) and "${" in value and _ASKS_HYDRA.search(value) is not None


def _with_search_path(
    sources: Sources, primary: str, arguments: Sequence[Argument]
) -> tuple[Sources, list[Diagnostic]]:
    """The sources with the folders that `hydra.searchpath` adds, on the command line or in the primary config."""
    given = [item for item in arguments if item.parsed.key_or_group == "hydra.searchpath"]
    plain = [item for item in given if item.text == item.text.lstrip("+~")]
    node = plain[0].node() if plain else None  # of several, Hydra uses the first
    if node is None:
        document = sources.document(primary)
        hydra = document.root.get("hydra") if document is not None else None
        node = hydra.get("searchpath") if hydra is not None else None
    folders, faults = read_search_path(node, sources.project)
    faults = [*faults, *(_idle_search_path(item) for item in given if item not in plain)]
    return (sources.with_folders(folders) if folders else sources), faults


def _idle_search_path(argument: Argument) -> Diagnostic:
    """SER106 for a search path in a form that Hydra sets and never searches."""
    message = "Hydra searches the folders of `hydra.searchpath=[…]` alone"
    fix = f"write `{argument.text.lstrip('+~')}`" if "=" in argument.text else "take it out"
    return Diagnostic("SER106", message, argument.key_place, "hydra.searchpath", help=fix)
