"""Slips in commands other than `check`, and what is said of each: `tests/cases/commands.yaml`, on the project `penguins`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from serotiny.cli.dispatch import dispatch
from tests.case_projects import CASES

ENTRIES: list[dict[str, Any]] = yaml.safe_load((CASES / "commands.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy for all: none of the calls changes what another one reads."""
    return shutil.copytree(CASES / "penguins", tmp_path_factory.mktemp("commands") / "penguins")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: " ".join(entry["call"]))
def test_slip_is_told_with_what_to_do(
    entry: dict[str, Any], project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last line is that of the table; no file but the one that is asked for is written."""
    monkeypatch.chdir(project)
    files = _files(project)

    status = dispatch(entry["call"], None)

    said = capsys.readouterr()
    last = (said.out + said.err).splitlines()[-1]
    assert (entry["status"], entry["says"].replace("{root}", str(project))) == (status, last)
    written = {path for path, state in _files(project).items() if files.get(path) != state}
    assert {path for path in written if path not in entry["says"]} == set()


def _files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
