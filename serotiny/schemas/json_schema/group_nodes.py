"""What stands at the top of a group: a target of the group's kind, and none of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from serotiny.schemas.json_schema.group_fields import hydra_properties
from serotiny.schemas.json_schema.text import LATER, JsonSchema, any_path

if TYPE_CHECKING:
    from serotiny.schemas.json_schema.nodes import Nodes

TARGET_GROUPS: Final = {
    "data": ("LightningDataModule", "datamodule"),
    "model": ("LightningModule", "model"),
    "trainer": ("Trainer", "trainer"),
}
"""Group → the kind that its targets must be of, and what a message calls one."""


def group_schema(group: str, nodes: Nodes) -> JsonSchema:
    """A group that is one target."""
    kind, noun = TARGET_GROUPS[group]
    without_target = _trainer_parameters(nodes) if group == "trainer" else None
    return nodes.definitions.refer(group, lambda: _node(kind, noun, nodes, without_target))


def callback_schema(nodes: Nodes) -> JsonSchema:
    """A callback by name: `null` leaves out the one that another file names so."""

    def make() -> JsonSchema:
        node = _node("Callback", "callback", nodes)
        return {**node, "type": [*node["type"], "null"]}

    return nodes.definitions.refer("callback", make)


def callbacks_schema(nodes: Nodes) -> JsonSchema:
    """The trainer's callbacks: a list, named ones, or just one."""
    callback = callback_schema(nodes)
    item: JsonSchema = {"if": {"type": "object"}, "then": {"required": ["_target_"]}, "allOf": [callback]}
    is_one: JsonSchema = {"type": "object", "required": ["_target_"]}
    return nodes.definitions.refer(
        "callbacks",
        lambda: {
            "type": ["object", "array", "string", "null"],
            "pattern": LATER,
            "errorMessage": "Expected callbacks by name, a list of them, or ${key}.",
            "items": item,
            "if": is_one,
            "then": callback,
            "else": {"additionalProperties": callback},
        },
    )


def _node(kind: str, noun: str, nodes: Nodes, without_target: JsonSchema | None = None) -> JsonSchema:
    certain, unsure = nodes.pool.of_kind(kind)
    accepted = [path for target in (*certain, *unsure) for path in (*target.paths, *target.aliases)]
    message = f"Not a known {noun}. `serotiny schema export` adds those that the project defines or its configs name."
    other: JsonSchema = {
        "type": "string",
        "pattern": f"{LATER}|{any_path(accepted)}" if accepted else LATER,
        "errorMessage": message,
    }
    choices = [{**nodes.enumerated(certain), "errorMessage": message}] if certain else []
    return {
        "type": ["object", "string"],
        "pattern": LATER,
        "errorMessage": "Expected a mapping with _target_, or ${key}.",
        "properties": {
            "_target_": {"anyOf": [*choices, other]},
            **hydra_properties(),
        },
        "if": {"type": "object", "required": ["_target_"]},
        "then": nodes.dispatch(),
        "else": without_target
        or {
            "properties": {"defaults": True},
            "additionalProperties": nodes.anything(),
        },
    }


def _trainer_parameters(nodes: Nodes) -> JsonSchema | None:
    """What a trainer without `_target_` takes, when all known trainers take the same."""
    trainers = [target for target in nodes.pool.of_kind("Trainer")[0] if target.signature is not None]
    names = {target.signature.names for target in trainers if target.signature is not None}
    is_one = len(names) == 1 and not any(target.signature and target.signature.open for target in trainers)
    return nodes.target(trainers[-1]) if is_one else None
