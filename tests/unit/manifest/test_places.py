from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.manifest.places import place_of_row, places_of_rows


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("x\n1\n2\n", [2, 3]),
        ("\ufeffx\r\n1\r\n2\r\n", [2, 3]),
        ("\nx\n\n1\n\n\n2\n", [4, 7]),
        ('"x\ny"\n"1\n1"\n2\n', [3, 5]),
    ],
)
def test_row_of_a_csv_is_named_by_its_line(text: str, lines: list[int], tmp_path: Path) -> None:
    """An editor shows it: the header, empty lines and line breaks in quotes count."""
    path = tmp_path / "m.csv"
    path.write_text(text, "utf-8", newline="")

    assert [f"line {line}" for line in lines] == [place_of_row(path, number) for number in (0, 1)]
    assert f"lines {lines[0]}, {lines[1]}" == places_of_rows(path, [0, 1])


@pytest.mark.parametrize("name", ["m.parquet", "gone.csv", "short.csv"])
def test_row_without_a_line_is_named_by_its_number(name: str, tmp_path: Path) -> None:
    """A file may have no lines, or not those that it had when it was read."""
    (tmp_path / "short.csv").write_text("x\n1\n")

    assert "row 3 (counted from 0)" == place_of_row(tmp_path / name, 3)
    assert "rows 3, 5 (counted from 0)" == places_of_rows(tmp_path / name, [3, 5])
