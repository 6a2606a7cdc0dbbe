"""The base class of callbacks that draw a picture of a validation or test."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import pytorch_lightning as pl
import torch
from pytorch_lightning.utilities.seed import isolate_rng
from torch import Tensor

from serotiny.callbacks.errors import CallbackError
from serotiny.callbacks.keeping import keep_picture

Stage = Literal["valid", "test"]


class EvaluationPicture(pl.Callback):
    """Collects batches of a validation or test with the predictions of the model's `predict_step`, and draws at the end.

    The model runs a second time for these batches. The states of the random generators are restored afterwards, so
    that a training is the same with and without pictures.

    Args:
        every_n_epochs: Draw after the validation of each n-th epoch; a test is always drawn.

    Raises:
        CallbackError: `every_n_epochs` is not positive.
    """

    picture: ClassVar[str]
    """The name of the picture of a validation; that of a test is `NAME_test`."""

    def __init__(self, every_n_epochs: int = 1) -> None:
        super().__init__()
        if every_n_epochs < 1:
            raise CallbackError(f"`every_n_epochs` is {every_n_epochs}; it is positive")
        self.every_n_epochs = every_n_epochs
        self._is_due = False

    @abstractmethod
    def begin(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Called when a validation or test begins whose picture is due."""

    @abstractmethod
    def wants(self) -> bool:
        """Whether a further batch is needed."""

    @abstractmethod
    def see(self, pl_module: pl.LightningModule, batch: Any, predicted: Any) -> None:
        """Take a batch and the model's prediction for it."""

    @abstractmethod
    def draw(self, trainer: pl.Trainer) -> bytes | None:
        """The picture as PNG, on rank 0; None when there is nothing to draw. Called on all ranks."""

    def on_validation_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begin, if a picture is due."""
        in_training = trainer.state.fn == "fit"
        self._is_due = not trainer.sanity_checking and (
            not in_training or (trainer.current_epoch + 1) % self.every_n_epochs == 0
        )
        if self._is_due:
            self.begin(trainer, pl_module)

    def on_test_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begin."""
        self._is_due = True
        self.begin(trainer, pl_module)

    def on_validation_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Look at a batch."""
        self._look(trainer, pl_module, batch, batch_idx)

    on_test_batch_end = on_validation_batch_end

    def on_validation_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Draw."""
        self._end(trainer, self.picture)

    def on_test_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Draw."""
        self._end(trainer, f"{self.picture}_test")

    def _look(self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int) -> None:
        if not self._is_due or not self.wants():
            return
        with torch.no_grad(), isolate_rng(), trainer.precision_plugin.predict_step_context():
            predicted = pl_module.predict_step(batch, batch_idx)
        try:
            self.see(pl_module, batch, predicted)
        except CallbackError as error:
            raise CallbackError(f"callback `{type(self).__name__}`: {error}") from error

    def _end(self, trainer: pl.Trainer, name: str) -> None:
        if not self._is_due:
            return
        self._is_due = False
        png = self.draw(trainer)
        if png is not None:
            keep_picture(trainer, name, png)


def entry(found: Any, key: str, of_what: str, parameter: str) -> Any:
    """The value of a key in a mapping.

    Raises:
        CallbackError: `found` is not a mapping or has no such key; the message says which parameter names the key.
    """
    if not isinstance(found, Mapping):
        raise CallbackError(f"{of_what} is a {type(found).__name__}, not a mapping with `{key}`")
    if key not in found:
        keys = ", ".join(f"`{name}`" for name in found)
        raise CallbackError(f"{of_what} has no `{key}`, which `{parameter}` names; it has {keys}")
    return found[key]


def on_host(values: Tensor) -> Tensor:
    """The values on the CPU, detached; other float types are converted to 32 bits."""
    values = values.detach().cpu()
    return values.float() if values.is_floating_point() else values
