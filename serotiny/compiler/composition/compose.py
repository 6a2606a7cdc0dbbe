"""Stage one: merge groups and overrides; every value remembers where it came from."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from serotiny.compiler.defaults.expansion import Expanded, expand_defaults
from serotiny.compiler.hydra.defaults_list import ExpandDefaults, compute_defaults
from serotiny.compiler.overrides.apply import apply_overrides
from serotiny.compiler.overrides.argument import Argument, parse_arguments, refuse_choices, refuse_sweeps
from serotiny.compiler.project import Layout, Project
from serotiny.compiler.sources.search_path import read_search_path
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.defaults_list import read_defaults
from serotiny.compiler.syntax.document import Document
from serotiny.compiler.tree import EMPTY, Node, clashes, join, merge, nest, split
from serotiny.diagnostics import Diagnostic
from serotiny.targets.value_types.words import kind_in_words


@dataclass(frozen=True)
class Composed:
    """One job's config before interpolation.

    Attributes:
        primary: the config that it starts from.
        operation: what serotiny runs it as: `train`, `test`, `predict`; None for one that it only checks.
        project: whose configs they are, with the folders that `hydra.searchpath` adds.
        root: the merged tree, without Hydra's own node.
        hydra: what the configs and overrides say about Hydra itself, if anything.
        order: the configs that were merged, in order, each with its package.
        choices: the option of each group that has one.
        groups: the groups of the defaults lists, also those in which nothing is chosen (`debug: null`).
        inserted: the groups whose option `default` was taken because nothing was chosen.
        arguments: the overrides, parsed.
        mandatory: the groups, as an override names them, whose option somebody has to choose.
        diagnostics: SER1xx.
    """

    primary: str
    operation: str | None
    project: Project
    root: Node
    hydra: Node | None
    order: tuple[tuple[str, str], ...]
    choices: dict[str, str]
    groups: frozenset[str]
    inserted: tuple[str, ...]
    arguments: tuple[Argument, ...]
    diagnostics: tuple[Diagnostic, ...]
    mandatory: tuple[str, ...] = ()

    @property
    def layout(self) -> Layout:
        """Where its parts are."""
        return self.project.layout_of(self.primary)

    @property
    def schema(self) -> str | None:
        """The operation whose schema says which root keys there are; None where other code reads them too."""
        return self.operation if self.layout.is_own else None


def compose(
    sources: Sources,
    primary: str,
    overrides: Sequence[str],
    expand: ExpandDefaults = compute_defaults,
) -> Composed:
    """Compose the primary config `primary` under `overrides`, reporting every fault that can be seen.

    A config that is missing or unreadable counts as empty, an override at fault as not given, so
    that what is sound is still composed and checked.

    Returns:
        The tree and SER101 to SER109.
    """
    parsed, faults = parse_arguments(overrides)
    arguments, sweeps = refuse_sweeps(parsed)
    sources, search_faults = _with_search_path(sources, primary, arguments)
    arguments, choice_faults = refuse_choices(arguments, sources.is_group)
    faults += choice_faults
    faults += search_faults
    expanded = expand_defaults(sources, primary, [item for item in arguments if not item.is_hydra], expand)
    defaults = expanded.defaults
    root, merge_faults = _merge(sources, expanded)
    by_override = {id(item.parsed): item for item in arguments}
    values = [by_override[id(override)] for override in defaults.value_overrides]
    root, override_faults = apply_overrides(root, values)
    hydra = root.get("hydra")
    if hydra is not None:
        root = replace(root, value={key: node for key, node in root.value.items() if key != "hydra"})
    return Composed(
        primary,
        sources.project.operation_of(primary),
        project=sources.project,
        root=root,
        hydra=hydra,
        order=defaults.order,
        choices=defaults.choices,
        groups=defaults.chosen,
        inserted=expanded.inserted,
        arguments=tuple(arguments),
        diagnostics=(*faults, *sweeps, *expanded.diagnostics, *merge_faults, *override_faults),
        mandatory=expanded.mandatory,
    )


def _with_search_path(
    sources: Sources, primary: str, arguments: Sequence[Argument]
) -> tuple[Sources, list[Diagnostic]]:
    """The sources with the folders that `hydra.searchpath` adds, on the command line or in the primary config."""
    node: Node | None = None
    for argument in arguments:
        if argument.parsed.key_or_group == "hydra.searchpath":
            node = argument.node()
    if node is None:
        document = sources.document(primary)
        hydra = document.root.get("hydra") if document is not None else None
        node = hydra.get("searchpath") if hydra is not None else None
    folders, faults = read_search_path(node, sources.project)
    return (sources.with_folders(folders) if folders else sources), faults


def _merge(sources: Sources, expanded: Expanded) -> tuple[Node, list[Diagnostic]]:
    """The configs laid over each other, in order; a part that could not be read leaves its place incomplete."""
    root = EMPTY
    faults: list[Diagnostic] = []
    for written in expanded.dropped:
        entry = written.entry
        if entry.group is not None and entry.package is None:
            keys = tuple(entry.group_path(written.config_path).split("/"))
            root = merge(root, nest(keys, replace(EMPTY, incomplete=True)))
    for config_path, package in expanded.defaults.order:
        document = None if config_path in expanded.absent else sources.document(config_path)
        content, own_faults = _content(document, split(package))
        faults += [fault for fault in own_faults if fault not in faults]
        faults += [_clash(keys, below, top) for keys, below, top in clashes(root, content)]
        root = merge(root, content)
    return root, faults


def _content(document: Document | None, package: tuple[str, ...]) -> tuple[Node, list[Diagnostic]]:
    """What a config adds, under its package, and what is wrong in its file."""
    if document is None:
        return nest(package, replace(EMPTY, incomplete=True)), []
    faults = [*document.diagnostics, *read_defaults(document)[1]]
    content = document.root
    if content.is_mapping:
        kept = {key: node for key, node in content.value.items() if key != "defaults"}
        content = replace(content, value=kept)
    elif not package:
        faults.append(Diagnostic("SER101", f"`{document.file}` must hold a mapping", content.place))
        content = replace(EMPTY, incomplete=True)
    return nest(package, content), faults


def _clash(keys: tuple[Hashable, ...], below: Node, top: Node) -> Diagnostic:
    key = join(keys)
    message = (
        f"`{key}` is {kind_in_words(top.value)} here and cannot be merged into {kind_in_words(below.value)}"
    )
    return Diagnostic("SER109", message, top.blame_key(), key, notes=(f"first set at {below.place}",))
