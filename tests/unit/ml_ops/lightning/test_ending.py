from __future__ import annotations

import math

from serotiny.ml_ops.lightning.ending import not_finite


def test_metrics_that_are_no_numbers_are_told() -> None:
    """NaN and infinity in the last values say that the weights are of no use, and what may help."""
    (note,) = not_finite({"a": math.nan, "b": math.inf, "c": 0.5})

    assert note.startswith("`a`, `b` are not finite: the weights are of no use")
    assert () == not_finite({"c": 0.5})
