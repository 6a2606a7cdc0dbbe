"""A callback that writes predictions batch by batch."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pyarrow as pa

from serotiny.filesystem import replacing
from serotiny.ml_ops.predictions.file import LOADER, PredictionFile, joined, with_ids, write_all
from serotiny.ml_ops.predictions.tables import PredictionsError, as_table

_log = logging.getLogger(__name__)

TABLE = "predictions.parquet"
CSV_TABLE = "predictions.csv"


class PredictionWriter:
    """Writes the results of `predict_step`, a batch at a time.

    With several processes each writes its own file, and rank 0 joins them in the order of the manifest.

    Args:
        folder: the folder of the file.
        as_csv: whether to write a CSV, in which lists are split into a column for each entry.
    """

    def __init__(self, folder: Path, as_csv: bool) -> None:
        super().__init__()
        self._folder = folder
        self._as_csv = as_csv
        self._file: PredictionFile | None = None
        self._is_empty = True
        self._is_silent = False

    def on_predict_start(self, trainer: Any, pl_module: Any) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file = PredictionFile(self._share(trainer.global_rank))

    def on_predict_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int, dataloader_idx: int = 0
    ) -> None:
        assert self._file is not None
        if outputs is None:  # of a model that writes them itself
            self._is_silent = True
            return
        table = with_ids(as_table(outputs), batch)
        if trainer.predict_loop.num_dataloaders > 1:
            table = table.add_column(0, LOADER, pa.array([dataloader_idx] * len(table), pa.int64()))
        self._file.write(table)
        self._is_empty = False

    def on_predict_end(self, trainer: Any, pl_module: Any) -> None:
        assert self._file is not None
        if self._is_empty and self._is_silent:
            _log.warning("`predict_step` gave nothing, and there is no table of predictions")
        elif self._is_empty and trainer.world_size == 1:
            raise PredictionsError("there is nothing to write: `predict_step` gave no batch")
        with self._file:
            pass
        trainer.strategy.barrier()
        if not trainer.is_global_zero:
            return
        shares = [share for rank in range(trainer.world_size) if (share := self._share(rank)).exists()]
        try:
            if shares:
                self._join(shares)
        finally:
            for share in shares:
                share.unlink(missing_ok=True)

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """No part of a table stays."""
        self._share(trainer.global_rank).unlink(missing_ok=True)

    def _join(self, shares: list[Path]) -> None:
        target = self._folder / (CSV_TABLE if self._as_csv else TABLE)
        if len(shares) == 1 and not self._as_csv:
            shares[0].replace(target)
            return
        with replacing(target) as beside:
            write_all(joined(shares), beside, self._as_csv)

    def _share(self, rank: int) -> Path:
        return self._folder / f".{TABLE}.{rank}"
