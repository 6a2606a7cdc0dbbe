r"""From our places to the protocol's positions and back.

Ours count lines and code points from 1, and lines end where YAML ends them; the protocol's count from 0, in
code units of an encoding that both sides agreed on, and lines end at `\n`, `\r\n` and `\r` alone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from lsprotocol.types import Position, PositionEncodingKind, Range

from serotiny.diagnostics import Place

_YAML_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_PROTOCOL_BREAK = re.compile("\r\n|[\n\r]")


class Positions:
    """The positions in one text.

    Args:
        text: the text of the file, as the client has it.
        encoding: what the protocol's columns count.
    """

    def __init__(self, text: str, encoding: str = PositionEncodingKind.Utf16) -> None:
        self.text = text
        self._encoding = encoding

    def range_of(self, place: Place) -> Range:
        """The range of a place; a place without a line is the start of the text."""
        start, end = self.offsets_of(place)
        return self.range_between(start, end)

    def range_between(self, start: int, end: int) -> Range:
        return Range(self.position_at(start), self.position_at(max(start, end)))

    def offsets_of(self, place: Place) -> tuple[int, int]:
        """Where a place starts and ends, as offsets in the text."""
        start = self._offset(place.line or 1, place.column or 1)
        if place.end_line is None:
            return start, start
        return start, max(start, self._offset(place.end_line, place.end_column or 1))

    def slice_of(self, place: Place) -> str:
        """The text of a place."""
        start, end = self.offsets_of(place)
        return self.text[start:end]

    def position_at(self, offset: int) -> Position:
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._protocol_lines, offset) - 1
        return Position(line, self._units(self.text[self._protocol_lines[line] : offset]))

    def offset_at(self, position: Position) -> int:
        """The offset of a position; a position behind the end of its line is moved to that end."""
        if position.line >= len(self._protocol_lines):
            return len(self.text)
        start = self._protocol_lines[position.line]
        units = 0
        for offset in range(start, len(self.text)):
            if units >= position.character or self.text[offset] in "\r\n":
                return offset
            units += self._units(self.text[offset])
        return len(self.text)

    def _offset(self, line: int, column: int) -> int:
        if line > len(self._yaml_lines):
            return len(self.text)
        return min(self._yaml_lines[line - 1] + column - 1, len(self.text))

    def _units(self, text: str) -> int:
        if self._encoding == PositionEncodingKind.Utf32 or text.isascii():
            return len(text)
        if self._encoding == PositionEncodingKind.Utf8:
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text.encode("utf-16-le", "surrogatepass")) // 2

    @cached_property
    def _yaml_lines(self) -> list[int]:
        return [0, *(match.end() for match in _YAML_BREAK.finditer(self.text))]

    @cached_property
    def _protocol_lines(self) -> list[int]:
        return [0, *(match.end() for match in _PROTOCOL_BREAK.finditer(self.text))]
