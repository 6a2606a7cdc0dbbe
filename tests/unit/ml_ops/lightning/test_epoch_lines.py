from __future__ import annotations

import logging
from types import SimpleNamespace

import pytest

from serotiny.ml_ops.lightning.epoch_lines import EpochLines


def test_epochs_that_are_short_get_a_line_now_and_then_and_the_last_one_always(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Of a hundred quick epochs the first and the last are told."""
    lines = EpochLines()
    with caplog.at_level(logging.INFO, logger="serotiny.progress"):
        for epoch in range(100):
            trainer = SimpleNamespace(
                is_global_zero=True, max_epochs=100, current_epoch=epoch, callback_metrics={"val_loss": 0.25}
            )
            lines.on_train_epoch_end(trainer, None)

    assert ["epoch 0/99: val_loss 0.25", "epoch 99/99: val_loss 0.25"] == [r.message for r in caplog.records]


class _OfTwo:
    """The trainer of one of two processes."""

    max_epochs, current_epoch = 1, 0

    def __init__(self, rank: int) -> None:
        self.is_global_zero = rank == 0
        self.asked = 0

    @property
    def callback_metrics(self) -> dict[str, float]:
        self.asked += 1
        return {"val_loss": 0.25}


def test_every_process_takes_part_in_the_means_of_metrics() -> None:
    """They are taken over all processes, which would wait for one that does not."""
    trainers = [_OfTwo(rank) for rank in (0, 1)]
    for trainer in trainers:
        EpochLines().on_train_epoch_end(trainer, None)
    assert [1, 1] == [trainer.asked for trainer in trainers]
