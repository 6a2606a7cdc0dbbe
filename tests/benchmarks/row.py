"""One row of the table: a measured number against its bar."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True)
class Row:
    """What was promised and what was measured.

    Attributes:
        name: what is measured.
        medians: the measured times or sizes, as they are shown.
        value: the number that the bar is about.
        bar: the limit.
        unit: of value and bar; empty for a ratio.
        at_least: the bar is a lower limit.
        beside: what else should be known (the same by processor time; why it was skipped).
    """

    name: str
    medians: str
    value: float | None
    bar: float
    unit: str = ""
    at_least: bool = False
    beside: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the bar is met; a row that could not be measured is not missed."""
        if self.value is None:
            return True
        return self.value >= self.bar if self.at_least else self.value <= self.bar

    @property
    def verdict(self) -> str:
        if self.value is None:
            return f"skipped ({self.beside})"
        return "met" if self.is_met else "MISSED"


HEADINGS = ("what", "medians", "value", "bar", "verdict", "beside")


def rows_of(name: str) -> list[Row]:
    """Measure what one module of benchmarks gives, saying each verdict as it comes."""
    rows: list[Row] = []
    for row in import_module(f"tests.benchmarks.{name}").rows():
        print(f"{name}: {row.name}: {row.verdict}", file=sys.stderr, flush=True)
        rows.append(row)
    return rows


def table(rows: Sequence[Row]) -> str:
    """The rows in aligned columns."""
    cells = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def _cells(row: Row) -> tuple[str, ...]:
    value = "-" if row.value is None else f"{row.value:.3g}{row.unit}"
    bar = f"{'>=' if row.at_least else '<='} {row.bar:g}{row.unit}"
    verdict = "skipped" if row.value is None else row.verdict
    return (row.name, row.medians, value, bar, verdict, row.beside)
