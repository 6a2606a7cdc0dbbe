"""Tell a fault of a value that the environment gives without that value."""

from __future__ import annotations

from dataclasses import replace

from serotiny.compiler.tree import Node, every
from serotiny.diagnostics import Diagnostic


def as_written(faults: list[Diagnostic], node: Node) -> list[Diagnostic]:
    """The faults of a node, with the interpolations within it instead of what the environment gave for them."""
    for inner in every(node):
        if inner.is_secret and inner.reference is not None and isinstance(inner.value, str) and inner.value:
            faults = [_without(inner.value, inner.reference.text, fault) for fault in faults]
    return faults


def _without(value: str, text: str, fault: Diagnostic) -> Diagnostic:
    return replace(
        fault,
        message=fault.message.replace(value, text),
        help=fault.help and fault.help.replace(value, text),
        notes=tuple(note.replace(value, text) for note in fault.notes),
    )
