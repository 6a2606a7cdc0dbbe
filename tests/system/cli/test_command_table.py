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


@pytest.fixture
def own_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy that a test changes."""
    root = shutil.copytree(CASES / "penguins", tmp_path / "penguins")
    monkeypatch.chdir(root)
    return root


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            'package = "penguinz"',
            'help: set `package = "penguins"` in [tool.serotiny], where `penguinz` is nowhere',
        ),
        (
            'package = "penguins"\nroots = ["trian"]',
            "there is no config `trian` in penguins/config; did you mean `train`?",
        ),
        (
            'package = "penguins"\n[tool.serotiny.operations]\ntrain = "trian"',
            "there is no config `trian` to start from",
        ),
        (
            'package = "penguins"\nlayout = {data = "daat", model = "model", trainer = "trainer"}',
            "`layout.data` is `daat`, which the config does not have\n  --> pyproject.toml:4:18",
        ),
        (
            'package = "penguins"\nlayout = {kind = "serotiny", data = "daat"}',
            "data: in serotiny's own layout it is `data`, which is fixed",
        ),
        (
            'package = "penguins"\nlayout = {kind = "lightning-hydra-template", data = "daat"}',
            "`layout.data` is `daat`, which the config does not have\n  --> pyproject.toml:4:53",
        ),
        ('pakage = "penguins"', "[tool.serotiny] has no key `pakage`; did you mean `package`?"),
        ('package = "penguins"\nlayout = "hydr"', "there is no layout `hydr`; did you mean `hydra`?"),
        (
            'package = "penguins"\nlayout = {kind = "lightning"}',
            "there are serotiny, lightning-hydra-template, hydra",
        ),
        (
            'package = "penguins"\nignore = ["ser3"]',
            "ignore: no code begins with `ser3`; did you mean `SER3`?",
        ),
    ],
)
def test_slip_in_the_table_is_told_with_what_was_meant(
    table: str, said: str, own_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong key, name of a layout, operation, config or package."""
    config = "" if "config" in table else 'config = "penguins/config"\n'
    (own_copy / "pyproject.toml").write_text(f"[tool.serotiny]\n{config}{table}\n")

    assert dispatch(["check", "config"], None) in (1, 2)

    shown = capsys.readouterr()
    assert said in shown.out + shown.err


def test_file_of_a_config_may_be_named_as_a_root(own_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`train.yaml` in `roots` is `train`."""
    (own_copy / "pyproject.toml").write_text(
        '[tool.serotiny]\npackage = "penguins"\nroots = ["train.yaml"]\n'
    )
    dispatch(["check", "config", "--format", "json"], None)
    with_suffix = capsys.readouterr().out
    (own_copy / "pyproject.toml").write_text('[tool.serotiny]\npackage = "penguins"\nroots = ["train"]\n')
    dispatch(["check", "config", "--format", "json"], None)

    assert with_suffix == capsys.readouterr().out


def test_sweep_for_slurm_is_refused_where_there_is_none(
    own_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without `sbatch` nothing is made; a check, which may be made elsewhere, says nothing."""
    monkeypatch.setenv("PATH", str(own_copy / "bin"))
    files = _files(own_copy)
    sweep = ("train", "-m", "hydra/launcher=submitit_slurm", "seed=1,2")

    assert 0 == dispatch(["check", "config", *sweep], None)
    assert 2 == dispatch([*sweep], None)

    assert "whose `sbatch` is not on this machine" in capsys.readouterr().err
    assert files == _files(own_copy)


def _files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
