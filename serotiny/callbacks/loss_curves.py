"""A callback that draws metrics over the epochs."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

import pytorch_lightning as pl

from serotiny.callbacks.errors import CallbackError
from serotiny.callbacks.keeping import keep_picture
from serotiny.pictures.curves import draw_curves


class LossCurves(pl.Callback):
    """Draws the metrics that each epoch has logged as curves over the epochs: `pictures/loss_curves.png`.

    A resumed run continues the curves of its checkpoint.

    Args:
        metrics: Names of metrics, or glob patterns of names.
        logarithmic: Use a logarithmic scale; values that are not positive are left out.
        every_n_epochs: Draw after each n-th epoch; the picture is always drawn at the end of the training.

    Raises:
        CallbackError: `metrics` is one name or empty, or `every_n_epochs` is not positive.
    """

    def __init__(
        self, metrics: Sequence[str] = ("*loss",), logarithmic: bool = False, every_n_epochs: int = 1
    ) -> None:
        super().__init__()
        if isinstance(metrics, str) or not metrics:
            raise CallbackError(f"`metrics` is a list of names or patterns, not {metrics!r}")
        if every_n_epochs < 1:
            raise CallbackError(f"`every_n_epochs` is {every_n_epochs}; it is positive")
        self.metrics = tuple(metrics)
        self.logarithmic = logarithmic
        self.every_n_epochs = every_n_epochs
        self._values: dict[str, dict[int, float]] = {}
        self._before: dict[str, Any] = {}
        self._drawn = -1

    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Remember the metrics that exist, to find those that the validation adds."""
        self._before = dict(trainer.callback_metrics)

    def on_validation_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Add the values that the validation logged to the curves."""
        if not trainer.sanity_checking and trainer.state.fn == "fit":
            self._take(trainer)

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Remember the metrics that exist, to find those that the epoch adds."""
        self._before = dict(trainer.callback_metrics)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Add the values that the epoch logged to the curves, and draw if it is due."""
        self._take(trainer)
        if (trainer.current_epoch + 1) % self.every_n_epochs == 0:
            self._draw(trainer)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Draw epochs that are not drawn yet."""
        self._draw(trainer)

    def state_dict(self) -> dict[str, Any]:
        """The curves so far."""
        return {
            "epochs": {name: list(values) for name, values in self._values.items()},
            "values": {name: list(values.values()) for name, values in self._values.items()},
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue the curves of a checkpoint."""
        self._values = {
            name: dict(zip(epochs, state_dict["values"][name], strict=True))
            for name, epochs in state_dict["epochs"].items()
        }

    def _take(self, trainer: pl.Trainer) -> None:
        for name, value in trainer.callback_metrics.items():
            # values that an earlier loop logged stay there as the same objects
            is_new = self._before.get(name) is not value
            if is_new and any(fnmatchcase(name, pattern) for pattern in self.metrics):
                self._values.setdefault(name, {})[trainer.current_epoch] = float(value)
        self._before = dict(trainer.callback_metrics)

    def _draw(self, trainer: pl.Trainer) -> None:
        last = max((max(values) for values in self._values.values()), default=-1)
        if last == self._drawn or not trainer.is_global_zero:
            return
        self._drawn = last
        curves = {name: sorted(values.items()) for name, values in sorted(self._values.items())}
        keep_picture(trainer, "loss_curves", draw_curves(curves, "epoch", self.logarithmic))
