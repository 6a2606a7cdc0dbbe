"""The configs of this project compile, and its own model trains a step."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SEROTINY = str(Path(sys.executable).with_name("serotiny"))
MINE = ["model=my_model", "data=my_data"]


def serotiny(*arguments: str) -> None:
    """Call the command as from a shell in the project's folder; fail with what it says."""
    done = subprocess.run([SEROTINY, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_option_compiles() -> None:
    """Each operation compiles, and each option of each group."""
    serotiny("check", "config")


@pytest.mark.parametrize("operation", ["train", "test", "predict"])
def test_own_options_compile(operation: str) -> None:
    """Each operation compiles with this project's own model and data."""
    serotiny("check", "config", operation, *MINE)


def test_own_model_trains_one_step(tmp_path: Path) -> None:
    """The model, the data and the callback of this project work together; nothing is recorded in MLflow."""
    short = ["++trainer.max_epochs=1", "++trainer.limit_train_batches=1", "++test=false"]
    local = ["++mlflow.tracking_uri=null", f"hydra.run.dir={tmp_path}"]
    serotiny("train", *MINE, "trainer/callbacks=my_callbacks", *short, *local)
