"""`serotiny rehearse train`, in a new project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from serotiny.cli.commands.new import create_project
from serotiny.manifest.conversion import convert

SEROTINY = Path(sys.executable).parent / "serotiny"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return create_project({}, no_input=True, output_dir=tmp_path_factory.mktemp("new"))


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "project"))


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if "__pycache__" not in path.parts}


def call(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    temporary = project.parent / "temporary"
    temporary.mkdir(exist_ok=True)
    environment = {**os.environ, "TMPDIR": str(temporary)}
    environment.pop("MLFLOW_TRACKING_URI", None)
    done = subprocess.run(
        [SEROTINY, *arguments], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    left = {name for name in files(temporary) if "serotiny-rehearsal" in name}
    assert set() == left
    return done


def test_a_rehearsal_tries_all_loops_and_leaves_nothing(project: Path) -> None:
    """It trains, writes and reads a checkpoint, tests and predicts; no run, no file is there afterwards."""
    before = files(project)
    done = call(project, "rehearse", "train", "--largest-batch", "trainer/callbacks=pictures")

    assert 0 == done.returncode, done.stderr
    for text in (
        "the job would run",
        "checkpoint written",
        "two batches tested",
        "predictions written, ",
        "measurements: (16, 4) float32",
        "rows/s",
        "largest batch  about 42 rows",
    ):
        assert text in done.stdout
    assert before == files(project)


def test_time_is_told_of_streamed_data(project: Path) -> None:
    """A stream has no length, but knows how many rows there are."""
    folder = project / "data"
    for split in ("train", "valid", "test"):
        convert(folder / "manifest.csv", folder / f"{split}.parquet")
    (project / "a_tiny_project" / "config" / "data" / "streamed.yaml").write_text(
        "_target_: serotiny.datamodules.StreamedDatamodule\npath: data\nbatch_size: 16\n"
        "loaders:\n  measurements: {_target_: serotiny.io.dataframe.loaders.LoadColumns, endswith: _cm}\n"
    )
    done = call(project, "rehearse", "train", "--largest-batch", "data=streamed", "++trainer.max_epochs=7")

    assert 0 == done.returncode, done.stderr
    rows = len((folder / "manifest.csv").read_text().splitlines()) - 1
    assert f"largest batch  about {rows} rows" in done.stdout
    assert "  an epoch       about " in done.stdout
    assert ", for 7 epochs\n" in done.stdout


def test_a_batch_that_does_not_fit_is_told_with_its_places(project: Path) -> None:
    """SER327 at the layer in the config, with the loader that gives the batch; no traceback, nothing left."""
    config = project / "a_tiny_project" / "config" / "model" / "odd.yaml"
    config.write_text(
        "_target_: serotiny.models.BasicModel\nx_label: measurements\ny_label: species\n"
        "loss: {_target_: torch.nn.CrossEntropyLoss}\n"
        "network:\n  _target_: torch.nn.Sequential\n  _args_:\n"
        "    - {_target_: torch.nn.Linear, in_features: 4, out_features: 8}\n"
        "    - {_target_: torch.nn.Linear, in_features: 7, out_features: 3}\n"
    )
    before = files(project)
    done = call(project, "train", "--rehearse", "model=odd", "data=my_data")

    assert 1 == done.returncode
    assert "error[SER327]: a batch does not fit `model.network._args_[1]`: mat1 and mat2" in done.stderr
    assert "config/model/odd.yaml:9" in done.stderr
    assert "it gets (16, 8)" in done.stderr
    assert (
        "`measurements`: (16, 4) float32, from `data.loaders.measurements` at a_tiny_project/config/data/"
        in (done.stderr)
    )
    assert "Traceback" not in done.stderr
    assert before == files(project)


def test_limits_that_fit_no_batch_are_told_before_a_run_is_made(project: Path) -> None:
    """Of a data module whose batches only a job can count."""
    package = project / "a_tiny_project"
    (package / "subset.py").write_text(
        "from serotiny.datamodules import ManifestDatamodule\n\n\n"
        "class Subset(ManifestDatamodule):\n    pass\n"
    )
    overrides = ("data._target_=a_tiny_project.subset.Subset", "++trainer.val_check_interval=100")
    assert 0 == call(project, "check", "config", "train", *overrides).returncode
    done = call(project, "rehearse", "train", *overrides)

    assert 3 == done.returncode
    assert (
        "error: the job would not start: `trainer.val_check_interval` must be at most 3, the batches of an "
        "epoch, not `100`; write `check_val_every_n_epoch: null`" in done.stderr
    )


@pytest.mark.parametrize(
    ("override", "said", "unsaid"),
    [
        ("+trainer.limit_train_batches=0", "no batch: with `limit_train_batches: 0` there", "parameters"),
        (
            "+trainer.limit_val_batches=0",
            "none of a validation: `limit_val_batches` is 0",
            "of the validation",
        ),
        ("+trainer.limit_test_batches=0", "two batches predicted", "tested"),
    ],
)
def test_loops_without_batches_are_not_said_to_have_run(
    project: Path, override: str, said: str, unsaid: str
) -> None:
    """A limit of 0 is that of the job, so the rehearsal keeps it."""
    done = call(project, "rehearse", "train", override)

    assert (0, True, False) == (done.returncode, said in done.stdout, unsaid in done.stdout), done.stdout


def test_a_job_that_fails_names_no_run_that_is_nowhere(project: Path) -> None:
    """The place in the project's code is told; there is no run to look at."""
    done = call(project, "rehearse", "train", "model=my_model")

    assert (3, True) == (
        done.returncode,
        "KeyError: 'species'\n  at a_tiny_project/models.py:" in done.stderr,
    )
    assert not [line for line in done.stderr.splitlines() if line.startswith("  run ")]


def test_only_a_training_is_rehearsed(project: Path) -> None:
    """Another operation, or a sweep, is a wrong call."""
    assert 2 == call(project, "test", "--rehearse").returncode
    assert 2 == call(project, "train", "--rehearse", "-m", "seed=1,2").returncode
