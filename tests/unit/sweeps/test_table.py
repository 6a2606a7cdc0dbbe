"""What is told of a sweep: which keys and metric, as text, as CSV, as pictures, in whatever order jobs came back."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from serotiny.sweeps.axes import axes_of
from serotiny.sweeps.files import write_sweep
from serotiny.sweeps.notes import is_stopped, note_outcome, noted_outcomes, stop_sweep
from serotiny.sweeps.outcome import JobOutcome, JobStatus, SweepTable, monitored_metric
from serotiny.sweeps.table import render_csv, render_table

OUTCOMES = [
    JobOutcome(
        number=1,
        key=("model=vae", "lr=0.1", "++seed=1"),
        status=JobStatus.FAILED,
        run_name="vae-0.1",
        metric="val_loss",
        duration_s=3725.0,
        message="the loss is gone",
        exit_status=3,
    ),
    JobOutcome(
        number=0,
        key=("model=<b>linear</b>", "lr=0.0001", "++seed=1"),
        status=JobStatus.FINISHED,
        run_name="linear",
        run_id="0123",
        metric="val_loss",
        value=1 / 3,
        duration_s=65.5,
    ),
]
TABLE = SweepTable.of(OUTCOMES)


def test_the_table_has_what_differs_between_the_jobs() -> None:
    """Rows by number; run, status, the metric's value, duration, and the keys that have more than one value."""
    assert [
        ["run", "status", "val_loss", "duration", "model", "lr"],
        ["linear", "finished", "0.333333", "1 min 06 s", "<b>linear</b>", "0.0001"],
        ["vae-0.1", "failed", "-", "1 h 02 min", "vae", "0.1"],
    ] == [re.split(r"\s{2,}", line) for line in render_table(TABLE).splitlines()]


def test_the_csv_has_every_digit_and_why_a_job_failed() -> None:
    """Values are read back as they were."""
    rows = list(csv.DictReader(io.StringIO(render_csv(TABLE))))

    assert [1 / 3] == [float(row["value"]) for row in rows if row["value"]]
    assert ["", "the loss is gone"] == [row["message"] for row in rows]
    assert [("0", "0.0001"), ("1", "0.1")] == [(row["job"], row["lr"]) for row in rows]


def test_values_far_apart_lie_on_a_logarithmic_axis_and_words_side_by_side() -> None:
    """From 0 to 1; a job without a value has no place on the metric's axis."""
    axes = axes_of(TABLE)

    assert {"model": (0.0, 1.0), "lr": (0.0, 1.0)} == {axis.name: axis.positions for axis in axes.swept}
    assert axes.metric is not None
    assert (0.5, None) == axes.metric.positions


def test_the_files_are_whole_and_take_nothing_for_markup(tmp_path: Path) -> None:
    """Text, CSV, PNG, and a page without anything from elsewhere."""
    files = {file.name: file.read_bytes() for file in write_sweep(TABLE, tmp_path, "serotiny train -m <x>")}

    assert {"sweep.txt", "sweep.csv", "sweep.html", "sweep.png"} == set(files)
    assert b"\x89PNG" == files["sweep.png"][:4]
    page = files["sweep.html"].decode()
    assert "<b>linear</b>" not in page
    assert "&lt;b&gt;linear&lt;/b&gt;" in page
    assert ['href="data:'] == re.findall(r"(?:src|href|url)\s*[=(].{6}", page)


def test_jobs_leave_notes_for_each_other(tmp_path: Path) -> None:
    """What was noted is read back; a note that is damaged is passed over."""
    for outcome in OUTCOMES:
        note_outcome(outcome, tmp_path)
    (tmp_path / ".serotiny" / "7.json").write_text("{")

    assert not is_stopped(tmp_path)
    stop_sweep(tmp_path)
    assert is_stopped(tmp_path)
    assert TABLE == SweepTable.of([*noted_outcomes(tmp_path)])


def test_the_monitored_metric_is_that_of_what_keeps_checkpoints() -> None:
    """Also where callbacks are a list, or stand beside the trainer."""
    stopping = {"_target_": "pytorch_lightning.callbacks.EarlyStopping", "monitor": "val_acc"}
    keeping = {"_target_": "pytorch_lightning.callbacks.ModelCheckpoint", "monitor": "val_loss"}

    assert "val_loss" == monitored_metric({"trainer": {"callbacks": {"a": stopping, "b": keeping}}})
    assert "val_acc" == monitored_metric({"trainer": {}, "callbacks": [stopping, {"_target_": "x"}]})
    assert monitored_metric({"trainer": {"callbacks": None}}) is None


@pytest.mark.parametrize(
    "change", [{"number": [1]}, {"key": 5}, {"key": [{}]}, {"value": "a"}, {"run_id": {}}, {"evil": 1}, [1]]
)
def test_a_note_of_another_form_is_none(tmp_path: Path, change: Any) -> None:
    """What another program has written beside the notes of jobs counts for nothing."""
    note_outcome(TABLE.outcomes[0], tmp_path)
    (file,) = (tmp_path / ".serotiny").iterdir()
    noted = json.loads(file.read_text())
    file.write_text(json.dumps({**noted, **change} if isinstance(change, dict) else change))

    assert [] == [*noted_outcomes(tmp_path)]
