"""The axes of a sweep's pictures."""

from __future__ import annotations

import pytest

from serotiny.sweeps.axes import axes_of
from serotiny.sweeps.outcome import JobOutcome, JobStatus, SweepTable


def table(key: str, texts: list[str], values: list[float]) -> SweepTable:
    return SweepTable.of(
        [
            JobOutcome(
                number=number,
                key=(f"{key}={text}",),
                status=JobStatus.FINISHED,
                run_name=str(number),
                metric="val_loss",
                value=value,
                duration_s=1.0,
                exit_status=0,
            )
            for number, (text, value) in enumerate(zip(texts, values, strict=True))
        ]
    )


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([0.381184, 0.455433, 0.456948, 0.48556], ["0.381184", "0.455433", "0.48556"]),
        ([1.0, 1.99, 2.0], ["1", "2"]),
        ([1.0, 1.01, 2.0], ["1", "2"]),
        ([3.0, 3.0, 3.0], ["3"]),
    ],
)
def test_labels_do_not_lie_over_each_other(values: list[float], labels: list[str]) -> None:
    """Of values next to each other one is labelled; the smallest and the largest always are."""
    metric = axes_of(table("width", [str(value) for value in range(len(values))], values)).metric
    assert metric is not None
    assert labels == [label for _, label in metric.ticks]


def test_of_many_options_some_are_labelled() -> None:
    """As many as there is room for, with the first and the last."""
    names = [f"option_{number}" for number in range(100)]
    (axis,) = axes_of(table("model", names, [1.0] * 100)).swept
    assert 10 < len(axis.ticks) <= 21
    assert ("option_0", "option_99") == (axis.ticks[0][1], axis.ticks[-1][1])
