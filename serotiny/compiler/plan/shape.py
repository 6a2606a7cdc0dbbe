"""The layout in which a job's config is run and recorded, whatever layout it was composed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from serotiny.compiler.project import Layout
from serotiny.compiler.project.layout import SEROTINY
from serotiny.schemas.fields import group_defaults

_PARTS = ("data", "model", "trainer", "mlflow")
_OF_TRAINER = ("callbacks", "logger")


def planned_layout(name: str) -> Layout:
    """Where the parts are in a plan of a project with the layout `name`."""
    return SEROTINY if name == SEROTINY.name else replace(SEROTINY, name=name)


def as_planned(config: Mapping[str, Any], layout: Layout) -> dict[str, Any]:
    """A composed config with its parts moved to where serotiny's own layout has them; other root keys stay.

    Callbacks and loggers outside of the trainer are moved into it if they have a `_target_`, as scripts of such
    projects do.

    Args:
        config: plain data.
        layout: where its parts are.
    """
    if layout == planned_layout(layout.name):
        filled = {"mlflow": {**group_defaults("mlflow"), **(config.get("mlflow") or {})}}
        return {**config} if layout.is_own else {**config, **filled}
    rest = {**config}
    found: dict[str, Any] = {}
    for part, keys in layout.places:
        value, rest = _taken(rest, keys)
        found[part] = value
    trainer = {**(found.get("trainer") or {})}
    for part in _OF_TRAINER:
        if found.get(part) is not None:
            trainer[part] = _with_targets(found[part])
    mlflow = {**group_defaults("mlflow"), **(found.get("mlflow") or {})}
    parts = {**found, "trainer": trainer, "mlflow": mlflow}
    return {**{part: parts[part] for part in _PARTS if part in parts}, **rest}


def _taken(config: dict[str, Any], keys: tuple[str, ...]) -> tuple[Any, dict[str, Any]]:
    """The value at `keys`, and the config without it."""
    head, rest = keys[0], keys[1:]
    if not isinstance(config, dict) or head not in config:
        return None, config
    if not rest:
        return config[head], {key: value for key, value in config.items() if key != head}
    value, inner = _taken(config[head], rest)
    return value, {**config, head: inner}


def _with_targets(nodes: Any) -> Any:
    if isinstance(nodes, Mapping) and "_target_" not in nodes:
        return {
            name: node for name, node in nodes.items() if isinstance(node, Mapping) and "_target_" in node
        }
    return nodes
