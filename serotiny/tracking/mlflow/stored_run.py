"""Read the config and the checkpoints of a run from its store, on any machine."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serotiny.diagnostics import did_you_mean
from serotiny.filesystem import read_plain_file
from serotiny.plain_yaml import MAX_BYTES, read_plain_yaml, write_plain_yaml
from serotiny.schemas.rules.names import fault_of_run_name
from serotiny.tracking import layout
from serotiny.tracking.checkpoint_record import LAST, CheckpointRecord, recorded_checkpoints
from serotiny.tracking.errors import TrackingError, TransientTrackingError
from serotiny.tracking.mlflow.artifacts import RunArtifacts
from serotiny.tracking.mlflow.registry import MlflowRegistry, runs_by_name, some_names
from serotiny.tracking.mlflow.session import fetch_checkpoint
from serotiny.tracking.mlflow.sqlite.filed_run import FiledRun
from serotiny.tracking.mlflow.store import open_client, resolve_tracking_uri, sqlite_file
from serotiny.tracking.reservation.named_checkpoint import records_meant
from serotiny.tracking.reservation.run_record import RunRecord

if TYPE_CHECKING:
    from mlflow import MlflowClient

_RUN_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class StoredRun:
    """One run in a store."""

    record: RunRecord
    client: MlflowClient
    artifacts: RunArtifacts

    @classmethod
    def open(cls, tracking_uri: str, run: str, root: Path | None = None) -> StoredRun:
        """The run with this id, or with this name if only one run of the store has it.

        Raises:
            TrackingError: the store cannot be reached, has no such run, or several.
        """
        uri = resolve_tracking_uri(tracking_uri, root or Path.cwd())
        database = sqlite_file(uri)
        if database is not None and not database.is_file():
            raise TrackingError(
                f"there is no database {database}; a relative path counts from {root or Path.cwd()}"
            )
        client = open_client(uri)
        record = MlflowRegistry(client, "").get(run) if _RUN_ID.fullmatch(run) else None
        # a name may have the form of an id
        record = record or _named(client, run)
        if record is None:
            hint = (
                did_you_mean(run, some_names(client)) or "`serotiny runs list` shows those of the experiment"
            )
            raise TrackingError(f"the tracking store {uri} has no run `{run}`, or it was deleted; {hint}")
        return cls(record, client, RunArtifacts(client, record.run_id, database))

    def config(self, operation: str = "train") -> dict[str, Any]:
        """The composed config of `operation`, with `${oc.env:…}` unresolved.

        Raises:
            TrackingError: the run has none, or it cannot be read.
        """
        config = stored_config(self.artifacts, self.record.run_id, operation)
        if config is None:
            raise TrackingError(
                f"the run `{self.record.name}` ({self.record.run_id}) has no config/{operation}.yaml: serotiny did not "
                f"{operation} it"
            )
        return config

    def checkpoints(self) -> list[CheckpointRecord]:
        """The stored checkpoints, the newest first."""
        return recorded_checkpoints(self.record.tags)

    def checkpoint(self, which: str = LAST, folder: Path | None = None) -> Path:
        """A complete local copy of a stored checkpoint.

        Args:
            which: `last`, `best` (by the only monitored metric), or a name such as `best-val_loss`.
            folder: the folder to put it into; by default a new temporary folder, which the caller has to delete.

        Raises:
            TrackingError: there is no such checkpoint (the message names those that exist), or it is not complete.
        """
        record = self._record_of(which)
        target = folder or Path(tempfile.mkdtemp(prefix="serotiny-checkpoint-"))
        file = fetch_checkpoint(self.artifacts, record, target)
        if file is None:
            raise TrackingError(
                f"the checkpoint {record.path} of run `{self.record.name}` is not whole or cannot be fetched; "
                f"{self._choices()}"
            )
        return file

    def _record_of(self, which: str) -> CheckpointRecord:
        found = records_meant(which, self.checkpoints())
        if len(found) > 1:
            names = ", ".join(Path(record.path).stem for record in found)
            raise TrackingError(f"several metrics are monitored; choose one of {names}")
        if not found:
            raise TrackingError(
                f"the run `{self.record.name}` has no checkpoint `{which}`; {self._choices()}"
            )
        return found[0]

    def _choices(self) -> str:
        names = ", ".join(sorted(Path(record.path).stem for record in self.checkpoints()))
        return f"it has {names}" if names else "it has none"


@dataclass(frozen=True)
class StoredConfigs:
    """The configs of the runs of one store, by its (resolved) address."""

    client: MlflowClient
    uri: str

    def trained_with(self, run_id: str) -> dict[str, Any] | None:
        """The config that a run was trained with, or None when it has none.

        Raises:
            TrackingError: it is there and cannot be read.
        """
        return stored_config(self.artifacts(run_id), run_id, "train")

    def artifacts(self, run_id: str) -> RunArtifacts:
        """The artifacts of one run."""
        return RunArtifacts(self.client, run_id, sqlite_file(self.uri))


def _named(client: MlflowClient, name: str) -> RunRecord | None:
    """The run of this name; None when there is none.

    Raises:
        TrackingError: several runs have it, or the store cannot be reached.
    """
    if fault_of_run_name(name) is not None:
        return None
    owned = [found for found in runs_by_name(client, name) if not found[0].is_pending]
    if len(owned) > 1:
        listed = ", ".join(f"{record.run_id} in `{experiment}`" for record, experiment in owned)
        raise TrackingError(f"{len(owned)} runs have the name `{name}`: {listed}; give the id of one")
    return owned[0][0] if owned else None


def config_text(config: Mapping[str, Any]) -> str:
    """The config as the YAML text that is stored."""
    return write_plain_yaml(_plain(config))


def stored_config(artifacts: RunArtifacts, run_id: str, operation: str) -> dict[str, Any] | None:
    """The config of `operation`, or None when the run has none.

    Raises:
        TrackingError: it exists and cannot be read.
    """
    path = layout.config_path(operation)
    folder = layout.CONFIG_FOLDER
    with tempfile.TemporaryDirectory(prefix="serotiny-") as temporary:
        try:
            if path not in artifacts.paths(folder):
                return None
            text = read_plain_file(artifacts.fetch(path, Path(temporary), MAX_BYTES), MAX_BYTES).decode(
                "utf-8"
            )
        except TransientTrackingError:
            raise
        except Exception as error:  # every artifact store raises errors of its own
            raise TrackingError(
                f"{_called(run_id, path)} cannot be fetched: {error}; see in the store what lies there"
            ) from None
    return parsed_config(text, _called(run_id, path))


def filed_config(run: FiledRun, operation: str = "train") -> dict[str, Any] | None:
    """The config of `operation` of a run that lies on this machine, or None where MLflow has to be asked for it.

    Raises:
        TrackingError: it cannot be read.
    """
    path = layout.config_path(operation)
    try:
        text = run.text(path)
    except ValueError as error:
        raise TrackingError(f"{_called(run.record.run_id, path)} cannot be read: {error}") from None
    return None if text is None else parsed_config(text, _called(run.record.run_id, path))


def parsed_config(text: str, what: str) -> dict[str, Any]:
    """The config that `config_text` wrote.

    Raises:
        TrackingError: it cannot be read.
    """
    try:
        config = read_plain_yaml(text)
    except ValueError as error:
        raise TrackingError(f"{what} cannot be read: {error}") from None
    if not isinstance(config, dict):
        raise TrackingError(f"{what} is not a mapping")
    return config


def _called(run_id: str, path: str) -> str:
    return f"the config of run {run_id} ({path})"


def _plain(value: Any) -> Any:
    """Plain mappings, lists and scalars; values of other types are converted to text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or type(value) in {str, int, float, bool}:
        return value
    return str(value)
