"""The folder of a run, in which anybody may have written anything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from serotiny.tracking.errors import TrackingError
from serotiny.tracking.folder_contents import folder_contents
from serotiny.tracking.run_folder.owner_file import OWNER_FILE, owner_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "run.json").write_text('{"id": "x", "name": "r1", "status": "FINISHED", "start_ms": 1}')
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "values": {"loss": 0.5}}\n')
    (tmp_path / "tags.json").write_text('{"note": "mine"}')
    return tmp_path


def test_lines_that_are_no_metrics_are_passed_over(folder: Path) -> None:
    """Whatever stands in the others, those that are count."""
    with (folder / "metrics.jsonl").open("a") as stream:
        for line in ("5", "[]", '{"values": 5}', '{"step": "x", "values": {"a": 1}}', "[" * 10_000):
            stream.write(f"{line}\n")
        stream.write('{"step": 1, "values": {"a": null}}\n{"step": 1e300, "values": {"a": 1e999}}\n')

    found = folder_contents(folder)

    assert ((1, 0.5),) == found.metrics["loss"]
    assert {"note": "mine"} == found.tags


def test_values_of_another_kind_are_left_out(folder: Path) -> None:
    """A time is a number, a tag a text."""
    (folder / "run.json").write_text('{"id": 5, "name": [1], "status": {}, "start_ms": "x", "end_ms": -1}')
    (folder / "tags.json").write_text('{"a": {"b": 1}, "c": 5, "d": "e"}')

    found = folder_contents(folder)

    assert (None, None, {"d": "e"}) == (found.start_ms, found.end_ms, found.tags)


def test_a_pipe_in_the_place_of_a_record_is_not_waited_for(folder: Path) -> None:
    """It is no record, and nothing is ever read from it."""
    for name in ("tags.json", "metrics.jsonl"):
        (folder / name).unlink()
        os.mkfifo(folder / name)

    assert ({}, {}) == (folder_contents(folder).tags, folder_contents(folder).metrics)
    (folder / "run.json").unlink()
    os.mkfifo(folder / "run.json")
    with pytest.raises(TrackingError, match="holds no run"):
        folder_contents(folder)


@pytest.mark.parametrize("text", ["[]", "[" * 100_000, '{"run_name": 5}', "x" * 200_000, None])
def test_an_owner_file_that_somebody_else_wrote_is_none(folder: Path, text: str | None) -> None:
    """Damaged, of other types, without end, or a pipe."""
    file = folder / OWNER_FILE
    if text is None:
        os.mkfifo(file)
    else:
        file.write_text(text)

    assert owner_of(folder) is None
