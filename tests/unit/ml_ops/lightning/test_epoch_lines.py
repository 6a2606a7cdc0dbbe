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
