"""Build a tree of the events of a YAML document, without recursion and within bounds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import yaml

from serotiny.compiler.limits import MAX_DEPTH, MAX_NODES
from serotiny.compiler.syntax.scalars import (
    MERGE,
    STR,
    TAG,
    VALUE,
    build,
    has_value,
    meaning_of_old_number,
    switch_meant,
    tag_of,
)
from serotiny.compiler.tree import Node
from serotiny.diagnostics import Diagnostic, Origin, Place
from serotiny.plain_yaml import is_too_large_a_key

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MERGE_KEY: Final = object()
"""Stands for the key `<<` while a mapping is being read; quoted it is a key like any other."""


_MOST_SHOWN: Final = 80  # characters of a value, in a message
_NO_TAG: Final = "write the value without a tag; a text in quotes"
_UNROLL: Final = "write out what it stands for, or refer to a key with `${…}`"
_ONE: Final = "keep what stands above the second `---`, and make a file of the rest"


class UnreadableError(Exception):
    """A fault because of which the text cannot be read any further."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def too_deep(place: Place) -> Diagnostic:
    """SER108 where collections are nested too deeply."""
    return Diagnostic(
        "SER108", f"nested deeper than {MAX_DEPTH} levels", place, help="make a file of an inner part"
    )


@dataclass(slots=True, kw_only=True)
class _Frame:
    """A collection that is being built."""

    start: Any
    anchor: str | None
    node: Node
    size: int = 1
    levels: int = 1
    key: tuple[Any, Place] | None = None
    merged: dict[Any, Node] | None = None

    @property
    def awaits_key(self) -> bool:
        return self.key is None and self.node.is_mapping


class TreeBuilder:
    """Turns the events of libyaml into nodes.

    A fault after which the rest can still be read is collected in `diagnostics`; any other is raised.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.diagnostics: list[Diagnostic] = []
        self._anchors: dict[str, tuple[Node, int, int] | None] = {}
        self.nodes = 0
        self.levels = 0

    def build(self, text: str) -> Node:
        """The document's tree; an empty file is an empty mapping."""
        stack: list[_Frame] = []
        root: Node | None = None
        documents = 0
        # events, since PyYAML's composer recurses with each level and does not keep the place of an alias
        for event in yaml.parse(text, Loader=_Loader):
            size, levels = 1, 0
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._fault(
                        "SER101", "YAML syntax: more than one document in the file", event, _ONE
                    )
                continue
            if isinstance(event, yaml.ScalarEvent):
                node = self._scalar(event, is_key=bool(stack) and stack[-1].awaits_key)
                self._remember(event.anchor, node, 1, 0)
            elif isinstance(event, yaml.AliasEvent):
                node, size, levels = self._alias(event, len(stack))
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                stack.append(self._open(event, len(stack)))
                continue
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                frame = stack.pop()
                node, size, levels = self._close(frame, event), frame.size, frame.levels
            else:
                continue
            if stack:
                stack[-1].size += size
                stack[-1].levels = max(stack[-1].levels, levels + 1)
                self._add(stack[-1], node, event)
            else:
                root, self.levels = node, levels
        if root is None or (root.value is None and not root.history):
            return Node({}, Place(Origin.FILE, self.file, line=1, column=1, end_line=1, end_column=1))
        return root

    def _fault(self, code: str, message: str, event: Any, fix: str | None = None) -> UnreadableError:
        return UnreadableError(Diagnostic(code, message, self._place(event, event), help=fix))

    def _place(self, start: Any, end: Any) -> Place:
        first, last = start.start_mark, end.end_mark
        return Place(
            Origin.FILE,
            self.file,
            line=first.line + 1,
            column=first.column + 1,
            end_line=last.line + 1,
            end_column=last.column + 1,
        )

    def _count(self, nodes: int, event: Any) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            message = f"more than {MAX_NODES:,} values once its aliases are expanded"
            raise self._fault("SER108", message, event, "write fewer, or refer to them with `${…}`")

    def _scalar(self, event: Any, is_key: bool) -> Node:
        self._count(1, event)
        self._new_anchor(event)
        tag, place = tag_of(event), self._place(event, event)
        if is_key and tag == MERGE:
            return Node(_MERGE_KEY, place)
        if tag == STR or (is_key and tag == VALUE):
            meant = switch_meant(event.value) if event.implicit[0] and not is_key else None
            if meant is not None:
                message, fix = f"`{event.value}` is a text", f"write `{meant}` if that is meant, or quote it"
                self.diagnostics.append(Diagnostic("SER124", message, place, help=fix))
            return Node(event.value, place)
        # `=`: YAML 1.1 has a tag for it, PyYAML no constructor
        if not has_value(tag) and event.tag is None:
            raise self._fault("SER101", f"YAML keeps `{event.value}` for itself", event, "quote it")
        if not has_value(tag):
            raise self._fault("SER101", f"the YAML tag `{_shown(tag)}` is not allowed", event, _NO_TAG)
        try:
            node = Node(build(tag, event), place, written=event.value)
        except ValueError as error:
            text = event.value if len(event.value) <= _MOST_SHOWN else f"{event.value[:_MOST_SHOWN]}…"
            raise self._fault("SER101", f"`{text}` is not `{_shown(tag)}`", event, _NO_TAG) from error
        old = meaning_of_old_number(node.value, event.value) if event.tag is None else None
        if old is not None:
            self._tell_old_form(node, f"{old}, to YAML 1.1 alone")
        return node

    def _alias(self, event: Any, depth: int) -> tuple[Node, int, int]:
        if event.anchor not in self._anchors:
            fix = f"set it further up in this file with `&{event.anchor}`, or refer to a key with `${{…}}`"
            raise self._fault("SER101", f"YAML syntax: found undefined alias `*{event.anchor}`", event, fix)
        anchored = self._anchors[event.anchor]
        if anchored is None:
            raise self._fault("SER108", f"the alias `*{event.anchor}` holds itself", event, _UNROLL)
        self._count(anchored[1], event)
        if depth + anchored[2] > MAX_DEPTH:
            raise UnreadableError(too_deep(self._place(event, event)))
        return anchored

    def _open(self, event: Any, depth: int) -> _Frame:
        self._count(1, event)
        if depth >= MAX_DEPTH:
            raise UnreadableError(too_deep(self._place(event, event)))
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        allowed = (None, "!", f"{TAG}map" if is_mapping else f"{TAG}seq")
        if event.tag not in allowed:
            raise self._fault("SER101", f"the YAML tag `{_shown(event.tag)}` is not allowed", event, _NO_TAG)
        self._new_anchor(event)
        if event.anchor:
            self._anchors[event.anchor] = None
        return _Frame(start=event, anchor=event.anchor, node=Node({} if is_mapping else []))

    def _close(self, frame: _Frame, event: Any) -> Node:
        place = self._last_span(frame, event)
        value = frame.node.value
        if isinstance(value, list) and any(isinstance(item.value, str) for item in value):
            for item in value:
                if isinstance(item.value, bool) and str(item.written).lower() not in ("true", "false"):
                    self._tell_old_form(item, f"{str(item.value).lower()}, which stands among texts here")
        if frame.merged is not None:
            value = {**frame.merged, **value}  # what is merged comes first, as in PyYAML
        node = Node(value, place)
        self._remember(frame.anchor, node, frame.size, frame.levels)
        return node

    def _last_span(self, frame: _Frame, event: Any) -> Place:
        """The place of a collection; a block ends where its last value does, not at the next token as in libyaml."""
        place = self._place(frame.start, event)
        children = [child for _, child in frame.node.children()]
        if frame.start.flow_style or not children:
            return place
        end = children[-1].place
        return replace(place, end_line=end.end_line, end_column=end.end_column)

    def _new_anchor(self, event: Any) -> None:
        # YAML allows an anchor to be defined again, PyYAML's composer does not
        if event.anchor in self._anchors:
            message = f"YAML syntax: the anchor `&{event.anchor}` is given twice"
            raise self._fault("SER101", message, event, "rename one of the two")

    def _remember(self, anchor: str | None, node: Node, size: int, levels: int) -> None:
        if anchor:
            self._anchors[anchor] = (node, size, levels)

    def _add(self, frame: _Frame, node: Node, event: Any) -> None:
        container = frame.node.value
        if isinstance(container, list):
            container.append(node)
        elif frame.key is None:
            frame.key = self._as_key(node, event)
        else:
            (key, key_place), frame.key = frame.key, None
            if key is _MERGE_KEY:
                self._merge(frame, node, key_place, event)
            elif key in container:
                self._given_twice(key, container[key], key_place, "take one of the two out")
            else:
                container[key] = replace(node, key_place=key_place)

    def _tell_old_form(self, node: Node, meaning: str) -> None:
        message = f"`{node.written}` is {meaning}"
        fix = f"write `{str(node.value).lower()}` if that is meant, or quote it"
        self.diagnostics.append(Diagnostic("SER124", message, node.place, help=fix))

    def _given_twice(self, key: Any, first: Node, place: Place, fix: str) -> None:
        notes = (f"first set at {first.key_place}",) if first.key_place else ()
        message = f"the key `{key}` is given twice"
        self.diagnostics.append(Diagnostic("SER102", message, place, help=fix, notes=notes))

    def _as_key(self, node: Node, event: Any) -> tuple[Any, Place]:
        if node.value is None or isinstance(node.value, dict | list):
            if node.value is None:
                raise self._fault("SER101", "null is no key", event, "quote it")
            raise self._fault("SER101", "a key must be a plain value", event, _instead_of_a_key(node))
        if is_too_large_a_key(node.value):
            raise self._fault("SER108", "a number as a key has more than 18 digits", event, "quote it")
        return node.value, node.place

    def _merge(self, frame: _Frame, node: Node, place: Place, event: Any) -> None:
        bases = node.value if node.is_list else [node]
        if not all(base.is_mapping for base in bases):
            raise self._fault(
                "SER101", "`<<` takes a mapping or a list of mappings", event, "give it `*name` of a mapping"
            )
        merged: dict[Any, Node] = {}
        for base in reversed(bases):  # the first of a list wins
            merged.update(base.value)
        before = frame.merged or {}
        for key, value in merged.items():
            if before.get(key, value) is not value:
                # which of two `<<` wins depends on the reader, down to the version of PyYAML
                self._given_twice(
                    key, before[key], place, "merge both in one list, whose first wins: `<<: [*a, *b]`"
                )
        frame.merged = {**before, **merged}


def _instead_of_a_key(node: Node) -> str:
    """What to do about a mapping or list as a key; `{{ model.width }}`, of a template, is read as one."""
    children = list(node.value.items()) if node.is_mapping else []
    if len(children) == 1 and children[0][1].value is None:
        return f"write `${{{children[0][0]}}}` to refer to a value: a config is no template"
    return "write a text or a number before the colon"


def _shown(tag: str) -> str:
    return tag.replace(TAG, "!!")
