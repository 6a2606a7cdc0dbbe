"""Read a run without MLflow from its folder, and the pictures in the folder of any run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from serotiny.filesystem import is_file, leads_out, read_plain_file
from serotiny.tracking import layout
from serotiny.tracking.contents import LARGEST_SHOWN, SHOWN_TEXTS, RunContents, histories, is_whole_number
from serotiny.tracking.errors import TrackingError

METRICS_FILE = "metrics.jsonl"
RUN_FILE = "run.json"
TAGS_FILE = "tags.json"

_LONGEST_LINE = 10_000_000
_END_OF_TIME_MS = 253_402_300_800_000  # the year 10,000


def is_run_folder(folder: Path) -> bool:
    """Whether the folder contains the record of a run without MLflow."""
    return is_file(folder / RUN_FILE)


def folder_contents(folder: Path) -> RunContents:
    """The run that is recorded in a folder.

    Raises:
        TrackingError: there is none, or it cannot be read.
    """
    run = read_json(folder / RUN_FILE)
    if not run:
        raise TrackingError(f"{folder} holds no run that was recorded without MLflow: it has no {RUN_FILE}")
    return RunContents(
        run_id=str(run.get("id", "")),
        run_name=str(run.get("name", folder.name)),
        experiment_name="",
        tracking_uri=None,
        status=str(run.get("status", "")),
        start_ms=_time(run.get("start_ms")),
        end_ms=_time(run.get("end_ms")),
        tags=tags_in(folder),
        metrics=histories(_points(folder / METRICS_FILE)),
        texts=texts_in(folder),
        pictures=pictures_in(folder),
    )


def read_json(file: Path) -> dict[str, Any]:
    """The mapping in a JSON file; empty if the file does not exist."""
    try:
        content = json.loads(read_plain_file(file, LARGEST_SHOWN))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def tags_in(folder: Path) -> dict[str, str]:
    """The tags of the run that is recorded in a folder."""
    return {name: value for name, value in read_json(folder / TAGS_FILE).items() if isinstance(value, str)}


def texts_in(folder: Path) -> dict[str, str]:
    """The texts of `SHOWN_TEXTS` that exist in a folder."""
    return {
        path: content.decode("utf-8", "replace")
        for path in SHOWN_TEXTS
        if (content := shown_content(folder / path, folder)) is not None
    }


def pictures_in(folder: Path) -> dict[str, bytes]:
    """The pictures in the folder of a run."""
    found = {
        file.stem: shown_content(file, folder)
        for file in sorted((folder / layout.PICTURES_FOLDER).glob("*.png"))
    }
    return {name: content for name, content in found.items() if content is not None}


def shown_content(file: Path, folder: Path) -> bytes | None:
    """The content of a file to be shown; None if it is not a plain file in the folder, or too large."""
    try:
        return None if leads_out(file, folder) else read_plain_file(file, LARGEST_SHOWN)
    except OSError:
        return None


def _time(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value < _END_OF_TIME_MS else None


def _points(file: Path) -> Iterator[tuple[str, int, float]]:
    if not is_file(file):
        return
    with file.open("rb") as stream:
        while line := stream.readline(_LONGEST_LINE):
            try:
                entry = from_json(line)
                step, values = entry["step"], entry["values"].items()
                points = [(str(name), step, float(value)) for name, value in values]
            except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
                continue  # a killed process may leave half a line, and other programs may write anything
            if is_whole_number(step):
                yield from points
