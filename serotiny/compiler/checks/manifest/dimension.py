"""SER322: the input width of a model is the number of columns that its loader takes."""

from __future__ import annotations

from collections.abc import Iterator

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.manifest.columns import tables_of, wanted_of
from serotiny.compiler.checks.manifest.tables import ManifestReading, Table, manifest_readings
from serotiny.compiler.target_nodes import TargetNode, argument, argument_or_default, via
from serotiny.diagnostics import Diagnostic
from serotiny.diagnostics.counts import counted
from serotiny.manifest.errors import ManifestError


def check_manifest_dimension(context: CheckContext) -> Iterator[Diagnostic]:
    """Compare the `x_dim` of a model with the width of the loader that its `x_label` names."""
    model = context.part("model")
    if model is None or model.is_partial:
        return
    label, width = argument_or_default(model, "x_label"), argument_or_default(model, "x_dim")
    if not isinstance(label, str) or not isinstance(width, int) or isinstance(width, bool):
        return
    for reading in manifest_readings(context):
        if reading.datamodule.keys == context.layout.keys("data"):
            yield from _faults(context, reading, model=model, label=label, width=width)


def _faults(
    context: CheckContext, reading: ManifestReading, model: TargetNode, label: str, width: int
) -> Iterator[Diagnostic]:
    for split, loaders in reading.loaders.items():
        loader = context.targets.get(loaders.get(label, ()))
        for table in tables_of(reading, split) if loader is not None else ():
            assert loader is not None
            columns = _columns(loader, table, context)
            if columns is not None and columns != width:
                yield _mismatch(model, loader, table=table, columns=columns, width=width)
                return


def _columns(loader: TargetNode, table: Table, context: CheckContext) -> int | None:
    """The number of columns that a loader takes; None when it is not known or the loader is at fault already."""
    stacks = context.reader.class_constant(loader.signature.path, "stacks_columns")
    if loader.is_partial or stacks is None or stacks.value is not True:
        return None
    try:
        taken = wanted_of(loader, context)
        if taken is None:
            return None
        return len(taken.names) if taken.selection is None else len(taken.selection.select(table.read.names))
    except ManifestError:
        return None


def _mismatch(model: TargetNode, loader: TargetNode, table: Table, columns: int, width: int) -> Diagnostic:
    node = argument(model, "x_dim")
    taken = counted(columns, "column")
    note = f"the loader at {loader.target.place} finds {taken} in `{table.name}`"
    return Diagnostic(
        "SER322",
        f"`model.x_dim` is {width}, but the loader `{loader.keys[-1]}` takes {taken}",
        node.place if node is not None else model.target.place,
        "model.x_dim",
        help=f"set `model.x_dim` to {columns}, or change what the loader takes",
        notes=(*(via(node) if node is not None else ()), note),
    )
