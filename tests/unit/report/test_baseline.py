"""Baselines: what is known to be wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from serotiny.diagnostics import Diagnostic, Origin, Place
from serotiny.report.baseline import BaselineError, only_new, write_baseline
from serotiny.report.report import Report


def report(*lines: int, message: str = "wrong") -> Report:
    places = [Place(Origin.FILE, "a.yaml", line=line, column=1) for line in lines]
    found = [Diagnostic("SER303", message, place, "model.width") for place in places]
    return Report(jobs=1, diagnostics=tuple(found), root=Path("/nowhere"))


def test_known_faults_are_not_told_wherever_they_have_moved(tmp_path: Path) -> None:
    """A baseline knows no lines, and of several alike as many as there were."""
    file = tmp_path / "known.json"

    assert 2 == write_baseline(report(1, 2), file)

    assert () == only_new(report(7, 9), file).diagnostics
    assert 1 == only_new(report(7, 8, 9), file).errors
    assert 1 == only_new(report(1, message="worse"), file).errors


@pytest.mark.parametrize(
    "text", ["", "[]", '{"version": 1}', '{"version": 2, "known": []}', '{"version": 1, "known": [1]}']
)
def test_file_that_is_no_baseline_is_refused(tmp_path: Path, text: str) -> None:
    """The message says how to get one, or that it is of another version."""
    file = tmp_path / "known.json"
    file.write_text(text)

    with pytest.raises(BaselineError, match="write"):
        only_new(report(1), file)


def test_baseline_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A path that leads nowhere is a message."""
    with pytest.raises(
        BaselineError, match=r"there is no baseline .*: write one with `serotiny check config"
    ):
        only_new(report(1), tmp_path / "gone.json")


def test_baseline_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """What cannot be written is a message too."""
    with pytest.raises(BaselineError, match="cannot be written"):
        write_baseline(replace(report(1)), tmp_path / "no" / "known.json")
