"""The key or value at a cursor, found from the text alone, so that it works while a line is half-written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_ITEM = re.compile(r"-(?=\s|$)\s*")
_KEY = re.compile(
    r"(?P<name>\"[^\"]*\"|'[^']*'|[^\s#\"'\[\]{},:&*!|>%@`-][^#\"\[\]{}]*?|-[^\s:]+)\s*(?P<colon>:)(?=\s|$)\s*"
)
_LINES = re.compile("\r\n|[\n\r]")


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """A place in a file where something is being written.

    Attributes:
        container: the path, within the file, of the mapping or list that the line belongs to.
        key: the key (or list index) whose value the cursor is in; None when a key is being written.
        written: the key or value as written up to the cursor.
        start, end: the offsets of the whole key or value in the text.
        line: the whole line.
        line_start: its offset.
        follows_key: a colon follows the word already.
    """

    container: tuple[Any, ...]
    key: Any
    written: str
    start: int
    end: int
    line: str
    line_start: int
    follows_key: bool = False

    @property
    def before(self) -> str:
        """The line up to the cursor."""
        return self.line[: self.start + len(self.written) - self.line_start]


@dataclass(frozen=True)
class _Slot:
    """A list item (`name` is None) or a key in a line.

    Attributes:
        value_from: the column behind the dash or colon, from which on the cursor is in the value.
        value_column: the column where the value begins.
    """

    column: int
    name: str | None
    value_from: int
    value_column: int


def cursor_at(text: str, offset: int) -> Cursor:
    """The cursor at an offset of a text, which need not be YAML."""
    starts = [0, *(match.end() for match in _LINES.finditer(text))]
    row = max(index for index, start in enumerate(starts) if start <= offset)
    lines = _LINES.split(text)
    line, column = lines[row], offset - starts[row]
    slots = [slot for slot in _slots(line) if slot.value_from <= column]
    token = slots[-1].value_column if slots else len(line) - len(line.lstrip(" "))
    token = min(token, column)
    rest = line[token:]
    key = None
    follows_key = False
    if slots and slots[-1].name is not None:
        key = slots[-1].name
        container = _container(lines, row, slots[:-1], slots[-1].column)
        end = token + len(_without_comment(rest).rstrip())
    else:
        container = _container(lines, row, slots, token)
        match = _KEY.match(rest)
        follows_key = match is not None
        end = token + (len(match["name"]) if match else len(_without_comment(rest).rstrip()))
    start = starts[row] + token
    return Cursor(
        container=container,
        key=key,
        written=line[token:column],
        start=start,
        end=max(starts[row] + end, offset),
        line=line,
        line_start=starts[row],
        follows_key=follows_key,
    )


def without_line(text: str, cursor: Cursor) -> str:
    """The text with the cursor's line emptied, or cut after its key, so that the rest can be parsed."""
    stop = cursor.line_start + len(cursor.line)
    kept = (
        cursor.start
        if cursor.key is not None or cursor.line[: cursor.start - cursor.line_start].strip()
        else None
    )
    head = text[: kept if kept is not None else cursor.line_start]
    return head + text[stop:]


def _slots(line: str) -> Iterator[_Slot]:
    column = len(line) - len(line.lstrip(" "))
    while True:
        item = _ITEM.match(line, column)
        if item is None:
            break
        yield _Slot(column, None, column + 1, item.end())
        column = item.end()
    key = _KEY.match(line, column)
    if key is not None:
        yield _Slot(column, key["name"].strip("\"'"), key.end("colon"), key.end())


def _container(lines: Sequence[str], row: int, same_line: Sequence[_Slot], column: int) -> tuple[Any, ...]:
    """The path of the container of a token at `column`, found by going up to lines that are indented less."""
    path: list[Any] = []
    index: int | None = None  # counting the items before, once the token is in a list
    for number in range(row, -1, -1):
        slots = same_line if number == row else [*_slots(lines[number])]
        for slot in reversed(slots):
            if index is not None and slot.column == column and slot.name is None:
                index += 1
            elif slot.name is None and slot.column < column:
                if index is not None:
                    path.append(index)
                index, column = 0, slot.column
            # in YAML the items of a list may be indented as its key is
            elif slot.name is not None and (
                slot.column < column or (index is not None and slot.column <= column)
            ):
                if index is not None:
                    path.append(index)
                    index = None
                path.append(slot.name)
                column = slot.column
        if column == 0 and index is None:
            break
    if index is not None:
        path.append(index)
    return tuple(reversed(path))


def _without_comment(text: str) -> str:
    match = re.search(r"(?:^|\s)#", text)
    return text[: match.start()] if match else text
