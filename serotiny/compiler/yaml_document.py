"""Read one YAML file into a tree, reporting all that keeps it from being one.

Scalars mean what they mean to OmegaConf: YAML 1.1, with `1e-3` a float and no timestamps. The
events of libyaml are turned into nodes without recursion, so depth, size and the number of
aliases are bounded before anything is built.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from yaml.constructor import ConstructorError, SafeConstructor

from serotiny.compiler.tree import Node
from serotiny.diagnostics import Diagnostic, Origin, Place

MAX_BYTES = 1_000_000
MAX_DEPTH = 64
MAX_NODES = 100_000

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG: Final[str] = "tag:yaml.org,2002:"
_FLOAT = re.compile(  # the pattern of omegaconf's own loader
    r"""^(?:[-+]?[0-9]+(?:_[0-9]+)*\.[0-9_]*(?:[eE][-+]?[0-9]+)?
        |[-+]?[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+)
        |\.[0-9]+(?:_[0-9]+)*(?:[eE][-+][0-9]+)?
        |[-+]?[0-9]+(?:_[0-9]+)*(?::[0-5]?[0-9])+\.[0-9_]*
        |[-+]?\.(?:inf|Inf|INF)
        |\.(?:nan|NaN|NAN))$""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Document:
    """A YAML file as read.

    Attributes:
        file: the path that diagnostics show.
        root: its tree; an empty, incomplete mapping when the file could not be read.
        package: what a `# @package` line says.
        diagnostics: SER101, SER102 and SER108, in file order.
        text: what was read, for showing the line at fault.
    """

    file: str
    root: Node
    package: str | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    text: str = ""


def read_document(path: Path, file: str, text: str | None = None) -> Document:
    """Read `path` (or `text`, where an editor holds what is not saved yet).

    Returns:
        The document, with SER101 (syntax, tags), SER102 (duplicate key) and SER108 (encoding, size,
        depth, aliases, permissions) in `diagnostics`.
    """
    if text is None:
        try:
            raw = path.read_bytes()
        except OSError as error:
            return _unreadable(file, f"cannot be read: {error.strerror or error}")
        if len(raw) > MAX_BYTES:
            return _unreadable(file, f"is larger than {MAX_BYTES:,} bytes")
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            column = error.start - raw.rfind(b"\n", 0, error.start)
            message = f"is not UTF-8: byte 0x{raw[error.start]:02x}"
            return _unreadable(file, message, line, column, "save it as UTF-8")
    return parse_document(file, text.removeprefix("\ufeff"))


def parse_document(file: str, text: str) -> Document:
    """Read YAML from `text`; as `read_document`, without touching a disk."""
    builder = _Builder(file)
    try:
        root = builder.build(text)
    except _FaultError as fault:
        root = None
        builder.diagnostics.append(fault.diagnostic)
    except yaml.MarkedYAMLError as error:
        root = None
        builder.diagnostics.append(_syntax_fault(file, text, error))
    except yaml.reader.ReaderError as error:
        root = None
        place = _position(file, text, error.position)
        message = (
            f"character U+{ord(text[error.position]):04X} is not allowed in YAML" if text else str(error)
        )
        builder.diagnostics.append(Diagnostic("SER108", message, place, help="take the character out"))
    node = Node({}, Place(Origin.FILE, file, 1, 1, 1, 1), incomplete=True) if root is None else root
    return Document(file, node, _package_of(text), tuple(builder.diagnostics), text)


def _unreadable(
    file: str, what: str, line: int | None = None, column: int | None = None, mend: str | None = None
) -> Document:
    end = column + 1 if column else None
    place = Place(Origin.FILE, file, line or 1, column or 1, line or 1, end or 1)
    fault = Diagnostic("SER108", f"`{file}` {what}", place, help=mend)
    return Document(file, Node({}, place, incomplete=True), None, (fault,))


def _syntax_fault(file: str, text: str, error: yaml.MarkedYAMLError) -> Diagnostic:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.splitlines()
    source = lines[line - 1] if line <= len(lines) else ""
    problem = error.problem or "cannot be read as YAML"
    mend = None
    if source[:column].lstrip(" ").startswith("\t") or (column <= len(source) and source[column - 1] == "\t"):
        problem, mend = "a tab is used for indentation", "indent with spaces"
    place = Place(Origin.FILE, file, line, column, line, max(column + 1, min(len(source) + 1, column + 1)))
    notes = (f"{error.context}",) if error.context and mend is None else ()
    return Diagnostic("SER101", f"YAML syntax: {problem}", place, help=mend, notes=notes)


def _position(file: str, text: str, offset: int) -> Place:
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return Place(Origin.FILE, file, line, column, line, column + 1)


def _package_of(text: str) -> str | None:
    """The package directive, read as Hydra reads it: only before the first line that is no header."""
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped:
            continue
        match = re.match(r"^#\s*@(\S+)\s+(\S+)\s*$", stripped)
        if not match:
            break
        if match[1] == "package":
            return match[2]
    return None


class _FaultError(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


@cache
def _resolvers() -> dict[str | None, list[tuple[str, re.Pattern[str]]]]:
    """Which plain scalars are what: PyYAML's table with OmegaConf's floats and without timestamps."""
    table: dict[str | None, list[tuple[str, re.Pattern[str]]]] = {
        first: [(tag, regexp) for tag, regexp in entries if tag not in (f"{_TAG}timestamp", f"{_TAG}float")]
        for first, entries in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    for first in "-+0123456789.":
        table.setdefault(first, []).append((f"{_TAG}float", _FLOAT))
    return table


_NULL, _BOOL, _INT, _FLOATS = f"{_TAG}null", f"{_TAG}bool", f"{_TAG}int", f"{_TAG}float"
_STR, _MERGE, _VALUE, _BINARY = f"{_TAG}str", f"{_TAG}merge", f"{_TAG}value", f"{_TAG}binary"
_MERGE_KEY: Final = object()
"""Stands for the key `<<` while a mapping is being read; quoted it is a key like any other."""


def _scalar_tag(value: str) -> str:
    table = _resolvers()
    candidates: list[tuple[str, re.Pattern[str]]] = [*table.get(value[:1], ()), *table.get(None, ())]
    for tag, regexp in candidates:
        if regexp.match(value):
            return tag
    return _STR


@dataclass(slots=True)
class _Frame:
    """A collection that is being built."""

    start: Any
    anchor: str | None
    node: Node
    size: int = 1
    key: tuple[Any, Place] | None = None
    merged: dict[Any, Node] | None = None

    @property
    def awaits_key(self) -> bool:
        return self.key is None and self.node.is_mapping


class _Builder:
    def __init__(self, file: str) -> None:
        self.file = file
        self.diagnostics: list[Diagnostic] = []
        self._construct = SafeConstructor()
        self._anchors: dict[str, tuple[Node, int] | None] = {}
        self._nodes = 0

    def build(self, text: str) -> Node:
        """The document's tree; an empty file is an empty mapping."""
        stack: list[_Frame] = []
        root: Node | None = None
        documents = 0
        for event in yaml.parse(text, Loader=_Loader):
            size = 1
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._fault("SER101", "YAML syntax: more than one document in the file", event)
                continue
            if isinstance(event, yaml.ScalarEvent):
                node = self._scalar(event, is_key=bool(stack) and stack[-1].awaits_key)
                self._remember(event.anchor, node, 1)
            elif isinstance(event, yaml.AliasEvent):
                node, size = self._alias(event)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                stack.append(self._open(event, len(stack)))
                continue
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                frame = stack.pop()
                node, size = self._close(frame, event), frame.size
            else:
                continue
            if stack:
                stack[-1].size += size
                self._add(stack[-1], node, event)
            else:
                root = node
        if root is None or (root.value is None and not root.history):
            return Node({}, Place(Origin.FILE, self.file, 1, 1, 1, 1))
        return root

    def _fault(self, code: str, message: str, event: Any, mend: str | None = None) -> _FaultError:
        return _FaultError(Diagnostic(code, message, self._place(event, event), help=mend))

    def _place(self, start: Any, end: Any) -> Place:
        first, last = start.start_mark, end.end_mark
        return Place(
            Origin.FILE, self.file, first.line + 1, first.column + 1, last.line + 1, last.column + 1, None
        )

    def _count(self, nodes: int, event: Any) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            message = f"more than {MAX_NODES:,} values once its aliases are expanded"
            raise self._fault("SER108", message, event)

    def _scalar(self, event: Any, is_key: bool) -> Node:
        self._count(1, event)
        self._new_anchor(event)
        tag = event.tag
        if tag in (None, "!"):
            tag = _scalar_tag(event.value) if tag or event.implicit[0] else _STR
        place = self._place(event, event)
        if is_key and tag == _MERGE:
            return Node(_MERGE_KEY, place)
        if tag == _STR or (is_key and tag == _VALUE):
            return Node(event.value, place)
        build = {
            _NULL: self._construct.construct_yaml_null,
            _BOOL: self._construct.construct_yaml_bool,
            _INT: self._construct.construct_yaml_int,
            _FLOATS: self._construct.construct_yaml_float,
            _BINARY: self._construct.construct_yaml_binary,
        }.get(tag)
        if build is None and event.tag is None:
            raise self._fault("SER101", f"YAML keeps `{event.value}` for itself", event, "quote it")
        if build is None:
            raise self._fault("SER101", f"the YAML tag `{_shown(tag)}` is not allowed", event)
        try:
            return Node(build(yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark)), place)
        except (ValueError, ConstructorError, KeyError, IndexError) as error:
            raise self._fault("SER101", f"`{event.value}` is not `{_shown(tag)}`", event) from error

    def _alias(self, event: Any) -> tuple[Node, int]:
        if event.anchor not in self._anchors:
            raise self._fault("SER101", f"YAML syntax: found undefined alias `*{event.anchor}`", event)
        anchored = self._anchors[event.anchor]
        if anchored is None:
            raise self._fault("SER108", f"the alias `*{event.anchor}` holds itself", event)
        self._count(anchored[1], event)
        return anchored

    def _open(self, event: Any, depth: int) -> _Frame:
        self._count(1, event)
        if depth >= MAX_DEPTH:
            raise self._fault("SER108", f"nested deeper than {MAX_DEPTH} levels", event)
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        allowed = (None, "!", f"{_TAG}map" if is_mapping else f"{_TAG}seq")
        if event.tag not in allowed:
            raise self._fault("SER101", f"the YAML tag `{_shown(event.tag)}` is not allowed", event)
        self._new_anchor(event)
        if event.anchor:
            self._anchors[event.anchor] = None
        return _Frame(event, event.anchor, Node({} if is_mapping else []))

    def _close(self, frame: _Frame, event: Any) -> Node:
        place = self._last_span(frame, event)
        value = frame.node.value
        if frame.merged is not None:
            value = {**frame.merged, **value}  # what is merged comes first, as in PyYAML
        node = Node(value, place)
        self._remember(frame.anchor, node, frame.size)
        return node

    def _last_span(self, frame: _Frame, event: Any) -> Place:
        """A block collection ends where its last value does; libyaml says: where the next token starts."""
        place = self._place(frame.start, event)
        children = [child for _, child in frame.node.children()]
        if frame.start.flow_style or not children:
            return place
        end = children[-1].place
        return replace(place, end_line=end.end_line, end_column=end.end_column)

    def _new_anchor(self, event: Any) -> None:
        if event.anchor in self._anchors:
            message = f"YAML syntax: the anchor `&{event.anchor}` is given twice"
            raise self._fault("SER101", message, event, "rename one of the two")

    def _remember(self, anchor: str | None, node: Node, size: int) -> None:
        if anchor:
            self._anchors[anchor] = (node, size)

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

    def _given_twice(self, key: Any, first: Node, place: Place, mend: str) -> None:
        notes = (f"first set at {first.key_place}",) if first.key_place else ()
        message = f"the key `{key}` is given twice"
        self.diagnostics.append(Diagnostic("SER102", message, place, help=mend, notes=notes))

    def _as_key(self, node: Node, event: Any) -> tuple[Any, Place]:
        if node.value is None or isinstance(node.value, dict | list):
            what = "null is no key" if node.value is None else "a key must be a plain value"
            raise self._fault("SER101", what, event, "quote it" if node.value is None else None)
        return node.value, node.place

    def _merge(self, frame: _Frame, node: Node, place: Place, event: Any) -> None:
        bases = node.value if node.is_list else [node]
        if not all(base.is_mapping for base in bases):
            raise self._fault("SER101", "`<<` takes a mapping or a list of mappings", event)
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


def _shown(tag: str) -> str:
    return tag.replace(_TAG, "!!")
