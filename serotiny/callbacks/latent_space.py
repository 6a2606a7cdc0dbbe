"""A callback that draws the embeddings of rows."""

from __future__ import annotations

from typing import Any, ClassVar

import pytorch_lightning as pl
import torch
from torch import Tensor

from serotiny.callbacks.errors import CallbackError
from serotiny.callbacks.evaluation_picture import EvaluationPicture, entry, on_host
from serotiny.pictures.scatter import draw_scatter


class LatentSpace(EvaluationPicture):
    """Draws the embeddings of validation and test in a plane: `pictures/latent_space.png`, `…_test.png`.

    Embeddings of more than two dimensions are projected onto their first two principal axes. With several processes
    only rows of the first one are shown.

    Args:
        colour: The key of the batch (a loader's) whose value colours a row; texts and few whole numbers get a colour each.
        embedding: The key under which the model's `predict_step` returns embeddings, shape (N, D).
        most_rows: The number of rows to show at most; the first ones are taken.
        every_n_epochs: Draw after the validation of each n-th epoch; a test is always drawn.

    Raises:
        CallbackError: `most_rows` or `every_n_epochs` is not positive.
    """

    picture: ClassVar[str] = "latent_space"

    def __init__(
        self,
        colour: str | None = None,
        embedding: str = "embedding",
        most_rows: int = 2000,
        every_n_epochs: int = 1,
    ) -> None:
        super().__init__(every_n_epochs)
        if most_rows < 1:
            raise CallbackError(f"`most_rows` is {most_rows}; it is positive")
        self.colour = colour
        self.embedding = embedding
        self.most_rows = most_rows
        self._embeddings: list[Tensor] = []
        self._colours: list[Any] = []

    def begin(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Discard the rows of the previous picture."""
        self._embeddings, self._colours = [], []
        self._is_first = trainer.is_global_zero

    def wants(self) -> bool:
        """Whether there are fewer than `most_rows` rows."""
        return self._is_first and sum(map(len, self._embeddings)) < self.most_rows

    def see(self, pl_module: pl.LightningModule, batch: Any, predicted: Any) -> None:
        """Keep a batch's embeddings and colours."""
        found = on_host(entry(predicted, self.embedding, "what `predict_step` gives", "embedding"))
        self._embeddings.append(found.flatten(1))
        if self.colour is not None:
            given = entry(batch, self.colour, "the batch", "colour")
            self._colours += given.flatten().tolist() if isinstance(given, Tensor) else list(given)

    def draw(self, trainer: pl.Trainer) -> bytes | None:
        """The picture as PNG, on rank 0; None when there are no rows."""
        if not self._embeddings:
            return None
        points = torch.cat(self._embeddings)[: self.most_rows]
        colours = self._colours[: self.most_rows] if self.colour is not None else None
        names = ("dimension 1", "dimension 2")
        if points.shape[1] > 2:
            names = ("principal axis 1", "principal axis 2")
        return draw_scatter(
            in_plane(points).numpy(), colours, colour_name=self.colour or "", axis_names=names
        )


def in_plane(points: Tensor) -> Tensor:
    """Points of shape (N, D) projected onto their first two principal axes, (N, 2); not projected if D is at most 2.

    The sign of an axis is chosen so that its largest entry is positive: the same points give the same picture.
    """
    if points.shape[1] <= 2:
        return torch.nn.functional.pad(points, (0, 2 - points.shape[1]))
    centred = torch.nan_to_num(points - points.mean(dim=0))
    _, _, axes = torch.linalg.svd(centred.double(), full_matrices=False)
    axes = axes[:2]
    largest = axes.gather(1, axes.abs().argmax(dim=1, keepdim=True))
    found = centred.double() @ (axes * largest.sign()).T
    return torch.nn.functional.pad(found, (0, 2 - found.shape[1])).float()
