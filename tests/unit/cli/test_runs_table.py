"""The table of runs."""

from __future__ import annotations

import pytest

from serotiny.cli.runs_table import runs_table
from serotiny.report.terminal import width
from serotiny.tracking.maintenance import RunSummary

ID = "0123456789abcdef0123456789abcdef"


def run(
    name: str, state: str = "finished", metric: str | None = "val_loss=0.1234", **more: object
) -> RunSummary:
    about = {"age_s": 90.0, "checkpoint": None, "is_duplicate": False, "reason": None, **more}
    return RunSummary(run_id=ID, name=name, state=state, metric=metric, **about)  # type: ignore[arg-type]


def test_short_names_stand_in_a_line_with_their_ids() -> None:
    """What fits is one line a run."""
    assert [
        "name  state     age    last metric      run id",
        f"vae   finished  2 min  val_loss=0.1234  {ID}",
        f"b     killed    2 min  –                {ID}",
    ] == runs_table([run("vae"), run("b", "killed", metric=None)], 80).splitlines()


def test_long_names_leave_a_line_to_the_id() -> None:
    """An id is never cut, nor a name."""
    name = "train-20261126-130301-670d91"

    assert [
        "name                          state                    age    last metric",
        f"{name}  failed (another tool's)  2 min  val_loss=0.1234",
        f"  {ID}",
    ] == runs_table([run(name, "failed (another tool's)")], 80).splitlines()


@pytest.mark.parametrize("name", ["x" * 200, "名前" * 30, "a\nb" + "c" * 90])
@pytest.mark.parametrize("columns", [80, 100])
def test_nothing_is_wider_than_the_terminal(name: str, columns: int) -> None:
    """Names of any length and script are folded, reasons cut, ids whole."""
    runs = [run(name, "no sign of life"), run(name, "failed", reason="RuntimeError: " + "no " * 80)]

    lines = runs_table(runs, columns).splitlines()

    assert columns >= max(map(width, lines))
    assert 2 == sum(line.strip() == ID for line in lines)
    assert lines[-1].endswith("…")


def test_a_failed_run_says_why() -> None:
    """The reason stands below the table, and a name that is shared says so."""
    text = runs_table([run("vae", "failed", reason="RuntimeError: no", is_duplicate=True)], 120)

    assert "vae (name is shared)  failed" in text
    assert text.endswith("\n\nvae failed: RuntimeError: no\n")
