"""A callback that draws the confusion matrix of a classifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import pytorch_lightning as pl
import torch
from torch import Tensor

from serotiny.callbacks.errors import CallbackError
from serotiny.callbacks.evaluation_picture import EvaluationPicture, entry, on_host
from serotiny.diagnostics.counts import counted
from serotiny.pictures.matrix import draw_confusion


class ConfusionMatrix(EvaluationPicture):
    """Draws the confusion matrix, summed over all processes: `pictures/confusion_matrix.png`, `…_test.png`.

    Args:
        classes: The names of the classes in the order of their numbers, or the number of classes; `None` takes those
            that occur.
        y_label: The key of the batch with the numbers of the true classes; `None` uses the model's `y_label`.
        output: The key under which the model's `predict_step` returns a score for each class, shape (N, C); or a
            logit of class 1, shape (N,) or (N, 1).
        every_n_epochs: Draw after the validation of each n-th epoch; a test is always drawn.

    Raises:
        CallbackError: `classes` is empty or not positive, or `every_n_epochs` is not positive.
    """

    picture: ClassVar[str] = "confusion_matrix"

    def __init__(
        self,
        classes: Sequence[str] | int | None = None,
        y_label: str | None = None,
        output: str = "prediction",
        every_n_epochs: int = 1,
    ) -> None:
        super().__init__(every_n_epochs)
        names = [str(number) for number in range(classes)] if isinstance(classes, int) else classes
        if isinstance(names, str) or (names is not None and not names):
            raise CallbackError(f"`classes` is {classes!r}; it is a list of names, or how many there are")
        self.classes = None if names is None else [str(name) for name in names]
        self.y_label = y_label
        self.output = output
        self._counts: Tensor = torch.zeros((0, 0), dtype=torch.int64)

    def begin(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Set the counts to 0."""
        size = len(self.classes or ())
        self._counts = torch.zeros((size, size), dtype=torch.int64)

    def wants(self) -> bool:
        """True: all batches are counted."""
        return True

    def see(self, pl_module: pl.LightningModule, batch: Any, predicted: Any) -> None:
        """Count the true and predicted classes of a batch."""
        label = self.y_label or getattr(pl_module, "y_label", None)
        if label is None:
            raise CallbackError(f"{type(pl_module).__name__} has no `y_label`; give ConfusionMatrix one")
        target = on_host(entry(batch, label, "the batch", "y_label")).flatten().long()
        scores = on_host(entry(predicted, self.output, "what `predict_step` gives", "output"))
        taken, size = chosen(scores)
        if len(taken) != len(target):
            raise CallbackError(
                f"`{self.output}` has shape {tuple(scores.shape)}, and `{label}` is one class for each of {counted(len(target), 'row')}"
            )
        if len(target) == 0:
            return
        size = max(size, int(target.max()) + 1, len(self._counts))
        if self.classes is not None and size > len(self.classes):
            raise CallbackError(
                f"`classes` has {counted(len(self.classes), 'name')} for {counted(size, 'class')}"
            )
        self._counts = _grown(self._counts, size)
        self._counts += torch.bincount(target * size + taken, minlength=size * size).reshape(size, size)

    def draw(self, trainer: pl.Trainer) -> bytes | None:
        """The picture as PNG, on rank 0; None where nothing was counted."""
        counts = self._summed(trainer)
        if not len(counts) or not trainer.is_global_zero:
            return None
        return draw_confusion(counts.numpy(), self.classes or [str(number) for number in range(len(counts))])

    def _summed(self, trainer: pl.Trainer) -> Tensor:
        """The counts, summed over all processes."""
        if trainer.world_size == 1:
            return self._counts
        strategy = trainer.strategy
        device = strategy.root_device
        size = int(strategy.reduce(torch.tensor(len(self._counts), device=device), reduce_op="max"))
        grown = _grown(self._counts, size).to(device)
        summed: Tensor = strategy.reduce(grown, reduce_op="sum")
        return summed.cpu()


def chosen(scores: Tensor) -> tuple[Tensor, int]:
    """The predicted class of each row, shape (N,), and the number of classes that the scores are of."""
    if scores.ndim == 2 and scores.shape[1] > 1:
        return scores.argmax(dim=1), scores.shape[1]
    return (scores.flatten() > 0).long(), 2


def _grown(counts: Tensor, size: int) -> Tensor:
    more = size - len(counts)
    return torch.nn.functional.pad(counts, (0, more, 0, more)) if more > 0 else counts
