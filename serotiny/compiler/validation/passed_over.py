"""SER309: what is meant for a callback or a logger and is none, which scripts pass over in silence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from serotiny.compiler.project.layout import Layout
from serotiny.compiler.syntax.other_forms import meant_line
from serotiny.compiler.target_nodes import empty_key_above, holds_parts, is_under_trainer
from serotiny.compiler.tree import Keys, Node, join, select
from serotiny.diagnostics import Diagnostic, Place, Severity, closest

_TARGET: Final = "_target_"
_CLASS: Final = re.compile(r"(?:[a-z_]\w*\.)+[A-Z]\w*")


def passed_over(root: Node, layout: Layout) -> Iterator[Diagnostic]:
    """SER309 for each mapping without `_target_`, and each text, that was meant for a callback or a logger.

    So it was if its name is almost that of one, if another key gives it a class, if the option of its own name
    gives it beside others that have one (a warning: another may give the class), or if a text looks like a key with its value.
    """
    for kind, part in (("callback", "callbacks"), ("logger", "logger")):
        keys = layout.keys(part)
        if keys is None or is_under_trainer(layout, part):
            continue  # what an argument of the trainer is, its own signature says
        section = select(root, keys)
        if section is None or not section.is_mapping:
            continue
        if (lost := section.get(_TARGET)) is not None:
            if holds_parts(keys, section, layout):
                yield _without_name(kind, keys, section, lost)
            continue
        named = [str(key) for key, node in section.children() if node.get(_TARGET) is not None]
        for key, node in section.children():
            if node.get(_TARGET) is None and not node.incomplete:
                yield from _meant(kind, (*keys, key), section, named)


def _without_name(kind: str, keys: Keys, section: Node, lost: Node) -> Diagnostic:
    """A class among the names of the others, as a line that is not indented below the name above it gives it."""
    place, key = lost.blame_key(), join((*keys, _TARGET))
    name = empty_key_above(section, place)
    message = f"`{key}` is the class of no {kind}, so it is passed over"
    fix = (
        f"indent it by two spaces, below `{name}`"
        if name
        else f"give the {kind} a name, and indent what is its below that"
    )
    return Diagnostic("SER309", message, place, key, help=fix)


def _meant(kind: str, keys: Keys, section: Node, named: list[str]) -> Iterator[Diagnostic]:
    node, name, key = section.value[keys[-1]], str(keys[-1]), join(keys)
    message = f"`{key}` has no `{_TARGET}`, so it is no {kind} and is passed over"
    if isinstance(node.value, str) and (fix := meant_line(node.value)) is not None:
        yield Diagnostic(
            "SER309", f"`{key}` is a text, so it is no {kind} and is passed over", node.place, key, help=fix
        )
    elif node.is_mapping and (by := _with_class(node)) is not None:
        yield Diagnostic("SER309", message, node.value[by].blame_key(), join((*keys, by)), suggestion=_TARGET)
    elif node.is_mapping and (meant := closest(name, named)) is not None:
        # of two names, that of the option's file is right
        place = _own_place(keys, section.value[meant])
        suggestion = meant if place is None else name
        yield Diagnostic("SER309", message, place or node.blame_key(), key, suggestion=suggestion)
    elif named and _gives_arguments(node) and (place := _own_place(keys, node)) is not None:
        fix = f"name its class below it: `{_TARGET}: …`"
        yield Diagnostic("SER309", message, place, key, help=fix, severity=Severity.WARNING)


def _gives_arguments(node: Node) -> bool:
    """Whether a node is a mapping of nothing but arguments: one with `_name_` or the like is made by other code."""
    return node.is_mapping and bool(node.value) and not any(str(key).startswith("_") for key in node.value)


def _with_class(node: Node) -> str | None:
    """The only key of a mapping that has the dotted path of a class."""
    found = [
        str(key)
        for key, child in node.children()
        if isinstance(child.value, str) and _CLASS.fullmatch(child.value)
    ]
    return found[0] if len(found) == 1 else None


def _own_place(keys: Keys, node: Node) -> Place | None:
    """Where the option of its name gives a callback or a logger, or something to it."""
    section, name = map(str, keys[-2:])
    for place in (node.blame_key(), *reversed(node.history)):
        path = PurePosixPath(place.file or "")
        if path.stem == name and section in path.parts:
            return place
    return None
