"""A run's folder that somebody else has changed, when the run is gone on with in it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from serotiny.diagnostics import SerotinyError
from serotiny.ml_ops.checkpoints.candidates import CheckpointError
from serotiny.ml_ops.checkpoints.choice import ChosenCheckpoint
from serotiny.ml_ops.run import run
from serotiny.tracking.run_folder.errors import RunFolderError

from .conftest import MakePlan

BEST = {"_target_": "pytorch_lightning.callbacks.ModelCheckpoint", "monitor": "val_loss", "save_top_k": 1}


def rewritten(file: Path, change: Callable[[dict[str, Any]], None]) -> None:
    checkpoint = torch.load(file, weights_only=False)
    change(checkpoint)
    torch.save(checkpoint, file)


@pytest.mark.parametrize("way", ["outside", "dots"])
@pytest.mark.parametrize("score", [-1e9, 1e9])
def test_files_that_a_checkpoint_names_elsewhere_are_left_alone(
    make_plan: MakePlan, tmp_path: Path, score: float, way: str
) -> None:
    """One that would be the best is not taken for a checkpoint of the run, and one that would be the worst not deleted."""
    secret = tmp_path / "private" / "key"
    secret.parent.mkdir()
    secret.write_text("not for the store")
    folder = tmp_path / "run"
    run(make_plan(trainer__max_epochs=1, trainer__callbacks={"best": BEST}), folder)
    named = str(secret if way == "outside" else folder / "checkpoints" / "../../private/key")

    def name_it(checkpoint: dict[str, Any]) -> None:
        (state,) = (state for key, state in checkpoint["callbacks"].items() if "ModelCheckpoint" in key)
        value = torch.tensor(score)
        state |= {"best_k_models": {named: value}, "best_model_path": named, "best_model_score": value}
        state |= {"kth_best_model_path": named, "kth_value": value}

    rewritten(folder / "checkpoints" / "last.ckpt", name_it)
    result = run(make_plan(trainer__max_epochs=2, trainer__callbacks={"best": BEST}), folder)

    assert "FINISHED" == result.status
    assert "not for the store" == secret.read_text()
    assert not [file for file in folder.rglob("*.ckpt") if b"not for the store" in file.read_bytes()]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("serotiny", [1]),
        ("serotiny", {"run": 5}),
        ("global_step", "many"),
        ("epoch", [1]),
        ("loops", [1]),
        ("loops", {"fit_loop": {"epoch_progress": {"current": {"processed": {}}}}}),
    ],
)
def test_a_checkpoint_of_another_form_is_told(tmp_path: Path, key: str, value: object) -> None:
    """It has weights, and in the place of what serotiny or Lightning notes something else."""
    torch.save({"state_dict": {}, key: value}, tmp_path / "last.ckpt")

    with pytest.raises(CheckpointError, match=r"last\.ckpt is not a Lightning checkpoint"):
        ChosenCheckpoint.read(tmp_path / "last.ckpt")


@pytest.mark.parametrize(
    "name",
    [
        "metrics.jsonl",
        "tags.json",
        "traceback.txt",
        "traceback-rank-1.txt",
        "train.log",
        "config",
        ".hydra",
        "checkpoints",
        "pictures/a.png",
    ],
)
def test_a_link_out_of_the_folder_is_refused(make_plan: MakePlan, tmp_path: Path, name: str) -> None:
    """Nothing is written to, or uploaded from, where it leads; the user's own links are none of a job's business."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = tmp_path / "run" / name
    link.parent.mkdir(parents=True)
    (tmp_path / "run" / "dataset").symlink_to(elsewhere)
    link.symlink_to(elsewhere if "." not in name[1:] else elsewhere / "file")

    with pytest.raises(RunFolderError, match="is a link that leads out of the run's folder"):
        run(make_plan(trainer__max_epochs=1), tmp_path / "run")

    assert [] == list(elsewhere.iterdir())


@pytest.mark.parametrize("name", ["metrics.jsonl", "train.log", "checkpoints/last.ckpt"])
def test_a_pipe_in_the_folder_is_not_waited_for(make_plan: MakePlan, tmp_path: Path, name: str) -> None:
    """It is neither a file nor a folder, and the job does not start."""
    (tmp_path / "run" / name).parent.mkdir(parents=True)
    os.mkfifo(tmp_path / "run" / name)

    with pytest.raises(SerotinyError, match="is neither a file nor a folder"):
        run(make_plan(trainer__max_epochs=1), tmp_path / "run")


def test_links_within_the_folder_and_to_nowhere_are_let_be(make_plan: MakePlan, tmp_path: Path) -> None:
    """Lightning links its last checkpoint; a link to a checkpoint that is gone is none."""
    folder = tmp_path / "run"
    run(make_plan(trainer__max_epochs=1), folder)
    (folder / "checkpoints" / "linked.ckpt").symlink_to("last.ckpt")
    (folder / "checkpoints" / "gone.ckpt").symlink_to("none.ckpt")

    assert "FINISHED" == run(make_plan(trainer__max_epochs=2), folder).status
