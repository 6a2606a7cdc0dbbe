"""Log the progress without a terminal, in one line for an epoch."""

from __future__ import annotations

import logging
import time
from typing import Any

_log = logging.getLogger("serotiny.progress")

_SECONDS_BETWEEN_LINES = 2.0


class EpochLines:
    """Logs the metrics at the end of an epoch at level INFO; not of each one if epochs are short."""

    def __init__(self) -> None:
        self._last_line_s = 0.0

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        # in every process: the mean over all of them is taken here, and each has to take part in it, in the same order
        found = trainer.callback_metrics
        now_s = time.monotonic()
        is_last = trainer.max_epochs == trainer.current_epoch + 1
        if not trainer.is_global_zero or (now_s - self._last_line_s < _SECONDS_BETWEEN_LINES and not is_last):
            return
        self._last_line_s = now_s
        metrics = ", ".join(f"{name} {float(value):.4g}" for name, value in sorted(found.items()))
        # counted from 0, as in Lightning's progress bar, its metric `epoch` and its checkpoint names
        last = "?" if trainer.max_epochs in (None, -1) else trainer.max_epochs - 1
        _log.info("epoch %d/%s: %s", trainer.current_epoch, last, metrics)
