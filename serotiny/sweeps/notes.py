"""What the jobs of a sweep leave each other in its folder: how each ended, and that no more are to start.

A launcher that runs jobs elsewhere, or a sweeper that keeps what they return to itself, leaves nothing else. On a
machine that does not share the folder a note is read by nobody.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from serotiny.filesystem import read_plain_file, replace_file
from serotiny.sweeps.outcome import JobOutcome, JobStatus

_FOLDER = ".serotiny"
_STOP = "stop"
_LARGEST_BYTES = 1_000_000


def note_outcome(outcome: JobOutcome, folder: Path) -> None:
    """Leave how a job ended."""
    with suppress(OSError):
        (folder / _FOLDER).mkdir(parents=True, exist_ok=True)
        replace_file(folder / _FOLDER / f"{outcome.number}.json", json.dumps(asdict(outcome)))


def noted_outcomes(folder: Path) -> Iterator[JobOutcome]:
    """How the jobs ended that left a note."""
    for file in sorted((folder / _FOLDER).glob("*.json")):
        with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
            found = json.loads(read_plain_file(file, _LARGEST_BYTES))
            yield JobOutcome(**{**found, "key": tuple(found["key"]), "status": JobStatus(found["status"])})


def stop_sweep(folder: Path) -> None:
    """See that no further job of the sweep starts."""
    with suppress(OSError):
        (folder / _FOLDER).mkdir(parents=True, exist_ok=True)
        (folder / _FOLDER / _STOP).touch()


def is_stopped(folder: Path) -> bool:
    """Whether no further job of the sweep is to start."""
    return (folder / _FOLDER / _STOP).exists()
