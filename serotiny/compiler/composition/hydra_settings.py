"""Hydra's own node of a job (`hydra.run.dir`, `hydra/launcher`): composed with the rest, judged by Hydra's types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from omegaconf import DictConfig, OmegaConf

from serotiny.compiler.hydra.defaults_list import Override
from serotiny.compiler.hydra.errors import HYDRA
from serotiny.compiler.hydra.node import (
    BuiltNode,
    CallFacts,
    Layer,
    NodeBuilder,
    Refused,
    noted,
    noted_config,
)
from serotiny.compiler.overrides.argument import Argument
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.tree import Keys, Node, join, nest, select, split
from serotiny.diagnostics import DEFAULT, NOWHERE, Diagnostic, closest


@dataclass(frozen=True)
class HydraSettings:
    """What one job says about Hydra itself, over what Hydra says.

    Attributes:
        tree: the node with its places.
        call: what makes the node as Hydra holds it.
    """

    tree: Node
    call: HydraCall

    @property
    def config(self) -> DictConfig:
        """A config of the caller's own; see `HydraCall.config`."""
        return self.call.config()


@dataclass(frozen=True)
class HydraCall:
    """Hydra's node of a job, which is made when somebody runs it: that takes longer than all of compiling."""

    built: BuiltNode
    facts: CallFacts

    def config(self) -> DictConfig:
        """A config with nothing but `hydra`, in Hydra's types, interpolations as written.

        It is the caller's own; what is known only inside a job is missing.
        """
        return noted_config(self.built, self.facts)


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a job says about Hydra.

    Attributes:
        order: its configs, each with its package.
        choices: the option of every group.
        node: the merged node with its places, overrides applied.
        arguments: the overrides of Hydra's values, in order.
        refused: what is told of those that could not be applied to `node`.
    """

    order: Sequence[tuple[str, str]]
    choices: Mapping[str, Any]
    node: Node
    arguments: Sequence[Argument]
    refused: Sequence[Diagnostic]


_KEPT = 2_000
"""Trees that are kept; one is made for each different node that jobs have."""


class SettingsMemo:
    """Hydra's node as the jobs of a call have it: built and placed once for all that say the same."""

    def __init__(self) -> None:
        self.builder = NodeBuilder()
        self._placed: dict[tuple[int, int], tuple[BuiltNode, Node, Node]] = {}

    def placed(self, built: BuiltNode, node: Node) -> Node:
        """The built node as a tree, with the places of what says the same in `node`."""
        key = (id(built), id(node))
        known = self._placed.get(key)
        if known is None:  # both are kept, so that nothing else ever has the identity of one
            known = (built, node, _placed(built.plain, node))
            if len(self._placed) >= _KEPT:
                self._placed.clear()
            self._placed[key] = known
        return known[2]


def compose_settings(
    sources: Sources, primary: str, arguments: Sequence[Argument], said: Said, memo: SettingsMemo
) -> tuple[HydraSettings, list[Diagnostic]]:
    """Lay what a job says over Hydra's own settings.

    Returns:
        The settings, and SER106 and SER107 for overrides, SER111 for values in files.
    """
    layers = [layer for item in said.order if (layer := _layer(sources, primary, *item)) is not None]
    built = memo.builder.build(layers, [argument.parsed for argument in said.arguments])
    facts = CallFacts(
        operation=primary,
        hydra_overrides=[argument.text for argument in arguments if argument.is_hydra],
        task_overrides=[argument.text for argument in arguments if not argument.is_hydra],
        choices=said.choices,
        folder=str(sources.project.root),
    )
    shared = memo.placed(built, said.node)
    own = {part: _placed(values, said.node.get(part)) for part, values in noted(built, facts).items()}
    tree = replace(shared, value={**shared.value, **own})
    faults = [_fault(item, built.config, sources, said) for item in built.refused]
    faults += [_misplaced_search_path(layer, sources) for layer in layers if _adds_folders(layer, primary)]
    return HydraSettings(tree, HydraCall(built, facts)), faults


def _layer(sources: Sources, primary: str, config_path: str, package: str) -> Layer | None:
    """What a config says about Hydra; None when it says nothing."""
    if sources.is_further(config_path):
        return Layer(config_path, package, None)
    document = sources.document(config_path)
    keys = split(package)
    if document is None or not document.root.is_mapping or (keys and keys[0] != HYDRA):
        return None
    content = {key: node.plain() for key, node in document.root.value.items() if key != "defaults"}
    if not keys:
        content = {HYDRA: content[HYDRA]} if isinstance(content.get(HYDRA), dict) else {}
    if config_path == primary:
        _without_search_path(content)
    if not content:
        return None
    further = sources.has_schema(config_path)
    return Layer(config_path, package, content, has_schema=further)


def _without_search_path(content: dict[Any, Any]) -> None:
    """The folders that it names are among the sources already."""
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
    """Plain data as a tree, with the places of what says the same in `placed`."""
    if isinstance(value, dict):
        children = {key: _placed(item, placed.get(key) if placed else None) for key, item in value.items()}
        node = placed or Node({}, DEFAULT)
        return replace(node, value=children)
    if isinstance(value, list):
        items = placed.value if placed is not None and placed.is_list else []
        # of another length it is another list: OmegaConf replaces lists as a whole
        known = items if len(items) == len(value) else [None] * len(value)
        return replace(
            placed or Node([], DEFAULT),
            value=[_placed(item, below) for item, below in zip(value, known, strict=True)],
        )
    return Node(value, DEFAULT) if placed is None else replace(placed, value=value)


def _fault(item: Refused, config: DictConfig, sources: Sources, said: Said) -> Diagnostic:
    if isinstance(item.by, Override):
        argument = next(one for one in said.arguments if one.text == item.by.input_line)
        told = [fault for fault in said.refused if fault.place.override == argument.text]
        # found in our own tree as well, where there are places and near misses
        if told:
            return told[0]
        message = f"`{argument.parsed.key_or_group}` cannot be set so: {item.message}"
        return Diagnostic("SER106", message, argument.value_place, argument.parsed.key_or_group)
    document = sources.document(item.by.config_path)
    tree = nest(split(item.by.package), document.root) if document is not None else None
    node = select(tree, item.key) if tree is not None else None
    key = join(item.key)
    if not _is_known(config, item.key):
        names = _names(config, item.key[:-1])
        message = f"`{key}` is not a setting of Hydra"
        place = node.blame_key() if node is not None else NOWHERE
        return Diagnostic("SER111", message, place, key, suggestion=closest(str(item.key[-1]), names))
    place = node.place if node is not None else NOWHERE
    return Diagnostic("SER111", f"`{key}` cannot be set so: {item.message}", place, key)


def _is_known(config: DictConfig, keys: Keys) -> bool:
    return str(keys[-1]) in _names(config, keys[:-1])


def _names(config: DictConfig, keys: Keys) -> list[str]:
    parent = OmegaConf.select(config, ".".join(map(str, keys)), throw_on_missing=False) if keys else config
    return [str(name) for name in parent] if isinstance(parent, DictConfig) else []
