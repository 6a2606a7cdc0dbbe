"""GradientNorm and Throughput, under a real trainer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.loggers import CSVLogger
from torch import nn
from torch.utils.data import DataLoader

from serotiny.callbacks import GradientNorm, Throughput
from serotiny.callbacks.errors import CallbackError
from serotiny.callbacks.throughput import rows_of
from serotiny.models import BasicModel

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec.*is deprecated:FutureWarning"),
]


def trained(folder: Path, callback: pl.Callback, **options: Any) -> tuple[pl.Trainer, BasicModel]:
    torch.manual_seed(0)
    model = BasicModel(nn.Linear(2, 1), nn.MSELoss(), "x", "y")
    rows = [{"x": torch.ones(2), "y": torch.full((1,), 3.0)} for _ in range(12)]
    trainer = pl.Trainer(
        default_root_dir=folder,
        accelerator="cpu",
        devices=1,
        logger=CSVLogger(folder),
        log_every_n_steps=1,
        max_epochs=1,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[callback],
        **options,
    )
    loader: Any = DataLoader(rows, batch_size=4)  # type: ignore[arg-type]
    trainer.fit(model, loader, loader)
    return trainer, model


def test_gradient_norm_is_that_of_all_gradients_before_clipping(tmp_path: Path) -> None:
    """It equals the norm that autograd gives by hand, whatever they are clipped to."""
    torch.manual_seed(0)
    network = nn.Linear(2, 1)
    nn.functional.mse_loss(network(torch.ones(4, 2)), torch.full((4, 1), 3.0)).backward()  # type: ignore[no-untyped-call]
    expected = torch.cat([p.grad.flatten() for p in network.parameters() if p.grad is not None]).norm()

    trainer, _ = trained(tmp_path, GradientNorm(every_n_steps=2), max_steps=1, gradient_clip_val=0.1)

    assert pytest.approx(expected.item(), rel=1e-5) == float(trainer.callback_metrics["gradient_norm"])


def test_gradient_norm_comes_every_n_steps() -> None:
    """Not less than at each one."""
    with pytest.raises(CallbackError, match="`every_n_steps` is 0; it is positive"):
        GradientNorm(0)


def test_throughput_is_logged_each_epoch(tmp_path: Path) -> None:
    """Rows a second of the training, and the memory, which is at least that of torch."""
    trainer, _ = trained(tmp_path, Throughput())
    metrics = trainer.callback_metrics
    assert 0 < float(metrics["rows_per_s"]) < 1e9
    assert 50 < float(metrics["peak_memory_mib"])


@pytest.mark.parametrize(
    ("batch", "rows"),
    [
        ({"id": ["a", "b"]}, 2),
        ({"n": torch.tensor(1), "x": torch.zeros(3, 2)}, 3),
        ((torch.zeros(4),), 4),
        ("text", 0),
    ],
)
def test_rows_are_those_of_the_first_value_that_has_some(batch: Any, rows: int) -> None:
    """Whatever kind of batch a data module makes."""
    assert rows == rows_of(batch)
