"""SER325: the columns of a parquet file hold what their loader can take."""

from __future__ import annotations

from typing import Final

from serotiny.compiler.checks.manifest.tables import Table
from serotiny.compiler.target_nodes import TargetNode, argument, argument_or_default, plain, shown, via
from serotiny.compiler.tree import Keys, Node, join
from serotiny.diagnostics import Diagnostic
from serotiny.manifest.loader_columns import CONDITIONS, Wanted
from serotiny.manifest.parquet_footer import Held

_LOADERS: Final = "serotiny.io.dataframe.loaders"
_COLUMN, _COLUMNS = f"{_LOADERS}.columns.LoadColumn", f"{_LOADERS}.columns.LoadColumns"
_LABELS: Final = f"{_LOADERS}.classes.LoadClass"
_FILES: Final = (f"{_LOADERS}.image.LoadImage", f"{_LOADERS}.array.LoadArray")

_UNFIT: Final[dict[str, tuple[Held, ...]]] = {
    "numbers": ("texts", "bytes", "dates or times", "lists or structures"),
    "paths": ("bytes", "dates or times", "lists or structures"),
    "numbers or texts": ("bytes", "lists or structures"),
}
"""What a loader takes → what a column must not hold."""


def cell_fault(loader: TargetNode, taken: Wanted, table: Table) -> Diagnostic | None:
    """SER325 for the first column that a loader takes and cannot make anything of; classes of one's own may."""
    wanted = _wanted_cells(loader)
    unfit = _UNFIT.get(wanted or "", ())
    odd = [name for name in taken.of(table.read.names) if table.held.get(name) in unfit]
    if not odd:
        return None
    keys, node = _written(loader, odd[0])
    kind = argument_or_default(loader, "dtype")
    is_text = wanted == "numbers" and table.held[odd[0]] == "texts"
    fix = f"leave it out, or write {wanted} into its cells"
    if is_text and loader.signature.path == _COLUMN:
        fix = f"write numbers into its cells, or leave `dtype: {kind}` out for the texts"
    others = (
        (f"so do {', '.join(f'`{name}`' for name in odd[1:4])}{' …' if odd[4:] else ''}",) if odd[1:] else ()
    )
    name = shown(node) if plain(node) == odd[0] else odd[0]
    return Diagnostic(
        "SER325",
        f"column `{name}` of `{table.name}` holds {table.held[odd[0]]}, and `{loader.target.value}` takes {wanted}",
        node.place,
        join(keys),
        help=fix,
        notes=(*via(node), *others),
    )


def _wanted_cells(loader: TargetNode) -> str | None:
    """What a loader makes its values of."""
    path = loader.signature.path
    if path in _FILES:
        return "paths"
    if path == _LABELS:
        return "numbers or texts"
    if path not in (_COLUMN, _COLUMNS):
        return None
    dtype = argument_or_default(loader, "dtype")
    if dtype is None or dtype == "str":
        return "numbers or texts"
    return "numbers" if isinstance(dtype, str) else None


def _written(loader: TargetNode, name: str) -> tuple[Keys, Node]:
    """Where the config names a column, or else the one condition that it fulfils, or else the loader."""
    given = [
        (parameter, node)
        for parameter in ("column", *CONDITIONS)
        if (node := argument(loader, parameter)) is not None and (node.is_list or node.value is not None)
    ]
    for parameter, node in given:
        for index, item in node.children() if node.is_list else ():
            if plain(item) == name:
                return (*loader.keys, parameter, index), item
    if len(given) == 1:
        return (*loader.keys, given[0][0]), given[0][1]
    return loader.keys, loader.target
