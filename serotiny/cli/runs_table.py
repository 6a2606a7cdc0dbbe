"""The runs of an experiment as a table that fits the terminal, whole ids included."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from serotiny.report.terminal import visible, width

if TYPE_CHECKING:
    from serotiny.tracking.maintenance import RunSummary

_GAP = "  "
_HEADINGS = ("name", "state", "age", "last metric")
_ID_HEADING = "run id"
_LEAST_NAME = 12


def runs_table(runs: Sequence[RunSummary], columns: int) -> str:
    """One line for each run, then one with the reason for each that failed.

    Args:
        runs: in the order to show.
        columns: the width of the terminal; where the ids do not fit in it, each has a line of its own.
    """
    rows = [(_name(run), run.state, _age(run.age_s), run.metric or "–") for run in runs]
    cells = [_HEADINGS, *(tuple(map(visible, row)) for row in rows)]
    widths = [max(width(row[column]) for row in cells) for column in range(len(_HEADINGS))]
    ids = ["", *(run.run_id for run in runs)]
    rest = sum(widths[1:]) + len(_GAP) * len(widths)
    beside = widths[0] + rest + max(map(len, [_ID_HEADING, *ids])) <= columns
    widths[0] = widths[0] if beside else max(_LEAST_NAME, min(widths[0], columns - rest + len(_GAP)))
    lines: list[str] = []
    for row, run_id in zip(cells, ids, strict=True):
        first, *more = _folded(row[0], widths[0])
        line = _GAP.join(_padded(text, size) for text, size in zip((first, *row[1:]), widths, strict=True))
        lines.append(f"{line}{_GAP}{run_id or _ID_HEADING}" if beside else line.rstrip())
        lines += more
        lines += [f"{_GAP}{run_id}"] if run_id and not beside else []
    return "\n".join([*lines, *_reasons(runs, columns)]) + "\n"


def _name(run: RunSummary) -> str:
    return f"{run.name} (name is shared)" if run.is_duplicate else run.name


def _reasons(runs: Sequence[RunSummary], columns: int) -> list[str]:
    told = [f"{visible(run.name)} failed: {visible(run.reason)}" for run in runs if run.reason is not None]
    return ["", *(_cut(line, columns) for line in told)] if told else []


def _folded(text: str, size: int) -> list[str]:
    """The text in pieces of at most `size` columns."""
    pieces = [""]
    for character in text:
        if width(pieces[-1] + character) > size:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _cut(text: str, size: int) -> str:
    first, *more = _folded(text, size - 1)
    return f"{first}…" if more else first


def _padded(text: str, size: int) -> str:
    return text + " " * (size - width(text))


def _age(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
