"""Positions of the protocol against places of ours."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lsprotocol.types import Position, PositionEncodingKind, Range

from serotiny.compiler.syntax.document import parse_document
from serotiny.compiler.tree import walk
from serotiny.diagnostics import Origin, Place
from serotiny.language_server.positions import Positions

_ENCODINGS = (PositionEncodingKind.Utf8, PositionEncodingKind.Utf16, PositionEncodingKind.Utf32)


def _place(line: int, column: int, end_column: int) -> Place:
    return Place(Origin.FILE, "a.yaml", line=line, column=column, end_line=line, end_column=end_column)


def test_columns_count_code_units_of_the_encoding() -> None:
    """The same span has other columns in each encoding."""
    text = "\u00e9\U0001f600: x\n"
    expected = {
        PositionEncodingKind.Utf8: (0, 6),
        PositionEncodingKind.Utf16: (0, 3),
        PositionEncodingKind.Utf32: (0, 2),
    }
    for encoding, (start, end) in expected.items():
        found = Positions(text, encoding).range_of(_place(1, 1, 3))
        assert Range(Position(0, start), Position(0, end)) == found


def test_place_behind_the_end_is_the_end() -> None:
    """A place that the text no longer has is put at its end and not refused."""
    positions = Positions("a: 1\n")
    assert Position(1, 0) == positions.range_of(_place(7, 3, 5)).start
    assert 5 == positions.offset_at(Position(9, 0))
    assert 4 == positions.offset_at(Position(0, 99))


def test_breaks_that_only_yaml_knows_do_not_move_columns() -> None:
    """Behind U+2028 YAML is in its next line and the protocol in the same; the span is the same text."""
    text = "a: 1 # \u2028b: 2\n"
    node = parse_document("a.yaml", text).root.get("b")
    assert node is not None
    assert "2" == Positions(text).slice_of(node.place)
    assert Position(0, 11) == Positions(text).range_of(node.place).start


@given(st.text(alphabet="ab \n\r\x85\u2028\u00e9\U0001f600"), st.sampled_from(_ENCODINGS), st.data())
def test_positions_lead_back_to_their_offsets(text: str, encoding: str, data: st.DataObject) -> None:
    """An offset that is not inside of a line break is found again from its position, in each encoding."""
    offset = data.draw(st.integers(0, len(text)))
    positions = Positions(text, encoding)
    if text[offset - 1 : offset + 1] != "\r\n" or offset == 0:
        assert offset == positions.offset_at(positions.position_at(offset))


def test_every_value_of_a_document_is_found_by_its_place() -> None:
    """The slice at a scalar's place is what was written."""
    text = "a: é\nb:\n  - 'x 😀 y'\n  - {c: [1, 2]}\n"
    written = [
        Positions(text).slice_of(node.place)
        for _, node in walk(parse_document("a.yaml", text).root)
        if not node.is_mapping and not node.is_list
    ]
    assert ["é", "'x 😀 y'", "1", "2"] == written
