"""Methods of Lightning classes that are meant as hooks."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from serotiny.targets import SignatureReader

HEAD = """
import pytorch_lightning as pl
from elsewhere import Other, wrapped

class Base(pl.LightningModule):
 def configure_optimizers(self): ...

class Made({base}):
"""
MODEL, DATA, CALLBACK = "pl.LightningModule", "pl.LightningDataModule", "pl.Callback"


def faults(folder: Path, base: str, body: str) -> list[tuple[str, str, int]]:
    """Each method at fault with the hook that is meant and the arguments that it is given."""
    (folder / "made.py").write_text(HEAD.format(base=base) + textwrap.indent(body, " ") + "\n")
    found = SignatureReader([folder]).hook_faults("made.Made")
    return [(fault.name, fault.hook, fault.given) for fault in found]


@pytest.mark.parametrize(
    ("base", "body", "name", "hook"),
    [
        (MODEL, "def trainig_step(self, batch): ...", "trainig_step", "training_step"),
        (MODEL, "def configure_optimisers(self): ...", "configure_optimisers", "configure_optimizers"),
        (MODEL, "def configure_optimizer(self): ...", "configure_optimizer", "configure_optimizers"),
        ("Base", "def on_trian_epoch_end(self): ...", "on_trian_epoch_end", "on_train_epoch_end"),
        (CALLBACK, "def on_train_epoch_ends(self, trainer, model): ...", "on_train_epoch_ends", "on_train_epoch_end"),
    ],
)  # fmt: skip
def test_hook_that_is_a_letter_off_is_none_of_lightnings(
    tmp_path: Path, base: str, body: str, name: str, hook: str
) -> None:
    """The hook that is meant is not defined, and nothing in the module calls the method."""
    assert faults(tmp_path, base, body) == [(name, hook, 0)]


@pytest.mark.parametrize(
    ("base", "body", "name", "given"),
    [
        (MODEL, "def training_step(self): ...", "training_step", 1),
        (MODEL, "def validation_step(self): ...", "validation_step", 1),
        (MODEL, "def on_train_batch_start(self, batch): ...", "on_train_batch_start", 2),
        (DATA, "def setup(self): ...", "setup", 1),
        (CALLBACK, "def on_train_epoch_end(self, trainer): ...", "on_train_epoch_end", 2),
    ],
)
def test_hook_that_takes_too_few_arguments_cannot_be_called(
    tmp_path: Path, base: str, body: str, name: str, given: int
) -> None:
    """Lightning gives what its own declaration of the hook requires, and each step a batch."""
    assert faults(tmp_path, base, body) == [(name, name, given)]


@pytest.mark.parametrize(
    ("base", "body"),
    [
        (MODEL, "def training_step(self, batch): ..."),
        (MODEL, "def training_step(self, *args): ..."),
        (MODEL, "@wrapped\ndef training_step(self): ..."),
        (MODEL, "def training_step(self): ...\ndef setup(self, stage):\n self.training_step = stage"),
        (MODEL, "def on_validation_batch_start(self, batch, batch_idx): ..."),
        (MODEL, "def trainig_step(self, batch): ...\ndef training_step(self, batch): ..."),
        (MODEL, "def trainig_step(self, batch): ...\ndef training(self, batch):\n return self.trainig_step(batch)"),
        (MODEL, "def validation_epoch_end(self, outputs): ..."),
        (MODEL, "def on_best_epoch_end(self): ..."),
        (MODEL, "def on_train_match_end(self): ..."),
        ("Base", "def configure_optimizer(self): ..."),
        (f"Other, {MODEL}", "def training_step(self): ..."),
        ("object", "def training_step(self): ..."),
    ],
)  # fmt: skip
def test_method_that_may_be_meant_as_it_is_stays_untold(tmp_path: Path, base: str, body: str) -> None:
    """What is called, replaced or decorated, a word of its own, and a class that is not read in full."""
    assert faults(tmp_path, base, body) == []


@pytest.mark.parametrize(
    ("base", "body", "given", "needed"),
    [
        (MODEL, "def training_step(self, batch, batch_idx, optimizer_idx): ...", 2, 3),
        (MODEL, "def training_step(self, batch, batch_idx, *, scale): ...", 2, 3),
        (MODEL, "def configure_optimizers(self, rate): ...", 0, 1),
        (MODEL, "def on_train_epoch_end(self, outputs): ...", 0, 1),
        (MODEL, "def lr_scheduler_step(self, scheduler, index, metric): ...", 2, 3),
        (DATA, "def train_dataloader(self, epoch): ...", 0, 1),
        (DATA, "def prepare_data(self, folder): ...", 0, 1),
        (CALLBACK, "def on_train_epoch_end(self, trainer, model, outputs): ...", 2, 3),
    ],
)
def test_hook_that_needs_more_arguments_than_it_is_given_cannot_be_called(
    tmp_path: Path, base: str, body: str, given: int, needed: int
) -> None:
    """As those of the first version of Lightning, which gave more."""
    faults(tmp_path, base, body)
    [fault] = SignatureReader([tmp_path]).hook_faults("made.Made")
    assert (fault.given, fault.needed, fault.is_misspelt) == (given, needed, False)


@pytest.mark.parametrize("arguments", ["what", "*given", "stage, /"])
@pytest.mark.parametrize("base", [MODEL, DATA])
def test_hook_that_is_given_an_argument_by_name_has_to_take_that_name(
    tmp_path: Path, base: str, arguments: str
) -> None:
    """Lightning calls `setup(stage="fit")`."""
    faults(tmp_path, base, f"def setup(self, {arguments}): ...")
    [fault] = SignatureReader([tmp_path]).hook_faults("made.Made")
    assert (fault.hook, fault.named) == ("setup", "stage")


@pytest.mark.parametrize(
    "body",
    [
        "def setup(self, *, stage): ...",
        "def setup(self, **given): ...",
        "def setup(self, stage=None, folder='.'): ...",
        "def training_step(self, batch): ...",
        "def training_step(self, *given): ...",
        "def training_step(self, batch, batch_idx, scale=1): ...",
        "def validation_step(self, batch, batch_idx, dataloader_idx): ...",
        "def backward(self, loss, retain): ...",
        "def configure_optimizers(self, rate=0.1, **more): ...",
    ],
)
def test_hook_that_takes_what_it_is_given_is_fine(tmp_path: Path, body: str) -> None:
    """Whatever else it may take."""
    assert faults(tmp_path, MODEL, body) == []
