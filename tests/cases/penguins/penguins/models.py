"""Models of this project; a config names them by their path, `penguins.models.MyCustomModel`."""

from collections.abc import Callable, Iterator

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.nn import functional


class MyCustomModel(pl.LightningModule):
    """A small classifier of one row of numbers.

    Args:
        x_dim: how many numbers there are in a row.
        n_classes: how many classes there are.
        x_label: where in a batch the rows are: a float tensor, (batch, x_dim).
        y_label: where in a batch the classes are: an integer tensor, (batch,).
        hidden_dim: the width of the hidden layer.
        optimizer: makes the optimizer from the parameters.
    """

    def __init__(
        self,
        x_dim: int,
        n_classes: int,
        x_label: str,
        y_label: str,
        hidden_dim: int = 16,
        optimizer: Callable[[Iterator[nn.Parameter]], torch.optim.Optimizer] = torch.optim.Adam,
    ) -> None:
        super().__init__()
        self.x_label = x_label
        self.y_label = y_label
        self.optimizer = optimizer
        self.network = nn.Sequential(
            nn.Linear(x_dim, hidden_dim), nn.ReLU(), nn.Linear(hidden_dim, n_classes)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Give the logits of rows, (batch, n_classes)."""
        return self.network(x)

    def training_step(self, batch: dict[str, Tensor], batch_idx: int) -> Tensor:
        return self._step("train", batch)

    def validation_step(self, batch: dict[str, Tensor], batch_idx: int) -> Tensor:
        return self._step("val", batch)

    def test_step(self, batch: dict[str, Tensor], batch_idx: int) -> Tensor:
        return self._step("test", batch)

    def predict_step(self, batch: dict[str, Tensor], batch_idx: int) -> dict[str, Tensor]:
        predicted = self(batch[self.x_label]).argmax(dim=1)
        return {"id": batch["id"], self.y_label: batch[self.y_label], "predicted": predicted}

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return self.optimizer(self.parameters())

    def _step(self, stage: str, batch: dict[str, Tensor]) -> Tensor:
        logits, classes = self(batch[self.x_label]), batch[self.y_label]
        loss = functional.cross_entropy(logits, classes)
        accuracy = (logits.argmax(dim=1) == classes).float().mean()
        self.log(f"{stage}_loss", loss, on_step=False, on_epoch=True, prog_bar=True, batch_size=len(classes))
        self.log(f"{stage}_accuracy", accuracy, on_step=False, on_epoch=True, batch_size=len(classes))
        return loss
