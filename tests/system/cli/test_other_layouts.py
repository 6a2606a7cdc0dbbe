"""Projects that others wrote: checked without an edit, written down by `init`, and run as their own scripts run them."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

PROJECTS = Path(__file__).parents[2] / "cases" / "projects"
NAMES = sorted(path.name for path in PROJECTS.iterdir())


def copied(name: str, tmp_path: Path) -> Path:
    root = tmp_path / name
    shutil.copytree(PROJECTS / name, root, ignore=shutil.ignore_patterns("__pycache__"))
    return root


def run(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PROJECT_ROOT"}
    return subprocess.run(
        [sys.executable, *command], cwd=root, env=environment, capture_output=True, text=True, check=False
    )


def serotiny(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(root, "-m", "serotiny.cli.main", *arguments)


@pytest.mark.parametrize("name", NAMES)
def test_project_of_another_layout_has_no_error(name: str, tmp_path: Path) -> None:
    """Without any edit, with the table that `init` writes, and when `init` is called again."""
    root = copied(name, tmp_path)

    plain = serotiny(root, "check", "config")
    assert (0, True) == (plain.returncode, "error" not in plain.stdout), plain.stdout
    assert "no [tool.serotiny] table" in plain.stderr

    assert 0 == serotiny(root, "init", "--yes").returncode
    written = (root / "pyproject.toml").read_bytes()
    assert "nothing to do" in serotiny(root, "init", "--yes").stdout
    assert written == (root / "pyproject.toml").read_bytes()
    declared = serotiny(root, "check", "config")
    assert (0, plain.stdout) == (declared.returncode, declared.stdout)


def metrics(folder: Path) -> list[dict[str, str]]:
    """The rows of the CSV logger that the config names."""
    with (folder / "csv/version_0/metrics.csv").open() as file:
        return list(csv.DictReader(file))


def weights(file: Path) -> dict[str, torch.Tensor]:
    state: dict[str, torch.Tensor] = torch.load(file, weights_only=True)["state_dict"]
    return state


def assert_same_weights(left: Path, right: Path) -> None:
    ours, theirs = weights(left), weights(right)
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.timeout(600)
def test_template_trains_tests_resumes_and_sweeps_as_its_own_script(tmp_path: Path) -> None:
    """The same checkpoints are chosen, with the same metrics to the last digit."""
    root = copied("template", tmp_path)
    call = ("experiment=example", "logger=csv")
    longer = (*call, "trainer.max_epochs=6", "ckpt_path=own/checkpoints/last.ckpt")
    record = "mlflow.tracking_uri=null"

    own = run(root, "src/train.py", *call, "hydra.run.dir=own")
    assert 0 == own.returncode, own.stderr
    ours = serotiny(root, "train", *call, "hydra.run.dir=ours", record)
    assert 0 == ours.returncode, ours.stderr

    assert metrics(root / "own") == metrics(root / "ours")
    best = (root / "own/best.txt").read_text()
    assert f"ours/checkpoints/{best}" in ours.stdout
    assert_same_weights(root / "own/checkpoints" / best, root / "ours/checkpoints" / best)
    assert (root / "ours/tags.log").read_text() == "['points', 'wide']\n"
    assert "gradient_clip_val: 0.5" in (root / "ours/config_tree.log").read_text()

    resumed = run(root, "src/train.py", *longer, "hydra.run.dir=own_on")
    assert 0 == resumed.returncode, resumed.stderr
    swept = serotiny(root, "train", "-m", *longer, "test=true,false", "hydra.sweep.dir=sweep", record)
    assert 0 == swept.returncode, swept.stderr
    assert metrics(root / "own_on") == metrics(root / "sweep/0")
    assert metrics(root / "own_on")[:-1] == [
        {**row, "test/acc": "", "test/loss": ""} for row in metrics(root / "sweep/1")
    ]

    test = ("ckpt_path=own/checkpoints/last.ckpt", "logger=csv", "model.net.hidden_size=16")
    assert 0 == run(root, "src/eval.py", *test, "hydra.run.dir=own_eval").returncode
    tested = serotiny(root, "test", *test, "hydra.run.dir=our_eval", record)
    assert 0 == tested.returncode, tested.stderr
    assert [{**row, "step": ""} for row in metrics(root / "own_eval")] == [
        {**row, "step": ""} for row in metrics(root / "our_eval")
    ]


def test_what_serotiny_does_not_do_is_an_error_before_anything_runs(tmp_path: Path) -> None:
    """A key that only the own script may read, and tags that are asked for; checking is content with both."""
    root = copied("template", tmp_path)
    extra = ("+compile_model=true", "+extras.upload=true", "tags=null")

    assert 0 == serotiny(root, "check", "config", "train", *extra).returncode
    refused = serotiny(root, "train", *extra)

    assert (1, "") == (refused.returncode, refused.stdout)
    told = [line.partition(":")[0] for line in refused.stderr.splitlines() if line.startswith("error")]
    assert ["error[SER115]", "error[SER115]", "error[SER116]"] == sorted(told)
    assert not (root / "logs").exists()


def test_operation_that_nothing_names_is_not_guessed(tmp_path: Path) -> None:
    """In a layout of which only Hydra knows, the table says what is run."""
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs/config.yaml").write_text("a: 1\n")

    refused = serotiny(tmp_path, "train")

    assert 2 == refused.returncode
    assert "nothing says what `serotiny train` runs in this project" in refused.stderr
