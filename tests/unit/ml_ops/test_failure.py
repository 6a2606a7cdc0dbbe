from __future__ import annotations

import importlib.util
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import pytorch_lightning as pl
import torch

from serotiny.ml_ops.failure import deepest_frame, failure_text
from serotiny.ml_ops.lightning.blame import told_about
from serotiny.tracking.session import RunInfo

from .conftest import MakePlan

SOURCE = """
import json

def step():
    return helper("{")

def helper(text):
    return json.loads(text)

def wrapped():
    try:
        step()
    except ValueError as error:
        raise RuntimeError("somewhere above") from error
"""


MODELS = """import pytorch_lightning as pl
import torch

class Sound(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(3, 1)
    def training_step(self, batch, batch_idx):
        return self.layer(batch[0]).mean()
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


class WrongOptimizers(Sound):
    def configure_optimizers(self):
        return "adam"

class KeysOfAnother(Sound):
    def configure_optimizers(self):
        return {"opt": torch.optim.SGD(self.parameters(), lr=0.1)}

class Text(Sound):
    def training_step(self, batch, batch_idx):
        return "loss"

class Vector(Sound):
    def training_step(self, batch, batch_idx):
        return self.layer(batch[0])

class Detached(Sound):
    def training_step(self, batch, batch_idx):
        return super().training_step(batch, batch_idx).detach()

class NoBatch(Sound):
    def training_step(self):
        return self.layer.weight.sum()

class NoOptimizers(pl.LightningModule):
    def training_step(self, batch, batch_idx):
        return torch.zeros(1)

class NothingToMonitor(Sound):
    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), lr=0.1)
        plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": plateau, "monitor": "mistake"}}
"""


def module_of(root: Path, source: str) -> ModuleType:
    file = root / "study.py"
    file.write_text(source)
    spec = importlib.util.spec_from_file_location("study_of_failures", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where `inspect` finds the file of a class
    spec.loader.exec_module(module)
    return module


def error_of(root: Path, function: str) -> BaseException:
    module = module_of(root, SOURCE)
    with pytest.raises((ValueError, RuntimeError)) as raised:
        getattr(module, function)()
    return raised.value


_CAUSE = "JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"


@pytest.mark.parametrize(("function", "because"), [("step", []), ("wrapped", [f"  because of {_CAUSE}"])])
def test_a_failure_names_the_deepest_line_of_the_project(
    function: str, because: list[str], make_plan: MakePlan, tmp_path: Path
) -> None:
    """The line that led into a library is named, and its error where another one was raised from it; then the run."""
    error = error_of(tmp_path, function)
    (tmp_path / "traceback.txt").write_text("…")
    info = RunInfo(run_id="id", run_name="name", experiment_id="", experiment_name="", run_dir=tmp_path)

    text = failure_text(error, "it failed", replace(make_plan(), project_root=str(tmp_path)), tmp_path, info)

    assert [
        "it failed",
        *because,
        "  at study.py:8 in helper",
        "    return json.loads(text)",
        "  run name (id)",
        f"  traceback {tmp_path / 'traceback.txt'}",
        "  next once this is mended, give the same command again",
    ] == text.splitlines()


def test_a_failure_of_libraries_alone_has_no_line(tmp_path: Path) -> None:
    """Frames of installed packages are not the project's, also where those lie inside it."""
    folder = tmp_path / ".venv" / "lib"
    folder.mkdir(parents=True)

    assert deepest_frame(error_of(folder, "step"), tmp_path) is None


def test_a_failure_ends_with_the_next_step(make_plan: MakePlan, tmp_path: Path) -> None:
    """The run, and how to go on with it."""
    info = RunInfo(run_id="id", run_name="train-1", experiment_id="", experiment_name="", run_dir=tmp_path)

    text = failure_text(ValueError(), "it failed", make_plan(), tmp_path, info)

    assert "it failed\n  run train-1 (id)\n  next once this is mended, give the same command again" == text


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (
            "WrongOptimizers",
            ["at study.py:15 in WrongOptimizers.configure_optimizers", "return an optimizer"],
        ),
        ("KeysOfAnother", ["at study.py:19 in KeysOfAnother.configure_optimizers", "return an optimizer"]),
        ("Text", ["at study.py:23 in Text.training_step", "return the loss as a tensor"]),
        ("Vector", ["at study.py:27 in Vector.training_step", "return one number"]),
        ("Detached", ["at study.py:31 in Detached.training_step", "let the loss depend"]),
        (
            "NothingToMonitor",
            ["at study.py:43 in NothingToMonitor.configure_optimizers", "name in `monitor` a metric"],
        ),
        ("NoBatch", ["at study.py:35 in NoBatch.training_step"]),
        ("NoOptimizers", ["at study.py:38 in NoOptimizers", "define it"]),
    ],
)
def test_an_error_of_lightning_names_the_method_that_it_is_about(
    model: str, expected: list[str], tmp_path: Path
) -> None:
    """Lightning judges what a hook has returned after it has returned, where no frame of the project is left."""
    module = module_of(tmp_path, MODELS)
    made = getattr(module, model)()
    trainer = pl.Trainer(
        max_epochs=1, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False
    )
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.zeros(4, 3)), batch_size=2)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(Exception) as raised:  # noqa: PT011 (each has its own class)
            trainer.fit(made, loader)
    told = list(told_about(raised.value, (made,), tmp_path))

    assert len(expected) == len(told)
    assert all(line.startswith(start) for line, start in zip(told, expected, strict=True))


DATA = """

class Data(pl.LightningDataModule):
    def test_dataloader(self):
        return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.zeros(4, 3)))
    def load_state_dict(self, state_dict):
        pass

class Tested(Sound):
    def test_step(self, batch, batch_idx):
        pass

class Wider(Tested):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(4, 1)
"""


def test_a_checkpoint_of_another_model_is_told_without_a_method(tmp_path: Path) -> None:
    """What raises it is `load_state_dict` of torch, not the method of that name of a data module."""
    module = module_of(tmp_path, MODELS + DATA)
    made = (module.Wider(), module.Data())
    trainer = pl.Trainer(accelerator="cpu", logger=False, enable_progress_bar=False)
    trainer.strategy.connect(module.Tested())
    trainer.save_checkpoint(tmp_path / "last.ckpt")

    with pytest.raises(RuntimeError, match="size mismatch") as raised:
        trainer.test(*made, ckpt_path=tmp_path / "last.ckpt", weights_only=True)

    [told] = told_about(raised.value, made, tmp_path)
    assert told.startswith("the checkpoint is of another model")
