"""SER303: limits of the trainer that leave no batch of a manifest, and intervals that are longer than an epoch."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from serotiny.compiler.checks.batch_limits import refused_limits
from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.manifest.tables import DATAMODULE, ManifestReading, manifest_readings
from serotiny.compiler.target_nodes import TargetNode, argument, argument_or_default, plain, shown, via
from serotiny.diagnostics import Diagnostic
from serotiny.manifest.counts import count_rows, count_values
from serotiny.manifest.files import SPLITS, Split

_LIMITS: Final = (
    *("limit_train_batches", "limit_val_batches", "limit_test_batches", "limit_predict_batches"),
    *("overfit_batches", "val_check_interval", "check_val_every_n_epoch", "fast_dev_run"),
)


def check_manifest_batches(context: CheckContext) -> Iterator[Diagnostic]:
    """Check the trainer's limits against the batches of a training, where a ManifestDatamodule makes them."""
    trainer = context.lightning_trainer
    if trainer is None or context.root.get("test") is None:  # no training
        return
    settings = {name: plain(node) for name in _LIMITS if (node := argument(trainer, name)) is not None}
    if not settings:
        return
    for reading in manifest_readings(context):
        datamodule = reading.datamodule
        if datamodule.keys != ("data",) or datamodule.signature.path != DATAMODULE or not reading.tables:
            continue
        for refused in refused_limits(settings, _batches(context, reading)):
            node = argument(trainer, refused.name)
            assert node is not None
            key = trainer.place_key(refused.name)
            message = f"`{key}` must be {refused.wanted}, not `{shown(node)}`"
            yield Diagnostic(
                "SER303", message, node.place, key, help=refused.fix, notes=via(node), wanted=refused.wanted
            )


def _batches(context: CheckContext, reading: ManifestReading) -> dict[str, int]:
    """The most batches of each loop of the job; loaders may drop rows, and devices divide them."""
    rows = _rows(context, reading)
    size = argument_or_default(reading.datamodule, "batch_size")
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        return {}
    drops = argument_or_default(reading.datamodule, "drop_last") is True
    found = {}
    for loop, split in _loops(context):
        if split in rows:
            is_whole = drops and loop == "train"
            found[loop] = rows[split] // size if is_whole else math.ceil(rows[split] / size)
    return found


def _loops(context: CheckContext) -> Iterator[tuple[str, Split]]:
    """The loops that the job certainly goes through, each with the split whose rows it uses."""
    yield "train", "train"
    model = context.part("model")
    if model is not None and context.reader.has_method(model.signature.path, "validation_step"):
        yield "val", "valid"
    for loop in ("test", "predict"):
        node = context.root.get(loop)
        if node is not None and node.value is True:
            yield loop, "test"


def _rows(context: CheckContext, reading: ManifestReading) -> dict[Split, int]:
    """The most rows of each split, where they are known."""
    datamodule = reading.datamodule
    path = argument_or_default(datamodule, "path")
    if not isinstance(path, str) or argument_or_default(datamodule, "just_inference") is not False:
        return {}
    place = context.project.root / path
    if reading.tables[0].split is not None:
        counts = {table.split: count_rows(place / Path(table.name).name) for table in reading.tables}
        return {split: rows for split, rows in counts.items() if split is not None and rows is not None}
    if argument(datamodule, "split") is not None:
        # a share of them, as it turns out by the hash of each row
        rows = count_rows(place)
        return {} if rows is None else dict.fromkeys(SPLITS, rows)
    return _rows_by_column(datamodule, place)


def _rows_by_column(datamodule: TargetNode, file: Path) -> dict[Split, int]:
    column = argument_or_default(datamodule, "split_column")
    names = argument_or_default(datamodule, "split_map")
    values = count_values(file, column) if isinstance(column, str) else None
    if not values or not isinstance(names, dict | None):
        return {}
    split_of = {split: split for split in SPLITS} if names is None else names
    by_text = {str(value): split for value, split in split_of.items()}
    if not values.keys() <= by_text.keys():
        return {}  # a number may be written in several ways, and what is unknown is told when the table is read
    return {split: sum(rows for value, rows in values.items() if by_text[value] == split) for split in SPLITS}
