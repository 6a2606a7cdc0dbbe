"""The schema of a whole group: a target of the group's kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from serotiny.json_schema.fragments import LATER, JsonSchema, any_path
from serotiny.json_schema.group_fields import hydra_properties

if TYPE_CHECKING:
    from serotiny.json_schema.builder.role import Builder

TARGET_GROUPS: Final = {
    "data": ("LightningDataModule", "datamodule"),
    "model": ("LightningModule", "model"),
    "trainer": ("Trainer", "trainer"),
}
"""Group → the kind of its targets, and the word for one in messages."""


def group_schema(group: str, builder: Builder) -> JsonSchema:
    """A group that is one target."""
    kind, noun = TARGET_GROUPS[group]
    without_target = _trainer_parameters(builder) if group == "trainer" else None
    return builder.definitions.refer(group, lambda: _node(kind, noun, builder, without_target))


def callback_schema(builder: Builder) -> JsonSchema:
    """A callback by name; `null` removes the callback that another file gives that name."""

    def make() -> JsonSchema:
        node = _node("Callback", "callback", builder)
        return {**node, "type": [*node["type"], "null"]}

    return builder.definitions.refer("callback", make)


def callbacks_schema(builder: Builder) -> JsonSchema:
    """The trainer's callbacks: a list, named ones, or just one."""
    callback = callback_schema(builder)
    item: JsonSchema = {"if": {"type": "object"}, "then": {"required": ["_target_"]}, "allOf": [callback]}
    is_one: JsonSchema = {"type": "object", "required": ["_target_"]}
    return builder.definitions.refer(
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


def _node(kind: str, noun: str, builder: Builder, without_target: JsonSchema | None = None) -> JsonSchema:
    certain, unsure = builder.catalog.of_kind(kind)
    accepted = [path for target in (*certain, *unsure) for path in (*target.paths, *target.aliases)]
    message = f"Not a known {noun}. `serotiny schema export` adds those that the project defines or its configs name."
    other: JsonSchema = {
        "type": "string",
        "pattern": f"{LATER}|{any_path(accepted)}" if accepted else LATER,
        "errorMessage": message,
    }
    choices = [{**builder.enumerated(certain), "errorMessage": message}] if certain else []
    return {
        "type": ["object", "string"],
        "pattern": LATER,
        "errorMessage": "Expected a mapping with _target_, or ${key}.",
        "properties": {
            "_target_": {"anyOf": [*choices, other]},
            **hydra_properties(),
        },
        "if": {"type": "object", "required": ["_target_"]},
        "then": builder.dispatch(),
        "else": without_target
        or {
            "properties": {"defaults": True},
            "additionalProperties": builder.anything(),
        },
    }


def _trainer_parameters(builder: Builder) -> JsonSchema | None:
    """The parameters of a trainer without `_target_`, if all known trainers take the same ones."""
    trainers = [target for target in builder.catalog.of_kind("Trainer")[0] if target.signature is not None]
    names = {target.signature.names for target in trainers if target.signature is not None}
    is_one = len(names) == 1 and not any(target.signature and target.signature.open for target in trainers)
    return builder.target(trainers[-1]) if is_one else None
