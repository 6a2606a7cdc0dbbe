from __future__ import annotations

import gc
import json
import logging
import signal
from pathlib import Path

import pytest
import torch
import yaml

from serotiny.collector import collect_as_usual, collect_rarely
from serotiny.diagnostics import JobError, SerotinyError
from serotiny.ml_ops.checkpoints.candidates import CheckpointError
from serotiny.ml_ops.checkpoints.file import read_checkpoint
from serotiny.ml_ops.run import run
from serotiny.tracking.session import RunRefusedError

from .conftest import MakePlan, metrics, trained_state

MONITOR = {"_target_": "pytorch_lightning.callbacks.ModelCheckpoint", "monitor": "val_loss", "save_top_k": 2}


def test_training_leaves_metrics_config_parameters_and_checkpoints(
    make_plan: MakePlan, tmp_path: Path
) -> None:
    """A training without MLflow has everything in its folder."""
    plan = make_plan(trainer__callbacks={"best": MONITOR, "unused": None})
    result = run(plan, tmp_path / "run")

    assert "FINISHED" == result.status
    assert tmp_path / "run" / "checkpoints" / "last.ckpt" == result.checkpoint
    assert {"best-val_loss.ckpt", "best-val_loss-2.ckpt", "last.ckpt"} <= {
        file.name for file in (tmp_path / "run" / "checkpoints").iterdir()
    }
    assert plan.logged_config == yaml.safe_load((tmp_path / "run" / "config" / "train.yaml").read_text())
    assert "0.0" not in json.loads((tmp_path / "run" / "params.json").read_text())
    assert {"train_loss_step", "train_loss_epoch", "val_loss", "epoch"} <= {
        name for name, _ in metrics(tmp_path / "run")
    }


def test_garbage_is_collected_as_usual_once_the_job_is_built(make_plan: MakePlan, tmp_path: Path) -> None:
    """The command line, which collects rarely while it imports, does not slow down what the project's code frees."""
    collect_as_usual()  # another test of this process may have called the command line
    usual = gc.get_threshold()
    met: list[tuple[int, int, int]] = []
    collect_rarely()
    try:
        run(make_plan(), tmp_path / "run", on_built=lambda _: met.append(gc.get_threshold()))
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()

    assert [usual] == met


def test_test_and_predict_in_the_config_run_after_the_training(make_plan: MakePlan, tmp_path: Path) -> None:
    """`test: true` and `predict: true` use the model as it was trained."""
    result = run(make_plan(test=True, predict=True), tmp_path / "run")

    assert "test_loss" in result.metrics
    assert tmp_path / "run" / "predictions" == result.predictions
    assert (tmp_path / "run" / "predictions" / "predictions.parquet").is_file()


def test_checkpoint_io_of_the_config_writes_the_checkpoints(make_plan: MakePlan, tmp_path: Path) -> None:
    """It has the place of serotiny's own, and the run is resumed from what it wrote, where that is plain data."""
    own: dict[str, object] = {
        "trainer__plugins": [{"_target_": "toy_job.OwnCheckpointIO"}],
        "model__signal_number": 15,
    }
    run(make_plan(trainer__max_epochs=1, **own), tmp_path / "run")
    result = run(make_plan(trainer__max_epochs=2, **own), tmp_path / "run")

    assert "last.ckpt.noted" in [file.name for file in (tmp_path / "run" / "checkpoints").iterdir()]
    assert ("FINISHED", 14) == (result.status, trained_state(tmp_path / "run")["global_step"])


def test_test_of_a_checkpoint_gives_the_metric_of_the_training(make_plan: MakePlan, tmp_path: Path) -> None:
    """`test` on `ckpt_path` repeats what the training's own test gave."""
    trained = run(make_plan(test=True, data___target_="toy_job.QuietData"), tmp_path / "trained")
    tested = run(
        make_plan("test", ckpt_path=str(trained.checkpoint), data___target_="toy_job.QuietData"),
        tmp_path / "tested",
    )

    assert trained.metrics["test_loss"] == tested.metrics["test_loss"]


def test_training_in_the_namespace_of_lightning_is_recorded_and_resumed(
    make_plan: MakePlan, tmp_path: Path
) -> None:
    """A `lightning.pytorch.Trainer` gets callbacks and loggers of its own package."""
    changes = {
        "data___target_": "toy_unified.UnifiedData",
        "model___target_": "toy_unified.UnifiedModel",
        "trainer___target_": "lightning.pytorch.Trainer",
    }
    run(make_plan(trainer__max_epochs=1, **changes), tmp_path / "run")
    result = run(make_plan(**changes), tmp_path / "run")

    assert 9 == read_checkpoint(tmp_path / "run" / "checkpoints" / "last.ckpt")["global_step"]
    assert {"train_loss", "val_loss"} <= result.metrics.keys()


@pytest.mark.parametrize("kind", [ArithmeticError, SystemExit, KeyboardInterrupt, GeneratorExit])
def test_error_in_the_model_is_a_job_error_and_marks_the_run_failed(
    kind: type[BaseException], make_plan: MakePlan, tmp_path: Path
) -> None:
    """The user's exception is the cause, its traceback is in a file, its text in a tag; no class of Python's is spared."""
    former = signal.getsignal(signal.SIGINT)
    with pytest.raises(JobError, match=f"{kind.__name__}: the toy fails here") as raised:
        run(make_plan(model__fail_at=[0, 1], model__fail_with=kind.__name__), tmp_path / "run")

    assert isinstance(raised.value.__cause__, kind)
    assert former == signal.getsignal(signal.SIGINT)
    assert "in training_step" in (tmp_path / "run" / "traceback.txt").read_text()
    assert "FAILED" == json.loads((tmp_path / "run" / "run.json").read_text())["status"]
    tags = json.loads((tmp_path / "run" / "tags.json").read_text())
    assert f"{kind.__name__}: the toy fails here" == tags["serotiny.error"]


def test_hardware_that_is_not_there_is_told_before_a_run_is_made(make_plan: MakePlan, tmp_path: Path) -> None:
    """The config is right on another machine: nothing is reserved, and the message says both ways out."""
    with pytest.raises(JobError, match=r"nothing was started: .*`tpu`.*trainer\.accelerator=auto"):
        run(make_plan(trainer__accelerator="tpu"), tmp_path / "run")

    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="asks for hardware that is here")
def test_a_strategy_on_hardware_that_is_not_here_starts_nothing(make_plan: MakePlan, tmp_path: Path) -> None:
    """A strategy that works on GPUs alone is told without them, with what to write."""
    with pytest.raises(JobError, match=r"nothing was started: .*`fsdp`.*trainer\.strategy=auto"):
        run(make_plan(trainer__accelerator="auto", trainer__strategy="fsdp"), tmp_path / "run")


def test_target_that_cannot_be_made_is_named_with_its_key(make_plan: MakePlan, tmp_path: Path) -> None:
    """The message says which node failed and why, without Hydra's wrapping."""
    with pytest.raises(
        JobError, match=r"`model` could not be made: TypeError: .*unexpected keyword argument 'width'"
    ):
        run(make_plan(model__width=3), tmp_path / "run")


def test_truncated_last_checkpoint_is_passed_over(
    make_plan: MakePlan, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The best one, which is whole, is resumed from, and a warning says so."""
    run(make_plan(trainer__callbacks=[MONITOR]), tmp_path / "run")
    last = tmp_path / "run" / "checkpoints" / "last.ckpt"
    last.write_bytes(last.read_bytes()[:1000])
    with caplog.at_level(logging.WARNING):
        result = run(make_plan(trainer__callbacks=[MONITOR], trainer__max_epochs=4), tmp_path / "run")

    assert result.resumed_from is not None
    assert result.resumed_from.name != "last.ckpt"
    assert "last.ckpt is not a whole checkpoint" in caplog.text


def test_truncated_checkpoint_named_by_the_user_is_refused_with_the_good_one(
    make_plan: MakePlan, tmp_path: Path
) -> None:
    """A `ckpt_path` that is not whole is an error that names the newest whole one beside it."""
    folder = tmp_path / "run" / "checkpoints"
    run(make_plan(trainer__callbacks=[MONITOR]), tmp_path / "run")
    (folder / "cut.ckpt").write_bytes((folder / "last.ckpt").read_bytes()[:1000])
    with pytest.raises(
        CheckpointError, match=r"cut\.ckpt is not a whole checkpoint.*the last whole one beside it is"
    ):
        run(make_plan("test", ckpt_path=str(folder / "cut.ckpt")), tmp_path / "tested")


@pytest.mark.parametrize(
    "url", ["http://example.org/a.ckpt", "https://example.org/a.ckpt", "s3://bucket/a.ckpt"]
)
def test_checkpoint_at_a_url_is_refused(url: str, make_plan: MakePlan, tmp_path: Path) -> None:
    """Lightning would load it without `weights_only`."""
    with pytest.raises(CheckpointError, match="is not a local file"):
        run(make_plan("test", ckpt_path=url), tmp_path / "run")


def test_missing_checkpoint_is_named(make_plan: MakePlan, tmp_path: Path) -> None:
    """A relative path counts from the project's root; of a name it is told which ones the run has."""
    with pytest.raises(CheckpointError, match=f"there is no checkpoint {tmp_path}/none.ckpt"):
        run(make_plan("test", ckpt_path="./none.ckpt"), tmp_path / "run")
    run(make_plan(run_name="named"), tmp_path / "trained")
    with pytest.raises(RunRefusedError, match="run `named` has no checkpoint `lst`") as refused:
        run(make_plan("test", run_name="named", ckpt_path="lst"), tmp_path / "trained")
    (fault,) = refused.value.diagnostics
    assert ("did you mean `last`?", True) == (fault.help, fault.notes[0].endswith("last"))


def test_fsdp_on_the_cpu_is_refused_in_a_clear_word(make_plan: MakePlan, tmp_path: Path) -> None:
    """Lightning can not, and says so."""
    with pytest.raises(JobError, match=r"The strategy `fsdp` requires a GPU accelerator, but received"):
        run(make_plan(trainer__strategy="fsdp", trainer__devices=2), tmp_path / "run")


def test_enable_checkpointing_false_writes_none(make_plan: MakePlan, tmp_path: Path) -> None:
    """The user's wish is kept: no checkpoint at all."""
    result = run(make_plan(trainer__enable_checkpointing=False), tmp_path / "run")

    assert None is result.checkpoint
    assert not list((tmp_path / "run").rglob("*.ckpt"))


def test_logger_of_the_user_comes_in_addition(make_plan: MakePlan, tmp_path: Path) -> None:
    """A configured logger does not replace ours."""
    logger = {"_target_": "pytorch_lightning.loggers.CSVLogger", "save_dir": str(tmp_path / "csv")}
    run(make_plan(trainer__logger=logger), tmp_path / "run")

    assert list((tmp_path / "csv").rglob("metrics.csv"))
    assert metrics(tmp_path / "run")


def test_moved_run_folder_keeps_its_best_checkpoints(make_plan: MakePlan, tmp_path: Path) -> None:
    """What a `ModelCheckpoint` knows of the best ones holds where the resumed run keeps its checkpoints."""
    run(make_plan(trainer__callbacks=[MONITOR]), tmp_path / "old")
    (tmp_path / "old").rename(tmp_path / "new")
    run(make_plan(trainer__callbacks=[MONITOR], trainer__max_epochs=4), tmp_path / "new")
    state = next(
        state
        for key, state in read_checkpoint(tmp_path / "new" / "checkpoints" / "last.ckpt")["callbacks"].items()
        if key.startswith("ModelCheckpoint")
    )

    assert 2 == len(state["best_k_models"])
    assert all(Path(path).is_file() for path in state["best_k_models"])


def test_run_folder_that_cannot_be_made_is_an_error_that_says_so(make_plan: MakePlan, tmp_path: Path) -> None:
    """A file in the way of the folder is a broken world, told in one line."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SerotinyError, match=r"the run folder .* cannot be made"):
        run(make_plan(), tmp_path / "file" / "run")


def test_a_training_leaves_a_page_also_when_it_fails(make_plan: MakePlan, tmp_path: Path) -> None:
    """`report.html` has curves, values and environment; of a failed run also why it failed."""
    run(make_plan(), tmp_path / "good")
    page = (tmp_path / "good" / "report.html").read_text()
    assert 'aria-label="loss"' in page
    assert "toy_job.ToyModel" in page
    assert "packages</summary>" in page

    with pytest.raises(JobError):
        run(make_plan(model__fail_at=[0, 1]), tmp_path / "bad")
    failed = (tmp_path / "bad" / "report.html").read_text()
    assert "Why it failed" in failed
    assert "in training_step" in failed
