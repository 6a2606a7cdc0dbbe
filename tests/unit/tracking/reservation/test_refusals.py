"""What is said of a run that is in somebody's hands."""

from __future__ import annotations

import re

import pytest

from serotiny.tracking import layout
from serotiny.tracking.clock import now_ms
from serotiny.tracking.reservation.owner import Owner
from serotiny.tracking.reservation.refusals import alive, no_checkpoint
from serotiny.tracking.reservation.run_record import RunRecord


def note_of_sign(process: str, age_s: float) -> str | None:
    sign = now_ms() - int(age_s * 1000)
    tags = {
        layout.TAG_STATE: "owned",
        layout.TAG_HEARTBEAT: str(sign),
        layout.TAG_HEARTBEAT_S: "100.0",
        layout.TAG_PROCESS: process,
    }
    run = RunRecord(run_id="id", name="a run", status="RUNNING", start_ms=0, tags=tags)
    return next((note for note in alive(run).notes if "sign of life" in note), None)


@pytest.mark.parametrize("process", ["", "another boot|pid:[1]|7@8"])
def test_process_that_cannot_be_looked_up_is_told_with_the_time_until_it_counts_as_dead(process: str) -> None:
    """Four heartbeats after its last sign of life, of which the age is told."""
    note = note_of_sign(process, age_s=40)

    assert note is not None
    age_s, left_s = (int(number) for number in re.findall(r"(\d+) s", note))
    assert 40 <= age_s < 100
    assert 399 <= age_s + left_s <= 401


def test_process_that_runs_here_has_no_such_time() -> None:
    """However old its heartbeat is it is alive."""
    assert note_of_sign(Owner.this_process().process, age_s=40) is None


def test_heartbeat_in_the_future_tells_no_time() -> None:
    """The clock of its host is ahead, so that its age is not known."""
    assert note_of_sign("", age_s=-1000) is None


@pytest.mark.parametrize(
    ("status", "tags", "fix"),
    [
        ("FINISHED", {layout.TAG_STATE: "owned"}, "enable_checkpointing=True"),
        ("KILLED", {layout.TAG_STATE: "owned"}, "`serotiny train` with its name"),
        ("FAILED", {}, "`serotiny train ++mlflow.run_id=id`"),
    ],
)
def test_run_without_a_checkpoint_is_told_why_it_has_none(
    status: str, tags: dict[str, str], fix: str
) -> None:
    """One that finished was to write none, one that was killed is trained by its name, and another tool's by its id."""
    run = RunRecord(run_id="id", name="a run", status=status, start_ms=0, tags=tags)

    help_ = no_checkpoint(run, "test").help

    assert help_ is not None
    assert fix in help_
