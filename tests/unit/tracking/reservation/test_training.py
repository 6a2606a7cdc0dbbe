from __future__ import annotations

from typing import Any

import pytest

from serotiny.tracking.reservation.training import Trained


@pytest.mark.parametrize(
    ("trained", "trainer", "is_less"),
    [
        (Trained(3, 30, "max_epochs"), {"max_epochs": 3}, False),
        (Trained(3, 30, "max_epochs"), {"max_epochs": 5}, True),
        (Trained(3, 30, "max_epochs"), {"max_epochs": -1}, True),
        (Trained(3, 30, "max_epochs"), {"max_epochs": 2}, False),
        (Trained(0, 5, "max_steps"), {"max_epochs": 1, "max_steps": 12}, True),
        (Trained(0, 5, "max_steps"), {"max_epochs": 1, "max_steps": 5}, False),
        (Trained(0, 5, "max_steps"), {"max_epochs": 1}, True),
        (Trained(9, 90, "max_time", 2.01), {"max_epochs": 2000, "max_time": "00:00:00:02"}, False),
        (Trained(9, 90, "max_time", 2.01), {"max_epochs": 2000, "max_time": "00:00:01:00"}, True),
        (Trained(9, 90, "max_time", 2.01), {"max_epochs": 2000, "max_time": {"seconds": 2}}, False),
        (Trained(9, 90, "max_time", 2.01), {"max_epochs": 2000}, True),
        (Trained(9, 90, "max_time", 2.01), {"max_epochs": 9}, False),
        (Trained(9, 90, "max_time", 2.01), {}, True),
        (Trained(12, 90, "early stopping"), {"max_epochs": 2000}, False),
        (Trained(12, 90, "a callback"), {"max_epochs": 2000}, False),
    ],
)
def test_what_is_left_follows_from_what_was_trained_and_what_is_asked_for(
    trained: Trained, trainer: dict[str, Any], is_less: bool
) -> None:
    """Epochs, steps and time are compared with what was trained; what stopped by itself has ended."""
    assert is_less == trained.is_less_than(trainer)


def test_what_was_trained_survives_its_tag() -> None:
    """The tag's text gives the same value; another text gives none."""
    trained = Trained(3, 30, "max_time", 1.5)

    assert trained == Trained.from_json(trained.to_json())
    assert [None, None, None] == [Trained.from_json(text) for text in (None, "{", '{"later": 1}')]
