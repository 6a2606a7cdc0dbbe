"""SER303, SER316: what would have to know all rows, or the length of an epoch, of a StreamedDatamodule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.manifest.loaders import loaders_of
from serotiny.compiler.checks.manifest.tables import is_streamed
from serotiny.compiler.target_nodes import TargetNode, argument, argument_or_default, shown, via
from serotiny.diagnostics import Diagnostic

_FRACTIONS: Final = ("limit_train_batches", "limit_val_batches", "overfit_batches", "val_check_interval")
_COLUMNS: Final = "serotiny.io.dataframe.loaders.columns.LoadColumns"
_CLASS: Final = "serotiny.io.dataframe.loaders.classes.LoadClass"


def check_streamed_loaders(context: CheckContext) -> Iterator[Diagnostic]:
    """Check that no loader of a stream needs all rows, which are never there at once."""
    for datamodule in context.targets.values():
        if not is_streamed(datamodule):
            continue
        for keys in loaders_of(datamodule)["train"].values():
            loader = context.targets.get(keys)
            if loader is not None and not loader.is_partial:
                yield from _faults(loader)


def check_streamed_fractions(context: CheckContext) -> Iterator[Diagnostic]:
    """Check that no setting of the trainer is a share of an epoch, whose length Lightning does not know of a stream."""
    trainer, data = context.lightning_trainer, context.targets.get(("data",))
    if trainer is None or data is None or not is_streamed(data) or context.root.get("test") is None:
        return
    if argument_or_default(trainer, "fast_dev_run"):
        return
    for name in _FRACTIONS:
        node = argument(trainer, name)
        if node is not None and isinstance(node.value, float) and 0 < node.value < 1:
            key = trainer.place_key(name)
            message = f"`{key}` must be a number of batches, not the share `{shown(node)}` of an epoch of a StreamedDatamodule"
            fix = "write a whole number, or leave it out"
            yield Diagnostic("SER303", message, node.place, key, help=fix, notes=via(node))


def _faults(loader: TargetNode) -> Iterator[Diagnostic]:
    if loader.signature.path == _COLUMNS:
        for name, without in (("normalize", None), ("on_missing", "error")):
            node = argument(loader, name)
            if node is not None and isinstance(node.value, str) and node.value != without:
                key = loader.place_key(name)
                message = f"`{key}` needs all rows, which a StreamedDatamodule never has at once"
                fix = f"leave `{name}` out, and prepare the columns when the parquet files are written"
                yield Diagnostic("SER316", message, node.place, key, help=fix, notes=via(node))
    elif loader.signature.path == _CLASS and argument_or_default(loader, "classes") is None:
        key = loader.place_key("classes")
        message = f"`{key}` is not given, and a StreamedDatamodule does not know the labels of all rows"
        fix = f"list the labels in `{key}`"
        yield Diagnostic("SER316", message, loader.target.place, key, help=fix)
