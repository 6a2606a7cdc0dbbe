"""The `mlflow` group: where and under which name a run is recorded."""

from __future__ import annotations

import unicodedata
from enum import StrEnum

from pydantic import Field, field_validator

from serotiny.schemas.groups import GroupSchema

DEFAULT_TRACKING_URI = "sqlite:///mlflow.db"
DEFAULT_EXPERIMENT = "Default"


class OnExisting(StrEnum):
    """What `train` does with a run of the same name that has ended."""

    RESUME = "resume"
    SKIP = "skip"
    ERROR = "error"


class OnDrift(StrEnum):
    """What `train` does when the config of the run that it would resume differs."""

    ERROR = "error"
    ALLOW = "allow"


class MlflowConfig(GroupSchema):
    """Where and under which name a run is recorded."""

    @field_validator("run_name", "experiment_name")
    @classmethod
    def _in_one_spelling(cls, name: str | None) -> str | None:
        """Normalise the name to NFC: the same name with combining accents (NFD) is not another one."""
        return None if name is None else unicodedata.normalize("NFC", name)

    tracking_uri: str | None = Field(
        DEFAULT_TRACKING_URI, description="The tracking server or store; `null` runs without MLflow."
    )
    experiment_name: str = Field(DEFAULT_EXPERIMENT, description="The experiment; it is created when new.")
    run_name: str | None = Field(
        None,
        description="The run's name, unique in its experiment; `null` makes one from the operation and the time.",
    )
    run_id: str | None = Field(None, description="One existing run, addressed outright.")
    on_existing: OnExisting = Field(
        OnExisting.RESUME, strict=False, description="What `train` does with a failed run of the same name."
    )
    on_drift: OnDrift = Field(
        OnDrift.ERROR, strict=False, description="Whether a run may be resumed with another config."
    )
    heartbeat_s: float = Field(30.0, gt=0, description="Seconds between two signs of life; stale after four.")
    drain_s: float = Field(120.0, ge=0, description="Seconds to wait at the end for metrics to be sent.")
    tags: dict[str, str | int | float | bool] = Field(
        default_factory=dict, description="Tags set on the run."
    )
