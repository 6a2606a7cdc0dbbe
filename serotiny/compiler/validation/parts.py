"""Check the parts of a config in layouts other than serotiny's."""

from __future__ import annotations

from pathlib import Path

from serotiny.compiler.composition.compose import Composed
from serotiny.compiler.limits import MAX_FILE_BYTES
from serotiny.compiler.lookup import closest_keys
from serotiny.compiler.project.layout import DECLARED, KNOWN, Layout
from serotiny.compiler.project.table import TABLE_FILE
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.tree import Keys, Node, Unknown, join, select, split
from serotiny.compiler.validation.passed_over import passed_over
from serotiny.compiler.validation.values import value_faults
from serotiny.diagnostics import Diagnostic, Origin, Place
from serotiny.diagnostics.suggestions import as_question
from serotiny.filesystem import read_plain_file
from serotiny.targets.value_types.types import BOOL, INT, NONE, ValueType, union
from serotiny.targets.value_types.words import kind_in_words

_NEEDED = ("data", "model", "trainer")
_SWITCHES = {"train": BOOL, "test": BOOL, "seed": union(INT, NONE)}
"""Root keys of lightning-hydra-template with their types, which serotiny reads as its scripts do."""


def validate_parts(resolved: Resolved) -> list[Diagnostic]:
    """Check that the parts that an operation needs exist, and the root keys of the layout.

    Returns:
        SER302 for a missing part, SER309 for one that is not a mapping, SER303 for a switch of a wrong type, SER309
        for what is meant for a callback or a logger and is none.
    """
    root, layout = resolved.root, resolved.composed.layout
    faults = [
        fault
        for part, keys in layout.places
        if part in _NEEDED
        for fault in _part_faults(part, keys, resolved.composed, root)
    ]
    if layout.is_template:
        for key, value_type in _SWITCHES.items():
            node = root.get(key)
            if node is not None and not _reads_as_number(node, value_type):
                faults += value_faults(value_type, node, (key,))
    return [*faults, *passed_over(root, layout)]


def _part_faults(part: str, keys: Keys, composed: Composed, root: Node) -> list[Diagnostic]:
    node, key = select(root, keys), join(keys)
    if composed.operation is None:
        return []
    if node is None or node.value is None:
        if root.incomplete or (node is not None and node.incomplete):
            return []
        if node is None and _is_declared(part, keys, composed.layout):
            return [_not_where_declared(part, key, composed, root)]
        fix = f"choose one with `{key}=OPTION`" if key == part else f"give it a `_target_`: `{key}`"
        if node is not None and node.history:
            fix = "take it out, or indent by two spaces what belongs below it: null replaces what is chosen"
        message = f"`{composed.operation}` needs `{key}`"
        place = node.place if node is not None else composed.place_to_choose("/".join(map(str, keys)))
        return [Diagnostic("SER302", message, place, key, help=fix)]
    if not node.is_mapping and not isinstance(node.value, Unknown):
        message = f"`{key}` must be a mapping with `_target_`, not {kind_in_words(node.value)}"
        return [Diagnostic("SER309", message, node.place, key)]
    return []


def _is_declared(part: str, keys: Keys, layout: Layout) -> bool:
    """Whether the project's table says where a part is, and no layout that is known."""
    known = KNOWN.get(layout.name)
    return layout.name == DECLARED if known is None else known.keys(part) != keys


def _not_where_declared(part: str, key: str, composed: Composed, root: Node) -> Diagnostic:
    """SER302 for a part that the project's table says to be at a key that is not there: one fault for all jobs."""
    meant = closest_keys(root, split(key))
    fix = as_question(join(meant)) if meant is not None else "name the key of the config that holds it"
    message = f"`layout.{part}` is `{key}`, which the config does not have"
    return Diagnostic("SER302", message, _declared_at(key, composed.project.root), key, help=fix)


def _declared_at(key: str, root: Path) -> Place:
    """Where the project's table names a key."""
    try:
        lines = read_plain_file(root / TABLE_FILE, MAX_FILE_BYTES).decode("utf-8").splitlines()
    except (OSError, ValueError):
        lines = []
    for number, text in enumerate(lines, 1):
        column = max(text.find(f'"{key}"'), text.find(f"'{key}'")) + 1
        if column:
            end = column + len(key) + 2
            return Place(Origin.FILE, TABLE_FILE, line=number, column=column, end_line=number, end_column=end)
    return Place(Origin.FILE, TABLE_FILE, line=1, column=1, end_line=1, end_column=1)


def _reads_as_number(node: Node, value_type: ValueType) -> bool:
    """Whether a text is a number, which Lightning accepts as a seed."""
    return value_type != BOOL and isinstance(node.value, str) and node.value.isdecimal()
