"""The trainer's settings that do not fit the number of batches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from lightning_fabric.utilities.exceptions import MisconfigurationException
from torch.utils.data import DataLoader, TensorDataset

from serotiny.compiler.checks.batch_limits import refused_limits


class Ones(pl.LightningModule):
    """A line through ones."""

    def __init__(self) -> None:
        super().__init__()
        self.line = torch.nn.Linear(1, 1)

    def training_step(self, batch: list[torch.Tensor], _: int) -> torch.Tensor:
        loss: torch.Tensor = self.line(batch[0]).mean()
        return loss

    def validation_step(self, batch: list[torch.Tensor], _: int) -> None:
        self.line(batch[0])

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.1)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("train", [1, 3, 7])
@pytest.mark.parametrize(
    "settings",
    [
        {"limit_train_batches": 0.1},
        {"limit_train_batches": 0.34},
        {"limit_train_batches": 0.99},
        {"limit_train_batches": 0.0},
        {"limit_val_batches": 0.4},
        {"limit_val_batches": 0.5},
        {"overfit_batches": 0.2},
        {"overfit_batches": 0.2, "fast_dev_run": True},
        {"limit_train_batches": 0.1, "fast_dev_run": True},
        {"overfit_batches": 2, "val_check_interval": 3},
        {"val_check_interval": 4},
        {"val_check_interval": 4.0},
        {"val_check_interval": 1},
        {"val_check_interval": 0.01},
        {"val_check_interval": 4, "check_val_every_n_epoch": None},
        {"val_check_interval": 4, "limit_val_batches": 0},
        {"val_check_interval": 4, "fast_dev_run": 1},
        {"val_check_interval": 3, "limit_train_batches": 2},
        {"val_check_interval": 3, "limit_train_batches": 0.5},
        {"val_check_interval": 3, "limit_train_batches": 1.0},
    ],
    ids=str,
)
def test_what_is_refused_is_what_lightning_refuses(
    settings: dict[str, Any], train: int, tmp_path: Path
) -> None:
    """With batches that are counted, neither more nor less."""
    trainer = pl.Trainer(
        max_epochs=1,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=tmp_path,
        **settings,
    )
    refused = list(refused_limits(settings, {"train": train, "val": 2}))
    loaders = [DataLoader(TensorDataset(torch.ones(count, 1))) for count in (train, 2)]
    try:
        trainer.fit(Ones(), loaders[0], loaders[1])
    except (MisconfigurationException, ValueError):
        assert 1 == len(refused)
    else:
        assert [] == refused


@pytest.mark.parametrize("count", [1, 2, 3, 7, 9, 10, 99, 100, 101, 12345])
def test_share_that_is_proposed_leaves_one_batch(count: int) -> None:
    """The share of the help is enough, and few digits long."""
    (refused,) = refused_limits({"limit_train_batches": 1e-9}, {"train": count})
    share = float(refused.fix.split("`")[1])
    assert 1 <= int(count * share)
    assert [] == list(refused_limits({"limit_train_batches": share}, {"train": count}))
