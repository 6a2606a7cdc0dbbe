"""A small training that uses every source of randomness, named by the configs of the tests."""

from __future__ import annotations

import builtins
import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from pytorch_lightning.plugins.io import TorchCheckpointIO
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, IterableDataset

_ROWS = 26
_WIDTH = 4


class NoisyRows(Dataset[Tensor]):
    """Rows with noise from Python's, numpy's and torch's generators."""

    def __init__(self, rows: int = _ROWS) -> None:
        self._rows = torch.linspace(-1, 1, rows * _WIDTH).reshape(rows, _WIDTH)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Tensor:
        noise = random.random() + float(np.random.rand()) + torch.rand(_WIDTH)
        return self._rows[index] + 0.01 * noise


class NoisyStream(IterableDataset[Tensor]):
    """The same without a length."""

    def __iter__(self) -> Iterator[Tensor]:
        rows = NoisyRows()
        return (rows[int(index)] for index in torch.randperm(len(rows)))


class ToyData(pl.LightningDataModule):
    """Loaders in the ways that users write them."""

    def __init__(
        self,
        num_workers: int = 0,
        persistent: bool = False,
        own_generator: bool = False,
        stream: bool = False,
    ) -> None:
        super().__init__()
        self._arguments: dict[str, Any] = {
            "batch_size": 4,
            "num_workers": num_workers,
            "persistent_workers": persistent,
        }
        self._own_generator = own_generator
        self._stream = stream

    def train_dataloader(self) -> DataLoader[Tensor]:
        if self._stream:
            return DataLoader(NoisyStream(), **self._arguments)
        generator = torch.Generator().manual_seed(5) if self._own_generator else None
        return DataLoader(NoisyRows(), shuffle=True, generator=generator, **self._arguments)

    def val_dataloader(self) -> DataLoader[Tensor]:
        return DataLoader(NoisyRows(8), **self._arguments)

    test_dataloader = val_dataloader
    predict_dataloader = val_dataloader


class QuietData(ToyData):
    """Test rows without noise."""

    def test_dataloader(self) -> DataLoader[Any]:
        return DataLoader(torch.linspace(-1, 1, 8 * _WIDTH).reshape(8, _WIDTH), batch_size=4)  # type: ignore[arg-type]


class TwoLoaders(ToyData):
    """Two training loaders of unequal length."""

    def train_dataloader(self) -> Any:
        return {
            "long": super().train_dataloader(),
            "short": DataLoader(NoisyRows(9), shuffle=True, batch_size=4),
        }


class ToyModel(pl.LightningModule):
    """Dropout, Adam and a scheduler; the loss is the squared output."""

    def __init__(
        self,
        scheduler: str = "step",
        fail_at: tuple[int, int] | None = None,
        fail_with: str = "ArithmeticError",
        signal_at: tuple[int, int] | None = None,
        signal_number: int = signal.SIGTERM,
        signal_in_validation: tuple[int, int] | None = None,
        delay_s: float = 0.0,
    ) -> None:
        """`fail_at` and `signal_…` are an epoch and a batch, counted from 0; so is TOY_KILL_AT (`1,0`).

        `fail_with` is one of Python's own exceptions.
        """
        super().__init__()
        self.save_hyperparameters()
        self.network = nn.Sequential(nn.Linear(_WIDTH, 8), nn.Dropout(0.3), nn.Linear(8, 1))
        self._scheduler = scheduler
        self._fail_at = tuple(fail_at) if fail_at else None
        self._error = getattr(builtins, fail_with)
        self._signal_at = tuple(signal_at) if signal_at else None
        self._signal_number = signal_number
        self._signal_in_validation = tuple(signal_in_validation) if signal_in_validation else None
        self._delay_s = delay_s

    def _loss(self, batch: Any) -> Tensor:
        rows = torch.cat(list(batch.values())) if isinstance(batch, dict) else batch
        loss: Tensor = (self.network(rows) ** 2).mean()
        return loss

    def training_step(self, batch: Any, batch_idx: int) -> Tensor:
        if (self.current_epoch, batch_idx) == self._fail_at:
            raise self._error("the toy fails here")
        if (self.current_epoch, batch_idx) == self._signal_at:
            os.kill(os.getpid(), self._signal_number)
        place = f"{self.current_epoch},{batch_idx},{self.global_rank}"
        if f"{os.environ.get('TOY_KILL_AT')},{os.environ.get('TOY_KILL_RANK')}" == place:
            os.kill(os.getpid(), int(os.environ["TOY_KILL_BY"]))
        if os.environ.get("TOY_WAITS_AT") == f"{self.current_epoch},{batch_idx}":
            while not Path(self.trainer.default_root_dir, "go_on").exists():
                time.sleep(0.01)
        time.sleep(self._delay_s)
        loss = self._loss(batch)
        self.log("train_loss", loss, on_step=True, on_epoch=True, batch_size=4)
        return loss

    def on_train_end(self) -> None:
        if self.trainer.world_size > 1:
            file = Path(self.trainer.default_root_dir) / f"weights-{self.global_rank}.pt"
            torch.save(self.state_dict(), file)

    def on_train_epoch_start(self) -> None:
        self.log("drawn_at_start", torch.rand(()))

    def validation_step(self, batch: Tensor, batch_idx: int) -> None:
        place = (self.current_epoch, batch_idx)
        if place == self._signal_in_validation and not self.trainer.sanity_checking:
            self._signal_in_validation = None
            os.kill(os.getpid(), self._signal_number)
        self.log("val_loss", self._loss(batch), sync_dist=self.trainer.world_size > 1)

    def test_step(self, batch: Tensor, batch_idx: int) -> None:
        self.log("test_loss", self._loss(batch))

    def predict_step(self, batch: Tensor, batch_idx: int) -> dict[str, Tensor]:
        return {"output": self.network(batch), "input": batch}

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.Adam(self.parameters(), lr=0.01)
        if self._scheduler == "plateau":
            plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, threshold=0.5)
            return {"optimizer": optimizer, "lr_scheduler": {"scheduler": plateau, "monitor": "val_loss"}}
        return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 2)]


class SavingModel(ToyModel):
    """Saves its predictions itself."""

    def save_predictions(self, preds: list[dict[str, Tensor]], output_dir: Path) -> None:
        torch.save([batch["input"][:, 0] for batch in preds], output_dir / "first.pt")


class SignallingModel(ToyModel):
    """Gets a signal while it is made, and carries on whatever fails there."""

    def __init__(self) -> None:
        with contextlib.suppress(Exception):
            os.kill(os.getpid(), signal.SIGTERM)
        super().__init__()


class DyingCheckpoint(pl.callbacks.ModelCheckpoint):
    """Fails right after it has written the last checkpoint of the second epoch; its state is a `ModelCheckpoint`'s."""

    @property
    def state_key(self) -> str:
        return super().state_key.replace(type(self).__name__, "ModelCheckpoint")

    def _save_last_checkpoint(self, trainer: pl.Trainer, monitor_candidates: dict[str, Tensor]) -> None:
        super()._save_last_checkpoint(trainer, monitor_candidates)
        if trainer.current_epoch == 1:
            raise ArithmeticError("the toy fails here")


class OwnCheckpointIO(TorchCheckpointIO):
    """Notes what it writes in a file beside it."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        super().save_checkpoint(checkpoint, path, storage_options)
        Path(f"{path}.noted").touch()


class WideModel(ToyModel):
    """Weights of another shape."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.network = nn.Sequential(nn.Linear(_WIDTH, 16), nn.Dropout(0.3), nn.Linear(16, 1))
