"""What the folder of a run without MLflow holds, and what any run's folder has of pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from serotiny.tracking import layout
from serotiny.tracking.contents import SHOWN_TEXTS, RunContents, histories
from serotiny.tracking.errors import TrackingError

METRICS_FILE = "metrics.jsonl"
RUN_FILE = "run.json"
TAGS_FILE = "tags.json"


def is_run_folder(folder: Path) -> bool:
    """Whether a run without MLflow has its record there."""
    return (folder / RUN_FILE).is_file()


def folder_contents(folder: Path) -> RunContents:
    """The run that a folder holds.

    Raises:
        TrackingError: it holds none, or what it holds cannot be read.
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
        start_ms=run.get("start_ms"),
        end_ms=run.get("end_ms"),
        tags=read_json(folder / TAGS_FILE),
        metrics=histories(_points(folder / METRICS_FILE)),
        texts=texts_in(folder),
        pictures=pictures_in(folder),
    )


def read_json(file: Path) -> dict[str, Any]:
    """A mapping from a file; empty where there is none."""
    try:
        content = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def texts_in(folder: Path) -> dict[str, str]:
    """Those of the texts that tell of a run that lie in a folder."""
    return {
        path: (folder / path).read_text("utf-8", "replace")
        for path in SHOWN_TEXTS
        if (folder / path).is_file()
    }


def pictures_in(folder: Path) -> dict[str, bytes]:
    """The pictures in the folder of a run."""
    files = sorted((folder / layout.PICTURES_FOLDER).glob("*.png"))
    return {file.stem: file.read_bytes() for file in files}


def _points(file: Path) -> Iterator[tuple[str, int, float]]:
    if not file.is_file():
        return
    with file.open(encoding="utf-8") as stream:
        for line in stream:
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # a killed process may leave half a line
            for name, value in entry["values"].items():
                yield name, entry["step"], value
