"""SER321: a name that a table has no column of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from serotiny.compiler.checks.manifest.tables import Columns, Table
from serotiny.compiler.target_nodes import TargetNode, plain, shown, via
from serotiny.compiler.tree import Keys, Node, join
from serotiny.diagnostics import Diagnostic, closest
from serotiny.manifest.selection import listing
from serotiny.targets.value_types.tolerance import reads_as_number

_SPACED: Final = "take the spaces around the names out of the file's first line, and behind its commas"
_VALUES: Final = "name one of its columns; if its first line holds values, put a line with the names of the columns above it"


def missing_column(
    node: Node, keys: Keys, names: Columns, table: Table, datamodule: TargetNode
) -> Iterable[Diagnostic]:
    """SER321 when a table has no column of this name."""
    name = plain(node)
    if not isinstance(name, str) or name in names:
        return
    if name in table.header:
        place = datamodule.place_key("columns")
        message = f"column `{shown(node)}` is not read, since `{place}` leaves it out"
        yield Diagnostic(
            "SER321", message, node.place, join(keys), help=f"add it to `{place}`", notes=via(node)
        )
        return
    meant = closest(name, names.names) if not node.is_secret else None
    spaced = next((column for column in names.names if column.strip() == name), None)
    fix: str | None = "name one of its columns"
    suggestion = None
    if spaced is not None:
        fix = _SPACED
    elif meant is not None and not meant.isprintable():
        fix = f"write `{json.dumps(meant)}` in a config file, with the quotes"
    elif meant is not None:
        fix, suggestion = None, meant
    elif any(reads_as_number(column) for column in names.names):
        fix = _VALUES
    yield Diagnostic(
        "SER321",
        f"`{table.name}` has no column `{shown(node)}`",
        node.place,
        join(keys),
        help=fix,
        notes=(*via(node), f"its columns are {listing(names.names)}"),
        suggestion=suggestion,
    )


def by_cause(faults: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """One fault for all columns that are missing because of one line of a file."""
    of_file: dict[tuple[str | None, tuple[str, ...]], list[Diagnostic]] = {}
    for fault in faults:
        if fault.help in (_SPACED, _VALUES):
            of_file.setdefault((fault.help, fault.notes[-1:]), []).append(fault)
        else:
            yield fault
    for same in of_file.values():
        first, *others = sorted(same, key=lambda fault: fault.key or "")
        keys = [fault.key or "" for fault in others]
        told = (f"the same holds for {listing(keys)}",) if keys else ()
        yield replace(first, notes=(*first.notes, *told))
