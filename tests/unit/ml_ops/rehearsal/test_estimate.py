"""What two batches say of a job."""

from __future__ import annotations

from typing import Any

import pytest

from serotiny.compiler.checks.batch_limits import limited
from serotiny.ml_ops.rehearsal.estimate import estimate
from serotiny.ml_ops.rehearsal.gauge import Gauge


def gauge() -> Gauge:
    found = Gauge()
    found.rows = found.timed_rows = 10
    found.seconds = {"train": 0.5, "val": 0.25}
    found.most_batches = {"train": 100, "val": 20}
    found.kept_bytes, found.fixed_bytes = 1000, 5000
    return found


@pytest.mark.parametrize(
    ("trainer", "epoch_s", "epochs"),
    [
        ({"max_epochs": 4}, 55.0, 4),
        ({"max_epochs": 4, "limit_train_batches": 0.5, "limit_val_batches": 4}, 26.0, 4),
        ({"max_epochs": 4, "check_val_every_n_epoch": 2}, 52.5, 4),
        ({"max_steps": 50}, 55.0, 0.5),
        ({"max_steps": 50, "accumulate_grad_batches": 4}, 55.0, 2),
        ({"max_epochs": 3, "max_steps": 10_000}, 55.0, 3),
        ({"max_epochs": -1}, 55.0, None),
        ({"max_time": "00:01:00:00"}, 55.0, None),
        ({}, 55.0, 1000),
    ],
)
def test_time_follows_from_the_batches_and_the_trainers_limits(
    trainer: dict[str, Any], epoch_s: float, epochs: float | None
) -> None:
    """Of the training, of each validation and of what follows an epoch; a job without an end has no time."""
    measured = gauge()
    measured.epoch_end_s = 2.0
    found = estimate(measured, trainer, free_bytes=None)
    assert (epoch_s + 2.0, epochs) == (found.epoch_s, found.epochs)
    assert (None if epochs is None else pytest.approx((epoch_s + 2.0) * epochs)) == found.job_s


def test_the_largest_batch_leaves_room_for_what_is_fixed() -> None:
    """Rows for which there is memory, beside parameters, gradients and optimizer."""
    found = estimate(gauge(), {}, free_bytes=25_000)
    assert (20.0, 200) == (found.rows_per_s, found.largest_batch)
    assert 0 == estimate(gauge(), {}, free_bytes=100).largest_batch


def test_the_largest_batch_has_no_more_rows_than_an_epoch() -> None:
    """However much memory there is."""
    measured = gauge()
    measured.epoch_rows = 95
    assert 95 == estimate(measured, {}, free_bytes=25_000).largest_batch


def test_a_second_batch_that_is_smaller_has_its_own_speed() -> None:
    """Memory is that of the first one."""
    measured = gauge()
    measured.timed_rows = 4
    found = estimate(measured, {}, free_bytes=25_000)
    assert (8.0, 200) == (found.rows_per_s, found.largest_batch)


def test_what_is_not_known_is_not_told() -> None:
    """A training of one batch has no speed, a loader without a length no epoch."""
    unknown = gauge()
    unknown.most_batches, unknown.seconds = {"train": 0}, {}
    found = estimate(unknown, {"max_epochs": 2}, free_bytes=None)
    assert (None, None, None) == (found.rows_per_s, found.epoch_s, found.largest_batch)


def test_limits_are_shares_or_numbers() -> None:
    """As Lightning has them: 1.0 is all, 1 is one."""
    assert [100, 1, 50, 100] == [limited(100, limit) for limit in (1.0, 1, 0.5, 500)]
