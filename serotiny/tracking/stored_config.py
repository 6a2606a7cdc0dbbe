"""The composed config that a run has among its artifacts."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from serotiny.tracking import layout
from serotiny.tracking.errors import TrackingError

if TYPE_CHECKING:
    from mlflow import MlflowClient


def config_text(config: Mapping[str, Any]) -> str:
    """The YAML text that is stored."""
    return yaml.safe_dump(_plain(config), sort_keys=False, allow_unicode=True)


def stored_config(client: MlflowClient, run_id: str, operation: str) -> dict[str, Any] | None:
    """The config of `operation`, or None when the run has none.

    Raises:
        TrackingError: it is there and cannot be read.
    """
    path = layout.config_path(operation)
    folder = layout.CONFIG_FOLDER
    with tempfile.TemporaryDirectory(prefix="serotiny-") as temporary:
        try:
            if path not in {file.path for file in client.list_artifacts(run_id, folder)}:
                return None
            text = Path(client.download_artifacts(run_id, path, temporary)).read_text("utf-8")
        except Exception as error:  # every artifact store raises errors of its own
            raise TrackingError(f"the config of run {run_id} cannot be fetched: {error}") from None
    try:
        config = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise TrackingError(f"the config of run {run_id} ({path}) is not YAML: {error}") from None
    if not isinstance(config, dict):
        raise TrackingError(f"the config of run {run_id} ({path}) is not a mapping")
    return config


def _plain(value: Any) -> Any:
    """Mappings and sequences as YAML knows them; anything odd as its text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or type(value) in {str, int, float, bool}:
        return value
    return str(value)
