"""Read one run from the file of a sqlite store without MLflow, whose import takes longer than to refuse what lies there.

It is for judging early. Whatever is not found here, or not in the form that MLflow writes, is left to MLflow.
"""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from serotiny.filesystem import is_file, leads_out, read_plain_file
from serotiny.plain_yaml import MAX_BYTES
from serotiny.schemas.rules.locations import fault_of_input_path
from serotiny.tracking.checkpoint_record import recorded_checkpoints
from serotiny.tracking.mlflow.artifact_folder import folder_here, folder_of
from serotiny.tracking.reservation.named_checkpoint import records_meant
from serotiny.tracking.reservation.run_record import RunRecord

_STEPS: Final = 100_000
_MOST_STEPS: Final = 50
"""So many times so many instructions of SQLite's for all that is asked of a file; they take some tenths of a second."""
_MOST_ROWS: Final = 1_000
_LONGEST: Final = 10_000
_TABLES: Final = frozenset({"experiments", "runs", "tags"})

_RUNS: Final = f"""
SELECT run_uuid, runs.name, status, runs.artifact_uri, runs.experiment_id FROM runs JOIN experiments USING (experiment_id)
WHERE runs.lifecycle_stage = 'active' AND experiments.lifecycle_stage = 'active'
AND (:id IS NULL OR run_uuid = :id) AND (:name IS NULL OR runs.name = :name)
AND (:experiment IS NULL OR experiments.name = :experiment) LIMIT {_MOST_ROWS}
"""
_TAGS: Final = f"""
SELECT key, value FROM tags
WHERE run_uuid = ? AND key GLOB 'serotiny.*' AND length(value) <= {_LONGEST} LIMIT {_MOST_ROWS}
"""


@dataclass(frozen=True)
class FiledRun:
    """A run of which the artifacts lie on this machine.

    Attributes:
        record: its name, and those of its tags that serotiny has set.
        folder: the folder of its artifacts.
    """

    record: RunRecord
    folder: Path

    def file(self, artifact: str) -> Path | None:
        """The file of an artifact; None where it is no plain one in the run's folder."""
        path = self.folder / artifact
        return path if is_file(path) and not leads_out(path, self.folder) else None

    def checkpoint(self, which: str) -> Path | None:
        """The file of the checkpoint that a word of the user's means; None where there is no such one, or several."""
        found = records_meant(which, recorded_checkpoints(self.record.tags))
        return self.file(found[0].path) if len(found) == 1 else None

    def text(self, artifact: str) -> str | None:
        """The text of an artifact; None where there is no such one, or none that would be read.

        Raises:
            ValueError: it is no text.
        """
        path = self.file(artifact)
        if path is None:
            return None
        try:
            content = read_plain_file(path, MAX_BYTES)
        except OSError:
            return None
        return content.decode("utf-8")


def filed_run(
    database: Path, *, run_id: str | None = None, name: str | None = None, experiment: str | None = None
) -> FiledRun | None:
    """The run with an id, or the only one with a name, in one experiment or all of them; None where MLflow is to be asked."""
    if not is_file(database):
        return None
    try:
        with contextlib.closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as held:
            steps = iter(range(_MOST_STEPS))
            held.set_progress_handler(lambda: next(steps, None) is None, _STEPS)  # true ends a query
            tables = held.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name IN (?, ?, ?)", tuple(_TABLES)
            )
            if {table for (table,) in tables} != _TABLES:
                return None
            asked = {"id": run_id, "name": name, "experiment": experiment}
            runs = [_read(held, row, database) for row in held.execute(_RUNS, asked).fetchall()]
    except sqlite3.Error:
        return None
    owned = [run for run in runs if run is None or not run.record.is_pending]
    return owned[0] if len(owned) == 1 else None


def _read(held: sqlite3.Connection, row: tuple[object, ...], database: Path) -> FiledRun | None:
    run_id, name, status, location, experiment_id = row
    if not (isinstance(run_id, str) and isinstance(name, str) and isinstance(location, str)):
        return None
    folder = _folder_of(location, database)
    if folder is None:
        return None
    found = held.execute(_TAGS, (run_id,)).fetchall()
    tags = {key: value for key, value in found if isinstance(key, str) and isinstance(value, str)}
    record = RunRecord(
        run_id=run_id,
        name=name,
        status=str(status),
        start_ms=0,
        tags=tags,
        experiment_id=str(experiment_id),
    )
    return FiledRun(record, folder)


def _folder_of(location: str, database: Path) -> Path | None:
    """The folder of a location of artifacts that would be used; None where it is none of this machine."""
    path = folder_of(location)
    if path is None:
        return None
    moved = folder_here(location, database)
    if moved is not None:
        return moved
    return path if fault_of_input_path(str(path), PurePosixPath("/nowhere")) is None else None
