"""Read the names of columns, what they hold, and the number of rows from the footer of a parquet file.

This does not use pyarrow, which imports numpy and takes longer to import than a whole check should. The footer is a
short record in Thrift's compact protocol. See the format's `parquet.thrift` (FileMetaData, SchemaElement) and
Thrift's `thrift-compact-protocol.md`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from serotiny.manifest.errors import ManifestError

_MAGIC: Final = b"PAR1"
_LARGEST_FOOTER: Final = 64_000_000
_MOST_PARTS: Final = 1_500_000
"""Fields and items of the footer that are read or skipped; a column has about eight, and comes before all the rest."""
_MOST_UNPROVEN_ROWS: Final = 10_000_000
_MOST_ROWS_OF_A_BYTE: Final = 1_000
"""In a file with more than `_MOST_UNPROVEN_ROWS`: columns whose cells are all the same take next to no bytes."""
_LONGEST_NUMBER: Final = 10
"""Bytes of a number of 64 bits."""

# types of the compact protocol
_STOP, _TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(13)

# field numbers
_SCHEMA: Final = 2
_NUM_ROWS: Final = 3
_TYPE: Final = 1
_REPETITION: Final = 3
_NAME: Final = 4
_NUM_CHILDREN: Final = 5
_CONVERTED: Final = 6
_LOGICAL: Final = 10

Held = Literal["texts", "bytes", "dates or times", "lists or structures"]
"""What a column holds that holds no numbers."""

_REPEATED: Final = 2
_INT96, _BYTE_ARRAY, _FIXED_LEN_BYTE_ARRAY = 3, 6, 7
_TEXTS: Final = (frozenset((0, 4, 19)), frozenset((1, 4, 12)))
_NUMBERS: Final = (frozenset((5,)), frozenset((5, 11, 15)))
_TIMES: Final = (frozenset((6, 7, 8, 9, 10)), frozenset((6, 7, 8)))
"""Converted types and logical ones: texts, enumerations and JSON; decimals, nothing and float16; dates and times."""


def parquet_columns(path: Path) -> list[tuple[str, Held | None]]:
    """The names of the top-level columns, in the file's order, with what they hold if it is certainly no numbers.

    Raises:
        ManifestError: the file is not parquet, is damaged, claims more rows than it can hold, or has an encrypted footer.
        OSError: it cannot be opened.
    """
    footer = _footer(path)
    try:
        elements, rows = _Compact(footer).schema_and_rows()
        columns = [(element.name, element.held) for element in _top_level(elements)]
    except (IndexError, ValueError, RecursionError) as error:
        raise ManifestError("not a readable parquet file: its footer is damaged") from error
    check_rows(path, rows)
    return columns


def check_rows(path: Path, rows: int) -> None:
    """Check that a file can be a table of so many rows, before there is memory for them.

    Raises:
        ManifestError: it is too small.
        OSError: it is gone.
    """
    size = path.stat().st_size
    if rows > max(_MOST_UNPROVEN_ROWS, _MOST_ROWS_OF_A_BYTE * size):
        raise ManifestError(
            f"it claims {rows:,} rows in {size:,} bytes; more than {_MOST_UNPROVEN_ROWS:,} are read where a byte"
            f" stands for at most {_MOST_ROWS_OF_A_BYTE:,}: divide it into smaller files if it is meant so"
        )


def parquet_rows(path: Path) -> int:
    """The number of rows.

    Raises:
        ManifestError: the file is not parquet, is damaged, or has an encrypted footer.
        OSError: it cannot be opened.
    """
    footer = _footer(path)
    try:
        return _Compact(footer).rows()
    except (IndexError, ValueError, RecursionError) as error:
        raise ManifestError("not a readable parquet file: its footer is damaged") from error


def _footer(path: Path) -> bytes:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if size < 12:
            raise ManifestError("not a readable parquet file: too short for one")
        file.seek(size - 8)
        tail = file.read(8)
        length = int.from_bytes(tail[:4], "little")
        if tail[4:] != _MAGIC:
            raise ManifestError("not a readable parquet file: it does not end like one")
        if length > min(size - 12, _LARGEST_FOOTER):
            raise ManifestError("not a readable parquet file: its footer is damaged")
        file.seek(size - 8 - length)
        return file.read(length)


@dataclass(frozen=True, kw_only=True)
class _Element:
    """An element of the schema; the numbers are those of `parquet.thrift`, -1 for none."""

    name: str
    children: int
    type: int
    repetition: int
    converted: int
    logical: int

    @property
    def held(self) -> Held | None:
        if self.children or self.repetition == _REPEATED:
            return "lists or structures"
        if self._is(_TEXTS):
            return "texts"
        if self.type == _INT96 or self._is(_TIMES):
            return "dates or times"
        is_bytes = self.type in (_BYTE_ARRAY, _FIXED_LEN_BYTE_ARRAY)
        return "bytes" if is_bytes and not self._is(_NUMBERS) else None

    def _is(self, kinds: tuple[frozenset[int], frozenset[int]]) -> bool:
        return self.converted in kinds[0] or self.logical in kinds[1]


def _top_level(elements: list[_Element]) -> list[_Element]:
    """The children of the root, in the schema tree, which is stored in pre-order."""
    found: list[_Element] = []
    position = 1
    for _ in range(elements[0].children):
        found.append(elements[position])
        below = 1
        while below:
            below += elements[position].children - 1
            position += 1
    return found


class _Compact:
    """A reader of Thrift's compact protocol, which skips fields that are not needed."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._parts = 0

    def schema_and_rows(self) -> tuple[list[_Element], int]:
        """The elements of the schema, and the number of rows, which is behind them."""
        elements: list[_Element] | None = None
        for number, kind in self._fields():
            if number == _SCHEMA and kind == _LIST:
                elements = [self._element() for _ in range(self._list_head()[0])]
            elif number == _NUM_ROWS and kind == _I64 and elements is not None:
                return elements, self._zigzag()
            else:
                self._skip(kind)
        raise ValueError("no schema, or no number of rows")

    def rows(self) -> int:
        """The number of rows."""
        for number, kind in self._fields():
            if number == _NUM_ROWS and kind == _I64:
                return self._zigzag()
            self._skip(kind)
        raise ValueError("no number of rows")

    def _element(self) -> _Element:
        self._count()
        name, logical = "", -1
        numbers: dict[int, int] = {}
        for number, kind in self._fields():
            if number == _NAME:
                name = self._bytes().decode()
            elif kind == _I32 or number == _NUM_CHILDREN:
                numbers[number] = self._zigzag()
            elif number == _LOGICAL and kind == _STRUCT:
                logical = self._union()
            else:
                self._skip(kind)
        return _Element(
            name=name,
            children=numbers.get(_NUM_CHILDREN, 0),
            type=numbers.get(_TYPE, -1),
            repetition=numbers.get(_REPETITION, -1),
            converted=numbers.get(_CONVERTED, -1),
            logical=logical,
        )

    def _union(self) -> int:
        """The number of the field of a union that is given."""
        given = -1
        for number, kind in self._fields():
            given = number
            self._skip(kind)
        return given

    def _fields(self) -> Iterator[tuple[int, int]]:
        """The number and type of each field of a struct; the caller has to read or skip its value."""
        number = 0
        while head := self._byte():
            delta = head >> 4
            number = number + delta if delta else self._zigzag()
            self._count()
            yield number, head & 15

    def _skip(self, kind: int) -> None:
        if kind == _BYTE:
            self._take(1)
        elif kind in (_I16, _I32, _I64):
            self._varint()
        elif kind == _DOUBLE:
            self._take(8)
        elif kind == _BINARY:
            self._bytes()
        elif kind in (_LIST, _SET):
            count, inner = self._list_head()
            for _ in range(count):
                self._skip_item(inner)
        elif kind == _MAP:
            self._skip_map()
        elif kind == _STRUCT:
            for _, inner in self._fields():
                self._skip(inner)
        elif kind not in (_TRUE, _FALSE):
            raise ValueError(f"no type {kind}")

    def _skip_item(self, kind: int) -> None:
        """Skip an item of a collection, in which a boolean takes a byte; as a field its value is in the field's type."""
        self._count()
        self._skip(_BYTE if kind in (_TRUE, _FALSE) else kind)

    def _skip_map(self) -> None:
        count = self._varint()
        kinds = self._byte() if count else 0
        for _ in range(count):
            self._skip_item(kinds >> 4)
            self._skip_item(kinds & 15)

    def _list_head(self) -> tuple[int, int]:
        head = self._byte()
        count = head >> 4
        return (self._varint() if count == 15 else count), head & 15

    def _bytes(self) -> bytes:
        return self._take(self._varint())

    def _take(self, length: int) -> bytes:
        start = self._at
        self._at += length
        if self._at > len(self._data):
            raise ValueError("cut off")
        return self._data[start : self._at]

    def _count(self) -> None:
        """Note one more part: a footer of another program may say that there are any number of them."""
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise ManifestError(f"its footer has more than {_MOST_PARTS:,} fields")

    def _zigzag(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _varint(self) -> int:
        value = 0
        for position in range(_LONGEST_NUMBER):
            byte = self._byte()
            value |= (byte & 127) << (7 * position)
            if byte < 128:
                return value
        raise ValueError("a number of more than 64 bits")

    def _byte(self) -> int:
        value = self._data[self._at]
        self._at += 1
        return value
