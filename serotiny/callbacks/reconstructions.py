"""A callback that draws inputs with their reconstructions."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, ClassVar

import pytorch_lightning as pl
from torch import Tensor

from serotiny.callbacks.errors import CallbackError
from serotiny.callbacks.evaluation_picture import EvaluationPicture, entry, on_host
from serotiny.pictures.pairs import draw_pairs


class Reconstructions(EvaluationPicture):
    """Draws the first rows of validation and test above their reconstructions: `pictures/reconstructions.png`, `…_test.png`.

    Images are shown as images (the middle slice of volumes), vectors as curves, or as images if `shape` is given.

    Args:
        rows: The number of rows to show.
        x_label: The key of the batch with the input; `None` uses the model's `x_label`.
        output: The key under which the model's `predict_step` returns the reconstruction, of the input's shape.
        shape: The shape of the image that a vector stands for: (H, W) or (C, H, W).
        every_n_epochs: Draw after the validation of each n-th epoch; a test is always drawn.

    Raises:
        CallbackError: `rows` or `every_n_epochs` is not positive, or `shape` does not have two or three sides.
    """

    picture: ClassVar[str] = "reconstructions"

    def __init__(
        self,
        rows: int = 8,
        x_label: str | None = None,
        output: str = "reconstruction",
        shape: Sequence[int] | None = None,
        every_n_epochs: int = 1,
    ) -> None:
        super().__init__(every_n_epochs)
        if rows < 1:
            raise CallbackError(f"`rows` is {rows}; it is positive")
        if shape is not None and len(shape) not in (2, 3):
            raise CallbackError(f"`shape` has {len(shape)} sides; an image has (H, W) or (C, H, W)")
        self.rows = rows
        self.x_label = x_label
        self.output = output
        self.shape = None if shape is None else tuple(shape)
        self._pair: tuple[Tensor, Tensor] | None = None

    def begin(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Discard the rows of the previous picture."""
        self._pair = None
        self._is_first = trainer.is_global_zero

    def wants(self) -> bool:
        """Whether no batch was taken yet."""
        return self._is_first and self._pair is None

    def see(self, pl_module: pl.LightningModule, batch: Any, predicted: Any) -> None:
        """Keep the first rows."""
        label = self.x_label or getattr(pl_module, "x_label", None)
        if label is None:
            raise CallbackError(f"{type(pl_module).__name__} has no `x_label`; give Reconstructions one")
        inputs = on_host(entry(batch, label, "the batch", "x_label"))[: self.rows]
        outputs = on_host(entry(predicted, self.output, "what `predict_step` gives", "output"))[: self.rows]
        if inputs.shape != outputs.shape:
            raise CallbackError(
                f"`{self.output}` has rows of shape {tuple(outputs.shape[1:])}, and the input's have {tuple(inputs.shape[1:])}"
            )
        self._pair = self._shaped(inputs), self._shaped(outputs)

    def draw(self, trainer: pl.Trainer) -> bytes | None:
        """The picture as PNG, on rank 0; None when there are no rows."""
        if self._pair is None:
            return None
        inputs, outputs = self._pair
        return draw_pairs(inputs.numpy(), outputs.numpy())

    def _shaped(self, rows: Tensor) -> Tensor:
        if self.shape is not None:
            if prod(self.shape) != rows[0].numel():
                raise CallbackError(
                    f"`shape` {list(self.shape)} has {prod(self.shape)} entries, and a row has {rows[0].numel()}"
                )
            return rows.reshape(len(rows), *((1,) * (3 - len(self.shape))), *self.shape)
        return rows if rows.ndim in (4, 5) else rows.flatten(1)
