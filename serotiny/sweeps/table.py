"""The table of a sweep as aligned text, and as CSV for programs."""

from __future__ import annotations

import csv
import io

from serotiny.report.job_summary import duration_text
from serotiny.report.terminal import visible, width
from serotiny.sweeps.outcome import JobOutcome, SweepTable, shown_value


def render_table(table: SweepTable) -> str:
    """A row for each job, aligned: run, status, the monitored metric's last value, duration, swept values."""
    rows = [headings(table), *(cells(outcome, table) for outcome in table.outcomes)]
    shown = [[visible(cell) for cell in row] for row in rows]
    widths = [max(width(row[column]) for row in shown) for column in range(len(shown[0]))]
    return "\n".join(
        "  ".join(cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)).rstrip()
        for row in shown
    )


def render_csv(table: SweepTable) -> str:
    """The same with all digits, durations in seconds, and the errors of failed jobs."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    swept = table.swept
    writer.writerow(["job", "run", "run_id", "status", "metric", "value", "duration_s", *swept, "message"])
    for outcome in table.outcomes:
        values = outcome.swept
        writer.writerow(
            [
                outcome.number,
                outcome.run_name,
                outcome.run_id,
                outcome.status,
                outcome.metric,
                outcome.value,
                None if outcome.duration_s is None else round(outcome.duration_s, 3),
                *(values.get(key) for key in swept),
                outcome.message,
            ]
        )
    return file.getvalue()


def headings(table: SweepTable) -> list[str]:
    """The headings of the table's columns."""
    return ["run", "status", table.metric or "metric", "duration", *table.swept]


def cells(outcome: JobOutcome, table: SweepTable) -> list[str]:
    """The row of a job in the table."""
    value = shown_value(outcome.value)
    if table.metric is None and outcome.metric is not None:
        value = f"{outcome.metric}={value}"
    values = outcome.swept
    return [
        outcome.run_name or f"job {outcome.number}",
        outcome.status.value,
        value,
        "-" if outcome.duration_s is None else duration_text(outcome.duration_s),
        *(values.get(key, "-") for key in table.swept),
    ]
