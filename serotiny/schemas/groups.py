"""The groups that name a `_target_`: `data`, `model`, `trainer`, `trainer/callbacks`.

They declare few keys of their own. All others are parameters of the target, and are checked against its
signature.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from serotiny.schemas.names import TRAINER_TARGET


class GroupSchema(BaseModel):
    """A config group: unknown keys are refused, instances are frozen, and strings are not converted to numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class TargetConfig(GroupSchema):
    """A node that Hydra instantiates: `_target_` with the target's parameters beside it."""

    model_config = ConfigDict(extra="allow")

    target: str = Field(alias="_target_", description="Dotted path of the class or function.")
    partial: bool = Field(False, alias="_partial_", description="Make a callable that waits for the rest.")
    convert: Literal["none", "partial", "object", "all"] = Field(
        "none", alias="_convert_", description="Which containers become plain Python ones."
    )
    recursive: bool = Field(True, alias="_recursive_", description="Instantiate nested targets too.")
    positional: list[Any] = Field(default_factory=list, alias="_args_", description="Positional arguments.")


class DataConfig(TargetConfig):
    """A LightningDataModule."""


class ModelConfig(TargetConfig):
    """A LightningModule."""


class CallbackConfig(TargetConfig):
    """A Lightning Callback."""


class TrainerConfig(TargetConfig):
    """Lightning's Trainer; all its parameters may stand here, and these have bounds that it does not declare."""

    target: str = Field(TRAINER_TARGET, alias="_target_", description="The Trainer class.")
    max_epochs: int | None = Field(None, ge=-1, description="Stop after this many epochs; -1 never does.")
    min_epochs: int | None = Field(None, ge=0, description="Train at least this many epochs.")
    max_steps: int = Field(-1, ge=-1, description="Stop after this many optimiser steps; -1 never does.")
    min_steps: int | None = Field(None, ge=0, description="Train at least this many optimiser steps.")
    callbacks: list[CallbackConfig] | dict[str, CallbackConfig | None] | None = Field(
        None, description="Callbacks: a list, or a mapping of names, where `null` leaves one out."
    )
