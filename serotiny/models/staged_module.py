"""The base class of the models: one step for all stages, and optimisers made from partials."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, get_args

import pytorch_lightning as pl
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn
from torch.optim import Adam, Optimizer
from torch.optim.lr_scheduler import LRScheduler

from serotiny.models.errors import BatchError, ModelError
from serotiny.models.target_faults import is_text, text_error

Stage = Literal["train", "val", "test"]
STAGES: tuple[Stage, ...] = get_args(Stage)

DEFAULT_LEARNING_RATE = 1e-3
ID_LABELS = ("id", "index")
"""Keys of a batch that identify its rows; predictions include them."""


class StagedModule(pl.LightningModule, ABC):
    """A module with one method, `_step`, for training, validation and test.

    The arguments are not saved as hyperparameters, so that a checkpoint contains only tensors and plain data and can
    be read with `weights_only=True`.

    Args:
        optimizer: Makes the optimiser of the parameters, e.g. `torch.optim.AdamW` as a `_partial_: true` target.
            `None` is Adam with a learning rate of 1e-3.
        lr_scheduler: Makes the scheduler of the optimiser; `None` keeps the learning rate constant.
        lr_scheduler_interval: When the scheduler is stepped: after each epoch or after each step of the optimiser.
        lr_scheduler_monitor: The metric that `ReduceLROnPlateau` monitors.
        compiled: Compile the networks with `torch.compile` when a loop begins: `true`, or the name of a backend.

    Raises:
        ModelError: `optimizer` or `lr_scheduler` is not a callable (`_partial_: true` is missing).
    """

    def __init__(
        self,
        optimizer: Callable[..., Optimizer] | None = None,
        lr_scheduler: Callable[..., LRScheduler] | None = None,
        lr_scheduler_interval: Literal["epoch", "step"] = "epoch",
        lr_scheduler_monitor: str = "val_loss",
        compiled: bool | Literal["inductor", "cudagraphs", "aot_eager", "eager"] = False,
    ) -> None:
        super().__init__()
        for name, factory in (("optimizer", optimizer), ("lr_scheduler", lr_scheduler)):
            if factory is not None and not callable(factory):
                raise ModelError(
                    f"`{name}` is a {type(factory).__name__}, not a callable; give it `_partial_: true`"
                )
        self._optimizer = optimizer
        self._lr_scheduler = lr_scheduler
        self._lr_scheduler_interval = lr_scheduler_interval
        self._lr_scheduler_monitor = lr_scheduler_monitor
        self._compiled = compiled

    @abstractmethod
    def networks(self) -> Sequence[nn.Module]:
        """The networks that `compiled` compiles."""

    def setup(self, stage: str) -> None:  # noqa: ARG002  # Lightning's
        """Compile the networks in place, once; the names of their weights do not change."""
        if self._compiled is False:
            return
        backend = "inductor" if self._compiled is True else self._compiled
        for network in self.networks():
            network.compile(backend=backend)
        self._compiled = False

    @abstractmethod
    def _step(self, stage: Stage, batch: Mapping[str, Any], batch_idx: int) -> Tensor:
        """The loss of a batch, a tensor of shape (); logs it as `{stage}_loss`.

        Raises:
            BatchError: the batch lacks something that the model needs.
        """

    def training_step(self, batch: Mapping[str, Any], batch_idx: int) -> Tensor:
        """The loss of a batch of the training."""
        return self._step("train", batch, batch_idx)

    def validation_step(self, batch: Mapping[str, Any], batch_idx: int) -> Tensor:
        """The loss of a batch of the validation."""
        return self._step("val", batch, batch_idx)

    def test_step(self, batch: Mapping[str, Any], batch_idx: int) -> Tensor:
        """The loss of a batch of the test."""
        return self._step("test", batch, batch_idx)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """The optimiser of all parameters and, if there is one, its scheduler."""
        parameters = self.parameters()
        if self._optimizer is None:
            optimizer: Optimizer = Adam(parameters, lr=DEFAULT_LEARNING_RATE)
        else:
            optimizer = self._optimizer(parameters)
        if self._lr_scheduler is None:
            return optimizer
        return {
            "optimizer": optimizer,
            "lr_scheduler": {
                "scheduler": self._lr_scheduler(optimizer),
                "interval": self._lr_scheduler_interval,
                "monitor": self._lr_scheduler_monitor,
            },
        }

    def _log_losses(self, losses: Mapping[str, Tensor], rows: int) -> None:
        """Log each loss as the mean over the rows of an epoch."""
        self.log_dict(dict(losses), on_step=False, on_epoch=True, batch_size=rows, sync_dist=True)


def take(batch: Mapping[str, Any], label: str) -> Any:
    """The value of a batch under a label.

    Raises:
        BatchError: the batch has no such key.
    """
    if label not in batch:
        raise missing_entry(batch, label)
    return batch[label]


def take_tensor(batch: Mapping[str, Any], label: str) -> Tensor:
    """The tensor of a batch under a label.

    Raises:
        BatchError: the batch has no such key, or no tensor under it.
    """
    value = take(batch, label)
    if is_text(value):
        raise text_error(label, value)
    if not isinstance(value, Tensor):
        raise BatchError(f"`{label}` of the batch is a {type(value).__name__}, not a tensor")
    return value


def missing_entry(batch: Mapping[str, Any], label: str) -> BatchError:
    """The error for a key that a batch does not have."""
    keys = ", ".join(f"`{key}`" for key in batch)
    return BatchError(f"the batch has no `{label}`; its keys, which the loaders name, are {keys}")


def row_ids(batch: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of a batch that identify its rows."""
    return {label: batch[label] for label in ID_LABELS if label in batch}
