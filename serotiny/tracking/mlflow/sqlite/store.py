"""Open the file of a sqlite store: one process at a time makes its tables, and only where they may be made.

The file may be another person's. What lies there is looked at before SQLAlchemy opens it, which waits for a pipe
without end, runs whatever a view or a trigger says, and adds its tables to those of another program.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from serotiny.filesystem import is_file
from serotiny.tracking.errors import TrackingError, of_another_version, unreachable
from serotiny.tracking.mlflow.sqlite.lock import open_lock

_PATIENCE_S: Final = 15.0
"""The time to wait for a locked file."""
_BESIDE: Final = ("", "-journal", "-wal", "-shm")
"""The files of a database, by the ends of their names."""
_WRITTEN: Final = frozenset(
    {"experiments", "experiment_tags", "latest_metrics", "metrics", "params", "runs", "tags"}
)
"""The tables that every run is written to, for which MLflow has no triggers."""
_MOST_OF_A_RUN: Final = MappingProxyType({"tags": 20_000, "params": 20_000, "latest_metrics": 100_000})
"""The most rows of a run in these tables, of which MLflow reads ten thousand a second, whatever of the run is asked for."""


@contextlib.contextmanager
def opening(file: Path, uri: str, make: Callable[[str], None]) -> Iterator[None]:
    """Let one process at a time open a sqlite store for the first time, with its folder as the working directory.

    The first use runs some fifty migrations, which fail if two processes run them at once, or after one that was ended
    while it ran them: the tables are made in a file beside, which then takes its place. MLflow also derives the
    artifact folder of the experiment `Default` from the working directory then.

    Args:
        file: the database.
        uri: its address.
        make: makes the tables of a store with the address that it is given.

    Raises:
        TrackingError: the file is locked, is none of MLflow's, or of another version, whose tables would be migrated
            without asking.
        OSError: its folder cannot be used.
    """
    _refuse_other_kinds(file, uri)
    if _is_ready(file, uri):
        yield
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with open_lock(file) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with contextlib.chdir(file.parent):
            if not is_file(file):
                _make_beside(file, make)
            yield


def _make_beside(file: Path, make: Callable[[str], None]) -> None:
    beside = file.with_name(f".{file.name}.new")
    try:
        for end in _BESIDE:  # of a process that was ended
            beside.with_name(beside.name + end).unlink(missing_ok=True)
        make(f"sqlite:///{beside}")
        if not file.exists():
            beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def _refuse_other_kinds(file: Path, uri: str) -> None:
    for end in _BESIDE:
        path = file.with_name(file.name + end)
        if os.path.lexists(path) and not is_file(path):
            raise _unusable(uri, f"{path} is no plain file")


def _is_ready(file: Path, uri: str) -> bool:
    """Whether all migrations have run, and the experiment `Default`, which is created last, exists."""
    from mlflow.store.db.base_sql_model import Base

    if not is_file(file):
        return False
    expected = set(Base.metadata.tables)
    with _reading(file, uri) as database:
        held = _Held.of(database)
        if held.tables | held.views and not held.tables & expected:
            raise _unusable(uri, "it holds the tables of another program")
        if held.views & expected:
            raise _unusable(uri, f"its `{min(held.views & expected)}` is a view, and MLflow's is a table")
        if held.triggered & _WRITTEN:
            raise _unusable(
                uri, f"a trigger of `{min(held.triggered & _WRITTEN)}`, which is none of MLflow's, would run"
            )
        made = "experiments" in held.tables and bool(
            database.execute("SELECT 1 FROM experiments WHERE experiment_id = 0 LIMIT 1").fetchall()
        )
        if made and not expected <= held.tables:
            raise of_another_version(uri)
        if not made and held.tables and not expected <= held.tables:
            raise _unusable(uri, "its tables are made by half, by a process that was ended")
        if made:
            _refuse_crowded_runs(database, uri)
    return made


def _refuse_crowded_runs(database: sqlite3.Connection, uri: str) -> None:
    for table, most in _MOST_OF_A_RUN.items():
        counted = f"SELECT run_uuid FROM {table} GROUP BY run_uuid HAVING count(*) > {most} LIMIT 1"
        for (run,) in database.execute(counted):
            raise _unusable(uri, f"its run {str(run)[:32]} has more than {most:,} {table.replace('_', ' ')}")


@dataclass(frozen=True, kw_only=True)
class _Held:
    """The names of what a database holds.

    Attributes:
        triggered: tables with a trigger.
    """

    tables: frozenset[str]
    views: frozenset[str]
    triggered: frozenset[str]

    @classmethod
    def of(cls, database: sqlite3.Connection) -> _Held:
        rows = database.execute("SELECT type, tbl_name FROM sqlite_master").fetchall()
        return cls(
            **{
                name: frozenset(table for kind, table in rows if kind == of)
                for name, of in (("tables", "table"), ("views", "view"), ("triggered", "trigger"))
            }
        )


@contextlib.contextmanager
def _reading(file: Path, uri: str) -> Iterator[sqlite3.Connection]:
    try:
        with contextlib.closing(
            sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True, timeout=_PATIENCE_S)
        ) as database:
            yield database
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:  # for which MLflow would wait an hour
            raise unreachable(uri, "database is locked by another process") from None
        raise unreachable(uri, str(error)) from None
    except sqlite3.DatabaseError as error:
        raise _unusable(uri, str(error)) from None


def _unusable(uri: str, reason: str) -> TrackingError:
    return TrackingError(
        f"the tracking store {uri} cannot be opened: {reason}; move that file away, or name another one: "
        f"`++mlflow.tracking_uri=sqlite:///other.db`"
    )
