"""States of names and runs, and whose process is gone."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from serotiny.schemas.mlflow import MlflowConfig, OnExisting
from serotiny.tracking import layout
from serotiny.tracking.lookup import Action, report_of
from serotiny.tracking.reservation.owner import Owner, is_gone
from serotiny.tracking.reservation.run_record import NameState, RunRecord, quote, state_of_name, state_of_run
from serotiny.tracking.session import AskedRun

NOW_MS = 1_700_000_000_000
FOREVER_S = -1e9
"""An age that keeps a heartbeat fresh for a lifetime."""


def run(status: str, age_s: float = 0.0, **tags: str) -> RunRecord:
    sign = NOW_MS - int(age_s * 1000)
    ours = {layout.TAG_STATE: "owned", layout.TAG_HEARTBEAT: str(sign), layout.TAG_HEARTBEAT_S: "30.0"}
    return RunRecord(
        run_id="id",
        name="a run",
        status=status,
        start_ms=sign,
        tags={**ours, **{f"serotiny.{key}": value for key, value in tags.items()}},
    )


FOREIGN = RunRecord(run_id="id", name="a run", status="RUNNING", start_ms=0)


@pytest.mark.parametrize(
    ("found", "state"),
    [
        ([], NameState.FREE),
        ([run("FINISHED")], NameState.FINISHED),
        ([run("FAILED")], NameState.FAILED),
        ([run("KILLED")], NameState.FAILED),
        ([run("RUNNING")], NameState.ALIVE),
        ([run("RUNNING", age_s=119)], NameState.ALIVE),
        ([run("RUNNING", age_s=121)], NameState.FAILED),
        ([run("RUNNING", age_s=121, heartbeat_s="60")], NameState.ALIVE),
        ([run("RUNNING", age_s=121, state="pending")], NameState.FREE),
        ([run("RUNNING", state="pending")], NameState.CLAIMED),
        ([run("FAILED"), run("RUNNING", state="pending")], NameState.FAILED),
        ([run("FAILED"), run("FINISHED")], NameState.SEVERAL),
        ([FOREIGN], NameState.FOREIGN),
        ([run("RUNNING", heartbeat="soon", heartbeat_s="often")], NameState.ALIVE),
    ],
)
def test_state_follows_from_what_has_the_name(found: Sequence[RunRecord], state: NameState) -> None:
    """The state of a name is as the table of states says."""
    assert state == state_of_name(found, lambda _: NOW_MS)


@pytest.mark.parametrize(
    ("found", "on_existing", "action", "code"),
    [
        ([], OnExisting.RESUME, Action.CREATE, None),
        ([run("FAILED")], OnExisting.RESUME, Action.RESUME, None),
        ([run("FAILED")], OnExisting.SKIP, Action.SKIP, None),
        ([run("FAILED")], OnExisting.ERROR, Action.REFUSE, "SER403"),
        ([run("FINISHED")], OnExisting.RESUME, Action.CONTINUE_IF_LONGER, None),
        ([run("FINISHED")], OnExisting.ERROR, Action.REFUSE, "SER404"),
        ([run("RUNNING", age_s=FOREVER_S)], OnExisting.SKIP, Action.REFUSE, "SER405"),
        ([run("FAILED"), run("FAILED")], OnExisting.RESUME, Action.REFUSE, "SER403"),
        (
            [RunRecord(run_id="id", name="a run", status="FINISHED", start_ms=0)],
            OnExisting.RESUME,
            Action.REFUSE,
            "SER403",
        ),
    ],
)
def test_report_says_what_train_would_do(
    found: Sequence[RunRecord], on_existing: OnExisting, action: Action, code: str | None
) -> None:
    """The report on a name gives the action, and a diagnostic where it is refused."""
    asked = AskedRun(
        operation="train", run_name="a run", logged_config={}, identity="i", project_root=Path.cwd()
    )
    settings = MlflowConfig(on_existing=on_existing)

    report = report_of(
        settings, asked, found, started_with=lambda _: {}, refused_evaluation=lambda _asked, _run: None
    )

    assert (action, code) == (report.action, report.diagnostic.code if report.diagnostic else None)


def test_process_that_ended_is_gone() -> None:
    """A process is known to be gone once it has ended, even while its number is still in the table."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        here = Owner.this_process().process
        identity = identity_of(child.pid)

        assert (False, False) == (is_gone(here), is_gone(identity))
    finally:
        child.kill()
    while not is_gone(identity):  # a zombie until it is waited for
        pass
    child.communicate()

    assert is_gone(identity)


def test_stopped_process_is_alive_however_old_its_heartbeat_is() -> None:
    """It may go on (SIGCONT): its run is given to nobody until it has ended."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        stopped = run("RUNNING", age_s=86_400, process=identity_of(child.pid))
        child.send_signal(signal.SIGSTOP)
        while_stopped = state_of_run(stopped, NOW_MS)
    finally:
        child.kill()
    child.communicate()

    assert (NameState.ALIVE, NameState.FAILED) == (while_stopped, state_of_run(stopped, NOW_MS))


@pytest.mark.parametrize("process", ["", "another-boot|pid:[1]|17@99"])
def test_process_of_another_host_is_never_known_to_be_gone(process: str) -> None:
    """What cannot be looked up here is not declared dead."""
    assert not is_gone(process)


@pytest.mark.parametrize(
    ("name", "literal"), [("plain", "'plain'"), ("it's", '"it\'s"'), ('a "b"', "'a \"b\"'")]
)
def test_filter_literal_takes_the_quotes_the_name_has_not(name: str, literal: str) -> None:
    """A name with one kind of quotes is quoted with the other."""
    assert literal == quote(name)


def identity_of(pid: int) -> str:
    from serotiny.tracking.reservation.owner import _process_identity

    return _process_identity(pid)
