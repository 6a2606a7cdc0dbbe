"""`serotiny init`: the table of a repository that has none."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path

import pytest

from serotiny.cli.main import main

CONFIGS = {
    "train": "defaults:\n  - model: net\n  - data: rows\n  - callbacks: none\n  - trainer: cpu\n",
    "model/net": "_target_: shop.parts.Net\nloss:\n  _target_: monai.losses.DiceLoss\n",
    "data/rows": "_target_: shop.parts.Rows\n",
    "trainer/cpu": "_target_: pytorch_lightning.Trainer\n",
    "callbacks/none": "",
}
PARTS = """import pytorch_lightning as pl
class Net(pl.LightningModule):
    def __init__(self, loss): ...
class Rows(pl.LightningDataModule): ...
"""
BEFORE = '[project]\nname = "shop" # mine\n'


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in CONFIGS.items():
        path = tmp_path / "configs" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/__init__.py").write_text("")
    (tmp_path / "shop/parts.py").write_text(PARTS)
    (tmp_path / "shop/run.py").write_text(
        'import hydra\n@hydra.main(config_path="../configs", config_name="train")\ndef f(cfg): ...\n'
    )
    (tmp_path / "pyproject.toml").write_text(BEFORE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_question_without_an_answer_says_how_to_write_without_asking(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """At the end of the input, and where it is closed, nothing is written."""
    for given in io.StringIO(""), None:
        monkeypatch.setattr("sys.stdin", given)

        assert 2 == main(["init"])

        assert "`serotiny init --yes` writes the table without asking" in capsys.readouterr().err
        assert BEFORE == (repository / "pyproject.toml").read_text()


def test_table_is_shown_written_and_holds(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Package, folder, roots, layout and each package to trust; then how the first check came out."""
    assert 0 == main(["init", "--yes"])

    shown = capsys.readouterr().out
    text = (repository / "pyproject.toml").read_text()
    table = {
        "package": "shop",
        "config": "configs",
        "roots": ["train"],
        "trusted": ["monai"],
        "layout": "lightning-hydra-template",
        "operations": {"train": "train"},
    }
    assert table == tomllib.loads(text)["tool"]["serotiny"]
    assert text.startswith(BEFORE)
    assert text[len(BEFORE) :].strip() in shown
    assert "`monai`, which the configs name 1 time" in shown
    assert "the first check: 1 warning in 1 job" in shown


def test_second_time_changes_nothing(repository: Path) -> None:
    """A table that is there stays as it is."""
    main(["init", "--yes"])
    before = (repository / "pyproject.toml").read_bytes()

    assert 0 == main(["init", "--yes"])
    assert before == (repository / "pyproject.toml").read_bytes()


def test_nothing_is_written_without_a_yes(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Asked and not answered, it is aborted."""
    assert 0 != main(["init"])
    assert BEFORE == (repository / "pyproject.toml").read_text()
    assert "[tool.serotiny]" in capsys.readouterr().out


def test_what_is_made_out_is_said_in_one_line(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Beside the report, so that programs can still read it."""
    main(["check", "config"])

    line = "no [tool.serotiny] table: found the configs in configs, in the layout of lightning-hydra-template"
    assert f"{line}; `serotiny init` writes it down\n" == capsys.readouterr().err


def test_package_is_the_one_that_the_configs_name(repository: Path) -> None:
    """Not that of a script beside it; and what of Hydra may be named needs no trust."""
    (repository / "prepare").mkdir()
    (repository / "prepare/__init__.py").write_text("")
    (repository / "shop/run.py").rename(repository / "prepare/run.py")
    with (repository / "configs/model/net.yaml").open("a") as file:
        file.write("pick:\n  _target_: hydra.utils.get_method\n  path: shop.parts.Net\n")

    assert 0 == main(["init", "--yes"])

    table = tomllib.loads((repository / "pyproject.toml").read_text())["tool"]["serotiny"]
    assert ("shop", ["monai"]) == (table["package"], table["trusted"])
