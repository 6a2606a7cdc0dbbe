"""SER323, SER324: the splits that a job uses exist, and the fractions of a random split are valid."""

from __future__ import annotations

from collections.abc import Iterator

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.manifest.tables import ManifestReading, is_streamed, manifest_readings
from serotiny.compiler.target_nodes import TargetNode, argument, argument_or_default, plain, shown, via
from serotiny.compiler.tree import Node
from serotiny.diagnostics import Diagnostic
from serotiny.manifest.counts import count_values
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import SPLITS
from serotiny.manifest.selection import listing
from serotiny.manifest.shares import check_shares


def check_manifest_splits(context: CheckContext) -> Iterator[Diagnostic]:
    """Check that each split that the job asks its ManifestDatamodule for exists."""
    for reading in manifest_readings(context):
        if reading.datamodule.keys != ("data",) or not reading.tables:
            continue
        if _names_no_split(reading.datamodule):
            continue  # told already, by the type of the parameter
        fault = _shares_fault(reading.datamodule)
        if fault is not None:
            yield fault
            continue
        there = _there(context, reading)
        if there is not None:
            yield from _faults(context, reading, there)


def _names_no_split(datamodule: TargetNode) -> bool:
    shares = argument(datamodule, "split")
    return shares is not None and any(key not in SPLITS for key, _ in shares.children())


def _shares_fault(datamodule: TargetNode) -> Diagnostic | None:
    node = argument(datamodule, "split")
    shares = plain(node) if node is not None else None
    if node is None or not isinstance(shares, dict):
        return None
    named = [argument_or_default(datamodule, name) for name in ("split_id", "split_group")]
    try:
        check_shares(shares, is_decided=any(value is not None for value in named))
    except ManifestError as error:
        key = datamodule.place_key("split")
        return Diagnostic("SER324", str(error), node.place, key, help=f"correct `{key}`", notes=via(node))
    return None


def _there(context: CheckContext, reading: ManifestReading) -> set[str] | None:
    """The splits that have rows; None when they are not known."""
    datamodule = reading.datamodule
    if not is_streamed(datamodule) and argument_or_default(datamodule, "just_inference") is not False:
        return None
    loaders = argument(datamodule, "loaders")
    if loaders is None or not loaders.is_mapping:
        return None
    by_loaders: set[str] = {split for split in SPLITS if reading.loaders.get(split)}
    if reading.tables[0].split is not None:
        return by_loaders & {str(table.split) for table in reading.tables}
    shares = argument_or_default(datamodule, "split")
    if isinstance(shares, dict):
        return by_loaders & {str(split) for split, share in shares.items() if share}
    values = _values(context, datamodule)
    if values is None:
        return None if len(by_loaders) == len(SPLITS) else by_loaders
    names = argument_or_default(datamodule, "split_map")
    if names is None:
        return by_loaders & values
    if not isinstance(names, dict) or not {*names.values()} <= {*SPLITS}:
        return None
    return by_loaders & {str(split) for value, split in names.items() if str(value) in values}


def _values(context: CheckContext, datamodule: TargetNode) -> set[str] | None:
    """The values of the split column of a CSV that is small enough to be read; otherwise None."""
    path, column = argument_or_default(datamodule, "path"), argument_or_default(datamodule, "split_column")
    if not isinstance(path, str) or not isinstance(column, str):
        return None
    values = count_values(context.project.root / path, column)
    return set(values) if values else None


def _faults(context: CheckContext, reading: ManifestReading, there: set[str]) -> Iterator[Diagnostic]:
    path = argument(reading.datamodule, "path")
    assert path is not None
    for key, split, node in _asked(context, path):
        if split not in there:
            which = f"`{shown(path)}` has no rows for it" if node is path else f"`{shown(path)}` has none"
            message = f"the training asks for the split `{split}`, and {which}"
            if node is not path:
                message = f"`{key}: true` asks for rows of the split `{split}`, and {which}"
            fix = _how_to_get_rows(context, reading.datamodule, there)
            if node is not path:
                fix += f", or leave out `{key}`"
            yield Diagnostic("SER323", message, node.place, key, help=fix, notes=via(node))


def _how_to_get_rows(context: CheckContext, datamodule: TargetNode, there: set[str]) -> str:
    values = _values(context, datamodule) or set()
    column = argument_or_default(datamodule, "split_column")
    others = sorted(values - {*SPLITS}) if argument_or_default(datamodule, "split_map") is None else []
    if there:
        fix = f"give it rows (it has rows for {listing(sorted(there))})"
        return f"{fix}, or say with `split_map` what {listing(others)} of `{column}` is" if others else fix
    if not values:
        return "give it rows"
    return (
        f"say with `split_map` which values of `{column}` are `train`, `valid` and `test` (it holds "
        f"{listing(sorted(values))}), or name the column that does in `split_column`"
    )


def _asked(context: CheckContext, path: Node) -> Iterator[tuple[str, str, Node]]:
    """Of each split that the job uses: the key that asks for it, the split, and the node at fault if it is missing."""
    if context.root.get("test") is None:
        return  # no training
    yield "data.path", "train", path
    trainer = context.root.get("trainer")
    limit = trainer.get("limit_val_batches") if trainer is not None else None
    if limit is None or limit.value is None or (isinstance(limit.value, int | float) and limit.value > 0):
        yield "data.path", "valid", path
    for key in ("test", "predict"):
        node = context.root.get(key)
        if node is not None and node.value is True:
            yield key, "test", node
