"""Hydra's own node of a job (`hydra.run.dir`, `hydra/launcher`): composed with the rest, checked by Hydra's types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from omegaconf import DictConfig

from serotiny.compiler.composition.chosen_at import place_of_choice
from serotiny.compiler.composition.setting_faults import fault_of_setting
from serotiny.compiler.hydra.dirname import FORM, DirnameForm
from serotiny.compiler.hydra.names import HYDRA
from serotiny.compiler.hydra.node import (
    BuiltNode,
    CallFacts,
    Layer,
    NodeBuilder,
    noted,
    noted_config,
)
from serotiny.compiler.overrides.argument import Argument
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.tree import MISSING, UNKNOWN, Node, every, join, select, split
from serotiny.diagnostics import DEFAULT, NOWHERE, Diagnostic, Place
from serotiny.targets.value_types.words import value_in_words


@dataclass(frozen=True)
class HydraSettings:
    """The settings of one job for Hydra itself, merged over Hydra's own.

    Attributes:
        tree: Hydra's node with its places.
        call: makes the node as a config of OmegaConf.
    """

    tree: Node
    call: HydraCall

    @property
    def config(self) -> DictConfig:
        """A new config each time; see `HydraCall.config`."""
        return self.call.config()


@dataclass(frozen=True)
class HydraCall:
    """Hydra's node of a job, made only when the job runs, since making it takes longer than compiling the job."""

    built: BuiltNode
    facts: CallFacts

    def config(self) -> DictConfig:
        """A new config with nothing but `hydra`, in Hydra's types, interpolations as written.

        Values that only a running job has are missing (`???`).
        """
        return noted_config(self.built, self.facts)


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the configs and overrides of a job say about Hydra.

    Attributes:
        order: its configs, each with its package.
        choices: the option of every group.
        node: the merged node with its places, overrides applied.
        arguments: the overrides of Hydra's values, in order.
        refused: the diagnostics of those that could not be applied to `node`.
    """

    order: Sequence[tuple[str, str]]
    choices: Mapping[str, Any]
    node: Node
    arguments: Sequence[Argument]
    refused: Sequence[Diagnostic]


_KEPT = 2_000
"""The most settings whose trees are kept; jobs with the same settings share one."""
_KEPT_OF_ONE = 8
"""The most trees of the same settings, which differ in places alone."""


class SettingsMemo:
    """Hydra's nodes of the jobs of a call, built once for all jobs with the same settings."""

    def __init__(self) -> None:
        self.builder = NodeBuilder()
        self._placed: dict[int, tuple[BuiltNode, list[tuple[Node, Node]]]] = {}

    def placed(self, built: BuiltNode, node: Node) -> Node:
        """The built node as a tree, with places taken from `node`: one tree for equal nodes, made by each job anew."""
        if len(self._placed) >= _KEPT:
            self._placed.clear()
        # kept, so that no other object can get its id
        _, trees = self._placed.setdefault(id(built), (built, []))
        known = next((tree for other, tree in trees if other is node or other == node), None)
        if known is None:
            known = _placed(built.plain, node)
            del trees[_KEPT_OF_ONE:]
            trees.insert(0, (node, known))
        return known


def compose_settings(
    sources: Sources, primary: str, arguments: Sequence[Argument], said: Said, memo: SettingsMemo
) -> tuple[HydraSettings, list[Diagnostic]]:
    """Merge what a job says over Hydra's own settings.

    Returns:
        The settings, and SER106 and SER107 for overrides, SER111 for values in files.
    """
    layers = [layer for item in said.order if (layer := _layer(sources, primary, *item)) is not None]
    built = memo.builder.build(layers, [argument.parsed for argument in said.arguments])
    form, bad_form = _dirname_form(built, said)
    facts = CallFacts(
        operation=primary,
        hydra_overrides=[argument.text for argument in arguments if argument.is_hydra],
        task_overrides=[argument.text for argument in arguments if not argument.is_hydra],
        choices=said.choices,
        folder=str(sources.project.root),
        dirname_form=form,
    )
    shared = memo.placed(built, said.node)
    own = {part: _placed(values, said.node.get(part)) for part, values in noted(built, facts).items()}
    own |= {
        part: _not_chosen(part, arguments, said, sources)
        for part in shared.value
        if shared.value[part].is_missing
    }
    tree = replace(shared, value={**shared.value, **own})
    faults = [
        fault_of_setting(item, built.config, sources, said.arguments, said.refused) for item in built.refused
    ]
    faults += [fault for path, package in said.order for fault in _no_mapping(sources, path, package)]
    faults += [_misplaced_search_path(layer, sources) for layer in layers if _adds_folders(layer, primary)]
    return HydraSettings(tree, HydraCall(built, facts)), [*faults, *bad_form]


def _dirname_form(built: BuiltNode, said: Said) -> tuple[DirnameForm, list[Diagnostic]]:
    """How `override_dirname` is written; SER111, and Hydra's own form, where interpolations say that."""
    if built.dirname_form is not None:
        return built.dirname_form, []
    node = select(Node({HYDRA: said.node}), FORM)
    place = _interpolated_in(node) if node is not None else NOWHERE
    message = f"`{join(FORM)}` holds an interpolation, and names are made by it before any is resolved"
    return DirnameForm(), [Diagnostic("SER111", message, place, join(FORM), help="write the value out")]


def _interpolated_in(node: Node) -> Place:
    """The place of the first interpolation in a node."""
    texts = (inner for inner in every(node) if isinstance(inner.value, str) and "${" in inner.value)
    return next((inner.place for inner in texts), node.place)


def _not_chosen(part: str, arguments: Sequence[Argument], said: Said, sources: Sources) -> Node:
    """A part of the node that an option fills, of which none is chosen: with the place that says so."""
    configs = (config_path for config_path, _ in reversed(said.order))
    place = place_of_choice(f"{HYDRA}/{part}", arguments, configs, sources)
    written = said.node.get(part) or Node(MISSING, DEFAULT)
    return written if place is None or written.place != DEFAULT else Node(MISSING, place)


def _layer(sources: Sources, primary: str, config_path: str, package: str) -> Layer | None:
    """What a config says about Hydra, as a layer; None when it says nothing."""
    if sources.is_further(config_path):
        return Layer(config_path, package, None)
    document = sources.document(config_path)
    keys = split(package)
    if document is None or not document.root.is_mapping or (keys and keys[0] != HYDRA):
        return None
    children = document.root.value
    if keys:
        content = {key: node.plain() for key, node in children.items() if key != "defaults"}
    else:
        content = {HYDRA: children[HYDRA].plain()} if HYDRA in children and children[HYDRA].is_mapping else {}
    if config_path == primary:
        _without_search_path(content)
    if not content:
        return None
    further = sources.has_schema(config_path)
    return Layer(config_path, package, content, has_schema=further)


def _no_mapping(sources: Sources, config_path: str, package: str) -> Iterator[Diagnostic]:
    """SER111 for a file in which Hydra's node is something else; a list is told where it is merged."""
    document = sources.document(config_path) if not package else None
    node = document.root.get(HYDRA) if document is not None else None
    if node is not None and not isinstance(node.value, dict | list) and node.value != MISSING:
        message = f"`{HYDRA}` must be mapping, not {value_in_words(node.value)}"
        fix = "write the settings below it, as in `hydra: {run: {dir: …}}`"
        yield Diagnostic("SER111", message, node.place, HYDRA, help=fix)


def _without_search_path(content: dict[Any, Any]) -> None:
    """Take out `hydra.searchpath`, whose folders are part of the sources already."""
    if HYDRA in content:
        content[HYDRA] = {key: value for key, value in content[HYDRA].items() if key != "searchpath"}


def _adds_folders(layer: Layer, primary: str) -> bool:
    content = layer.content or {}
    below = content.get(HYDRA) if not layer.package else content
    return layer.config_path != primary and isinstance(below, dict) and bool(below.get("searchpath"))


def _misplaced_search_path(layer: Layer, sources: Sources) -> Diagnostic:
    document = sources.document(layer.config_path)
    node = (
        select(document.root, ("searchpath",) if layer.package else (HYDRA, "searchpath"))
        if document
        else None
    )
    message = "`hydra.searchpath` is read from the primary config and the command line alone"
    fix = "move it to the file of the operation, as `train.yaml`"
    return Diagnostic("SER111", message, node.blame_key() if node else NOWHERE, "hydra.searchpath", help=fix)


def _placed(value: Any, placed: Node | None) -> Node:
    """Plain data as a tree, with the places of the same keys and indices in `placed`."""
    if isinstance(value, dict):
        children = {key: _placed(item, placed.get(key) if placed else None) for key, item in value.items()}
        node = placed or Node({}, DEFAULT)
        return node.with_value(children)
    if isinstance(value, list):
        items = placed.value if placed is not None and placed.is_list else []
        # a list of another length has replaced this one: OmegaConf does not merge lists
        known = items if len(items) == len(value) else [None] * len(value)
        node = placed or Node([], DEFAULT)
        return node.with_value([_placed(item, below) for item, below in zip(value, known, strict=True)])
    if placed is not None and placed.incomplete and value == MISSING:
        return placed.with_value(UNKNOWN)  # an option of a plug-in that the project's code stores
    return Node(value, DEFAULT) if placed is None else placed.with_value(value)
