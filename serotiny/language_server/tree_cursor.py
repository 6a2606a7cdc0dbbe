"""The key, value or reference at a position of a file that could be parsed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from serotiny.compiler.syntax.defaults_list import absolute, read_defaults
from serotiny.compiler.syntax.document import Document
from serotiny.compiler.syntax.references import KeyReference, absolute_keys, key_references
from serotiny.compiler.tree import Keys, Node, walk
from serotiny.diagnostics import Place
from serotiny.language_server.positions import Positions
from serotiny.language_server.session import Session


@dataclass(frozen=True, kw_only=True)
class TreeCursor:
    """A key or a value under the cursor.

    Attributes:
        keys: its path in the composed config.
        local: its path in the file.
        node: the value, as written.
        place: the span of the key or the value, whichever the cursor is on.
        on_key: the cursor is on the key.
        reference: the interpolation key under the cursor, if there is one; the rest is about it.
        target: the path in the composed config that this key names.
        step: the number of steps of that path up to the cursor.
        reference_span: the offsets of the interpolation key in the file's text.
    """

    keys: Keys
    local: Keys
    node: Node
    place: Place
    on_key: bool
    reference: KeyReference | None = None
    target: Keys = ()
    step: int = 0
    reference_span: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class WrittenReference:
    """A key that an interpolation of a file names.

    Attributes:
        target: its path in the composed config.
        steps: the spans of its steps in the file's text; the last ones, when it is relative.
    """

    target: Keys
    steps: tuple[tuple[int, int], ...]

    def span_of(self, depth: int) -> tuple[int, int] | None:
        """The span of the step at `depth` of `target`; None for one that leading dots replace."""
        index = depth - (len(self.target) - len(self.steps))
        return self.steps[index] if 0 <= index < len(self.steps) else None


def tree_cursor_at(session: Session, path: Path, offset: int, positions: Positions) -> TreeCursor | None:
    """The innermost key or value at an offset."""
    document = session.document(path)
    package = session.package_of(path)
    found: TreeCursor | None = None
    for local, node in walk(document.root):
        for place, on_key in ((node.key_place, True), (node.place, False)):
            if (
                place is None
                or place.file != document.file
                or (not on_key and isinstance(node.value, dict | list))
            ):
                continue
            start, end = positions.offsets_of(place)
            # parents come first: the last that is found is the innermost
            if local and start <= offset <= end:
                found = TreeCursor(
                    keys=(*package, *local), local=local, node=node, place=place, on_key=on_key
                )
    if found is None or found.on_key:
        return found
    start, _ = positions.offsets_of(found.place)
    for reference in key_references(positions.slice_of(found.place)):
        target = absolute_keys(reference.key, found.keys)
        if target is not None and start + reference.start <= offset <= start + reference.end:
            inner = [step for step in reference.steps() if start + step[1] <= offset]
            depth = len(target) - len(reference.steps()) + max(len(inner), 1)
            span = (start + reference.start, start + reference.end)
            return TreeCursor(
                keys=found.keys,
                local=found.local,
                node=found.node,
                place=found.place,
                on_key=False,
                reference=reference,
                target=target,
                step=depth,
                reference_span=span,
            )
    return found


def references_in(session: Session, path: Path, positions: Positions) -> list[WrittenReference]:
    """Every key that the interpolations of a file name."""
    document = session.document(path)
    package = session.package_of(path)
    found: list[WrittenReference] = []
    for local, node in walk(document.root):
        if not isinstance(node.value, str) or "${" not in node.value or node.place.file != document.file:
            continue
        start, _ = positions.offsets_of(node.place)
        for reference in key_references(positions.slice_of(node.place)):
            target = absolute_keys(reference.key, (*package, *local))
            if target is not None:
                steps = tuple((start + first, start + last) for _, first, last in reference.steps())
                found.append(WrittenReference(target, steps))
    return found


def keys_in(session: Session, path: Path) -> list[tuple[Keys, Place]]:
    """Every key that a file writes: its path in the composed config, and its span."""
    document = session.document(path)
    package = session.package_of(path)
    return [
        ((*package, *local), node.key_place)
        for local, node in walk(document.root)
        if node.key_place is not None and node.key_place.file == document.file and local[0] != "defaults"
    ]


def named_config_at(document: Document, config_path: str, offset: int, positions: Positions) -> str | None:
    """The path of the config that the entry of a defaults list at an offset names."""
    for entry in read_defaults(document)[0]:
        for place in (entry.place, entry.value_place):
            if place is None or entry.is_self:
                continue
            start, end = positions.offsets_of(place)
            if not start <= offset <= end:
                continue
            if entry.group is None:
                return absolute(str(entry.value), config_path)
            options = entry.value if isinstance(entry.value, tuple) else (entry.value,)
            text = positions.text
            named = next((name for name in options if name and name in _word_at(text, offset)), options[0])
            return f"{entry.group_path(config_path)}/{named}"
    return None


def _word_at(text: str, offset: int) -> str:
    start, end = offset, offset
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] in "_-./"):
        start -= 1
    while end < len(text) and (text[end].isalnum() or text[end] in "_-./"):
        end += 1
    return text[start:end]
