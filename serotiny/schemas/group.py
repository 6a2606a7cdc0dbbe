"""What all group schemas share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class GroupSchema(BaseModel):
    """A config group: unknown keys are refused, values are frozen, numbers are not made of strings."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
