"""SER316: what a loader of a StreamedDatamodule would have to know of all rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.manifest.loaders import loaders_of
from serotiny.compiler.checks.manifest.tables import is_streamed
from serotiny.compiler.target_nodes import TargetNode, argument, argument_or_default, via
from serotiny.diagnostics import Diagnostic

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
