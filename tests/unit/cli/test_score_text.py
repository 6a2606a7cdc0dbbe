"""The score of the best checkpoint, as the summary of a job has it."""

from __future__ import annotations

import math

import pytest

from serotiny.cli.job_task import _score_text


@pytest.mark.parametrize(
    ("score", "shown"), [(0.25, "0.25"), (math.inf, "is not finite"), (-math.inf, "is not finite")]
)
def test_infinity_that_stands_for_nan_is_not_shown_as_a_score(score: float, shown: str) -> None:
    """Lightning keeps an infinity as the score of a model that has diverged."""
    assert shown == _score_text(score)
