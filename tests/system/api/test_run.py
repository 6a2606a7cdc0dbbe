"""Making parts and running plans from Python."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

import serotiny

ONE_EPOCH = [
    "++trainer.max_epochs=1",
    "++trainer.limit_train_batches=2",
    "++trainer.limit_val_batches=1",
    "test=false",
]


def test_run_is_recorded_and_refused_a_second_time_with_another_config(
    digits: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A run leaves a model to load, and the current folder and the log as they were; drift is raised as SER406."""
    (digits / "notes").mkdir()
    monkeypatch.chdir(digits / "notes")
    handlers = [*logging.getLogger().handlers]
    call = [*ONE_EPOCH, "mlflow.run_name=one"]

    result = serotiny.run(serotiny.compile("train", call).plan)
    again = serotiny.run(serotiny.compile("train", call).plan)
    with pytest.raises(serotiny.ConfigError) as drifted:
        serotiny.run(serotiny.compile("train", [*call, "model.latent_dim=3"]).plan)

    assert ("train", "one", "FINISHED") == (result.operation, result.run_name, result.status)
    assert result.checkpoint is not None
    assert result.checkpoint.is_relative_to(digits / "outputs")
    assert ("run `one` has finished; nothing is left to train",) == again.notes
    assert ["SER406"] == [found.code for found in drifted.value.diagnostics]
    assert "error[SER406]" in str(drifted.value)
    assert (digits / "notes", handlers) == (Path.cwd(), logging.getLogger().handlers)
    assert "Error executing job" not in capfd.readouterr().err
    assert result.run_id is not None
    model = serotiny.load_model(f"sqlite:///{digits / 'mlflow.db'}", result.run_id)
    assert "TabularVAE" == type(model).__name__


def test_parts_are_those_of_the_config_and_the_same_each_time(digits: Path) -> None:
    """The trainer has the config's callbacks and no logger, and `seed` gives the same weights twice."""
    plan = serotiny.compile("train", ["trainer/callbacks=early_stopping"]).plan

    first, second = plan.instantiate("model"), plan.instantiate("model")
    trainer = plan.instantiate("trainer")

    assert all(bool((a == b).all()) for a, b in zip(first.parameters(), second.parameters(), strict=True))
    assert [] == trainer.loggers
    assert "EarlyStopping" in [type(callback).__name__ for callback in trainer.callbacks]
    assert str(digits) == trainer.default_root_dir
    assert not any(
        name.startswith(("mlruns", "mlflow.db")) for name in (path.name for path in digits.iterdir())
    )


def test_value_of_a_running_job_cannot_be_had_alone(digits: Path) -> None:
    """A part that needs to know its job's folder is refused by its key."""
    plan = serotiny.compile("train", ["++trainer.default_root_dir=${hydra:runtime.output_dir}"]).plan

    with pytest.raises(
        serotiny.SerotinyError, match=r"`trainer.default_root_dir` is `\$\{hydra:runtime.output_dir\}`"
    ):
        plan.instantiate("trainer")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mlflow:\n  tracking_uri: sqlite:////usr/serotiny.db", "`mlflow.tracking_uri` creates a database"),
        ("ckpt_path: /etc/last.ckpt", "`ckpt_path` is in a folder of the system"),
        ("data:\n  path: /etc/manifest.csv", "the manifest of `data.path` is in a folder of the system"),
    ],
)
def test_location_that_a_comment_silences_is_refused_when_the_job_starts(
    digits: Path, text: str, message: str
) -> None:
    """Whoever wrote the config may mean harm; a project's own table may still allow it."""
    option = digits / "digits/config/away/here.yaml"
    option.parent.mkdir()
    option.write_text(f"# @package _global_\n{text}  # serotiny: ignore\n")
    plan = serotiny.compile("train", [*ONE_EPOCH, "+away=here"]).plan

    with pytest.raises(serotiny.SerotinyError, match=message):
        serotiny.run(plan)


def test_script_that_was_started_several_times_is_told_what_to_start(
    digits: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each process under `srun` would want the run for itself; nothing is started."""
    for name, value in {"SLURM_JOB_NAME": "study", "SLURM_PROCID": "1", "SLURM_NTASKS": "2"}.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(serotiny.SerotinyError, match="one of 2 processes that torchrun or Slurm has started"):
        serotiny.run(serotiny.compile("train", ONE_EPOCH).plan)
    assert not (digits / "outputs").exists()
