"""The committed projection of the schemas."""

from __future__ import annotations

from serotiny.schemas.builtin_configs import stored_configs
from serotiny.schemas.fields_export import FILE, text
from serotiny.schemas.mlflow import MlflowConfig


def test_committed_fields_are_what_the_models_say() -> None:
    """`fields.json` has not drifted from the pydantic models; `python -m serotiny.schemas.fields_export` writes it."""
    assert text() == FILE.read_text("utf-8")


def test_stored_defaults_are_those_of_the_model() -> None:
    """The config that lies under every `mlflow` group holds the model's own defaults."""
    assert MlflowConfig().model_dump(mode="json") == stored_configs()["mlflow/schema"]
