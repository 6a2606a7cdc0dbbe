"""SER320, SER321: the manifest is there, and has the columns that the config names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.manifest.tables import ManifestReading, Table, manifest_readings
from serotiny.compiler.target_nodes import TargetNode, argument, argument_or_default, plain, shown, via
from serotiny.compiler.tree import Keys, Node, Unknown, join
from serotiny.diagnostics import Diagnostic, closest
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.selection import ColumnSelection, listing

_LOADERS: Final = "serotiny.io.dataframe.loaders"
ONE_COLUMN: Final = (
    f"{_LOADERS}.columns.LoadColumn",
    f"{_LOADERS}.classes.LoadClass",
    f"{_LOADERS}.image.LoadImage",
)
SOME_COLUMNS: Final = f"{_LOADERS}.columns.LoadColumns"
_CONDITIONS: Final = ("columns", "startswith", "endswith", "contains", "excludes", "regex")


def check_manifest_columns(context: CheckContext) -> Iterator[Diagnostic]:
    """What each ManifestDatamodule of a config asks of its files, against their headers."""
    for reading in manifest_readings(context):
        yield from reading.faults
        faults = [*_own_faults(reading), *_loaders_faults(reading, context)]
        # one loader may serve three splits
        yield from {(fault.code, fault.key): fault for fault in reversed(faults)}.values()


def tables_of(reading: ManifestReading, split: str) -> list[Table]:
    """The tables whose rows a split's loaders load."""
    return [table for table in reading.tables if table.split in (None, split)]


def selection_of(loader: TargetNode) -> ColumnSelection | None:
    """What a LoadColumns selects; None when that cannot be told.

    Raises:
        ManifestError: no condition, or a bad regular expression.
    """
    values = {name: argument_or_default(loader, name) for name in _CONDITIONS}
    if any(isinstance(value, Unknown) for value in values.values()):
        return None
    columns = values.pop("columns")
    if not isinstance(columns, list | None) or not all(isinstance(item, str) for item in columns or ()):
        return None
    if not all(isinstance(value, str | None) for value in values.values()):
        return None
    return ColumnSelection(None if columns is None else tuple(columns), **values)


def _own_faults(reading: ManifestReading) -> Iterable[Diagnostic]:
    found = reading.found
    split_column, columns = argument(found, "split_column"), argument(found, "columns")
    for table in reading.tables:
        if split_column is not None and split_column.value is not None and table.split is None:
            yield from _named(
                split_column, (*found.keys, "split_column"), names=table.header, table=table, found=found
            )
        for index, column in columns.children() if columns is not None else ():
            yield from _named(
                column, (*found.keys, "columns", index), names=table.header, table=table, found=found
            )


def _loaders_faults(reading: ManifestReading, context: CheckContext) -> Iterable[Diagnostic]:
    for split, loaders in reading.loaders.items():
        for table in tables_of(reading, split):
            for keys in loaders.values():
                loader = context.targets.get(keys)
                if loader is not None and not loader.is_partial:
                    yield from _loader_faults(loader, table, reading.found)


def _loader_faults(loader: TargetNode, table: Table, found: TargetNode) -> Iterable[Diagnostic]:
    if loader.signature.path in ONE_COLUMN:
        column = argument(loader, "column")
        if column is not None:
            yield from _named(column, (*loader.keys, "column"), names=table.read, table=table, found=found)
    elif loader.signature.path == SOME_COLUMNS:
        yield from _selection_faults(loader, table, found)


def _selection_faults(loader: TargetNode, table: Table, found: TargetNode) -> Iterable[Diagnostic]:
    try:
        selection = selection_of(loader)
    except ManifestError as error:
        regex = argument(loader, "regex")
        if regex is not None:
            yield Diagnostic(
                "SER303", str(error), regex.place, loader.place_key("regex"), help=None, notes=via(regex)
            )
        else:
            yield Diagnostic("SER302", str(error), loader.target.place, join(loader.keys))
        return
    columns = argument(loader, "columns")
    for index, column in columns.children() if columns is not None else ():
        yield from _named(
            column, (*loader.keys, "columns", index), names=table.read, table=table, found=found
        )
    if selection is None or any(name not in table.read for name in selection.columns or ()):
        return
    if not any(selection.matches(name) for name in table.read):
        given = [(name, node) for name in _CONDITIONS if (node := argument(loader, name)) is not None]
        given = [(name, node) for name, node in given if node.value is not None]
        name, node = given[0] if len(given) == 1 else ("_target_", loader.target)
        yield Diagnostic(
            "SER321",
            f"no column of `{table.name}` matches {_conditions(given)}",
            node.place,
            loader.place_key(name) if len(given) == 1 else join(loader.keys),
            help=None,
            notes=(*via(node), f"its columns are {listing(table.read)}"),
        )


def _conditions(given: list[tuple[str, Node]]) -> str:
    return ", ".join(f"`{name}: {shown(node) if node.value != [] else '[]'}`" for name, node in given)


def _named(
    node: Node, keys: Keys, names: tuple[str, ...], table: Table, found: TargetNode
) -> Iterable[Diagnostic]:
    """SER321 when a column's name is not among those of a table."""
    name = plain(node)
    if not isinstance(name, str) or name in names:
        return
    if name in table.header:
        place = found.place_key("columns")
        message = f"column `{shown(node)}` is not read, since `{place}` leaves it out"
        yield Diagnostic(
            "SER321", message, node.place, join(keys), help=f"add it to `{place}`", notes=via(node)
        )
        return
    is_secret = node.reference is not None and node.reference.secret
    yield Diagnostic(
        "SER321",
        f"`{table.name}` has no column `{shown(node)}`",
        node.place,
        join(keys),
        notes=(*via(node), f"its columns are {listing(names)}"),
        suggestion=None if is_secret else closest(name, names),
    )
