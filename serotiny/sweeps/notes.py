"""Notes of jobs in the folder of their sweep: how each ended, and that no further job shall start.

They are needed for launchers that run jobs elsewhere, and sweepers that do not pass on what jobs return. Notes on a
machine that does not share the folder have no effect.
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
    """Write a note on how a job ended."""
    with suppress(OSError):
        (folder / _FOLDER).mkdir(parents=True, exist_ok=True)
        replace_file(folder / _FOLDER / f"{outcome.number}.json", json.dumps(asdict(outcome)))


def noted_outcomes(folder: Path) -> Iterator[JobOutcome]:
    """The outcomes in the jobs' notes."""
    for file in sorted((folder / _FOLDER).glob("*.json")):
        with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
            found = json.loads(read_plain_file(file, _LARGEST_BYTES))
            outcome = JobOutcome(
                **{**found, "key": tuple(found["key"]), "status": JobStatus(found["status"])}
            )
            if _is_whole(outcome):
                yield outcome


def _is_whole(outcome: JobOutcome) -> bool:
    """Whether each part is of its type; another program may have written it."""
    texts = (*outcome.key, outcome.message)
    names = (outcome.run_name, outcome.run_id, outcome.metric)
    numbers = (outcome.value, outcome.duration_s)
    return (
        type(outcome.number) is type(outcome.exit_status) is int
        and all(isinstance(text, str) for text in texts)
        and all(name is None or isinstance(name, str) for name in names)
        and all(number is None or isinstance(number, float | int) for number in numbers)
    )


def stop_sweep(folder: Path) -> None:
    """Write a note that no further job of the sweep shall start."""
    with suppress(OSError):
        (folder / _FOLDER).mkdir(parents=True, exist_ok=True)
        (folder / _FOLDER / _STOP).touch()


def is_stopped(folder: Path) -> bool:
    """Whether there is a note that no further job of the sweep shall start."""
    return (folder / _FOLDER / _STOP).exists()
