"""SER306, SER320, SER321, SER325: the manifest exists and has the columns that the config names, with cells that loaders can take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.manifest.cells import cell_fault
from serotiny.compiler.checks.manifest.loaders import unfit_loaders
from serotiny.compiler.checks.manifest.missing import by_cause, missing_column
from serotiny.compiler.checks.manifest.tables import ManifestReading, Table, manifest_readings
from serotiny.compiler.target_nodes import TargetNode, argument, argument_or_default, shown, via
from serotiny.compiler.tree import Node, Unknown, join
from serotiny.diagnostics import Diagnostic
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.loader_columns import CONDITIONS, Wanted, is_declaration, wanted
from serotiny.manifest.selection import ColumnSelection, listing

_NAMING: Final = ("split_column", "split_id", "split_group", "stratify", "balanced")
"""The parameters of the data module whose values are names of columns."""


def check_manifest_columns(context: CheckContext) -> Iterator[Diagnostic]:
    """Check the files and columns that each ManifestDatamodule of a config names against the files' headers."""
    for reading in manifest_readings(context):
        yield from reading.faults
        yield from unfit_loaders(reading.loaders, context)
        faults = [*_own_faults(reading), *_loaders_faults(reading, context)]
        # one loader may serve three splits
        yield from by_cause({(fault.code, fault.key): fault for fault in reversed(faults)}.values())


def tables_of(reading: ManifestReading, split: str) -> list[Table]:
    """The tables whose rows a split's loaders load."""
    return [table for table in reading.tables if table.split in (None, split)]


def wanted_of(loader: TargetNode, context: CheckContext) -> Wanted | None:
    """The columns that a loader takes, as declared by its class; None when the class declares none.

    Raises:
        ManifestError: conditions of which none is given, or a bad regular expression.
    """
    declared = context.reader.class_constant(loader.signature.path, "columns")
    if declared is None or not is_declaration(declared.value):
        return None

    def value_of(parameter: str) -> Any:
        passed = context.reader.passed_to_base(loader.signature.path, parameter)
        if passed is None:
            return Unknown()
        return passed.value if passed.parameter is None else argument_or_default(loader, passed.parameter)

    return wanted(declared.value, value_of)


def _own_faults(reading: ManifestReading) -> Iterable[Diagnostic]:
    datamodule = reading.datamodule
    columns = argument(datamodule, "columns")
    for table in reading.tables:
        for name in _NAMING:
            node = argument(datamodule, name)
            if node is not None and node.value is not None and (table.split is None or name == "balanced"):
                yield from missing_column(
                    node, (*datamodule.keys, name), names=table.header, table=table, datamodule=datamodule
                )
        for index, column in columns.children() if columns is not None else ():
            yield from missing_column(
                column,
                (*datamodule.keys, "columns", index),
                names=table.header,
                table=table,
                datamodule=datamodule,
            )


def _loaders_faults(reading: ManifestReading, context: CheckContext) -> Iterable[Diagnostic]:
    for split, loaders in reading.loaders.items():
        for table in tables_of(reading, split):
            for keys in loaders.values():
                loader = context.targets.get(keys)
                if loader is not None and not loader.is_partial:
                    yield from _loader_faults(loader, table, reading.datamodule, context)


def _loader_faults(
    loader: TargetNode, table: Table, datamodule: TargetNode, context: CheckContext
) -> Iterable[Diagnostic]:
    try:
        taken = wanted_of(loader, context)
    except ManifestError as error:
        yield _no_selection(loader, str(error))
        return
    if taken is None:
        return
    selected = taken.selection.columns if taken.selection is not None else ()
    for name, parameter in (*taken.names, *((name, "columns") for name in selected or ())):
        if name not in table.read and (not parameter or argument(loader, parameter) is None):
            message = f"`{table.name}` has no column `{name}`, which `{loader.target.value}` takes"
            note = f"its columns are {listing(table.read.names)}"
            yield Diagnostic(
                "SER321",
                message,
                loader.target.place,
                join(loader.keys),
                help="correct the class, or what the config gives it",
                notes=(note,),
            )
    for parameter in dict.fromkeys(parameter for _, parameter in taken.names if parameter):
        yield from _named_by(loader, parameter, table, datamodule)
    if taken.selection is not None:
        if (columns := argument(loader, "columns")) is None or columns.is_list:  # else told by its type
            yield from _named_by(loader, "columns", table, datamodule)
        yield from _selection_faults(loader, taken.selection, table)
    fault = cell_fault(loader, taken, table)
    if fault is not None:
        yield fault


def _no_selection(loader: TargetNode, reason: str) -> Diagnostic:
    regex = argument(loader, "regex")
    if regex is not None:
        return Diagnostic(
            "SER303", reason, regex.place, loader.place_key("regex"), help=None, notes=via(regex)
        )
    return Diagnostic("SER302", reason, loader.target.place, join(loader.keys))


def _named_by(
    loader: TargetNode, parameter: str, table: Table, datamodule: TargetNode
) -> Iterable[Diagnostic]:
    """SER321 for each unknown column that a parameter names; its value is a name or a list of names."""
    node = argument(loader, parameter)
    keys = (*loader.keys, parameter)
    if node is None:
        return
    if not node.is_list:
        yield from missing_column(node, keys, names=table.read, table=table, datamodule=datamodule)
    for index, column in node.children() if node.is_list else ():
        yield from missing_column(
            column, (*keys, index), names=table.read, table=table, datamodule=datamodule
        )


def _selection_faults(loader: TargetNode, selection: ColumnSelection, table: Table) -> Iterable[Diagnostic]:
    if any(name not in table.read for name in selection.columns or ()):
        return
    if not any(selection.matches(name) for name in table.read.names):
        given = [(name, node) for name in CONDITIONS if (node := argument(loader, name)) is not None]
        given = [(name, node) for name, node in given if node.value is not None]
        name, node = given[0] if len(given) == 1 else ("_target_", loader.target)
        yield Diagnostic(
            "SER321",
            f"no column of `{table.name}` matches {_conditions(given) or selection}",
            node.place,
            loader.place_key(name) if len(given) == 1 else join(loader.keys),
            help="change it so that one of the columns fits",
            notes=(*via(node), f"its columns are {listing(table.read.names)}"),
        )


def _conditions(given: list[tuple[str, Node]]) -> str:
    return ", ".join(f"`{name}: {shown(node) if node.value != [] else '[]'}`" for name, node in given)
