"""Loading from a run that is not named, before any store is asked."""

from __future__ import annotations

from typing import Any

import pytest

from serotiny.ml_ops.mlflow_utils import load_config, load_datamodule, load_model_from_checkpoint
from serotiny.tracking import TrackingError


@pytest.mark.parametrize("load", [load_config, load_datamodule, load_model_from_checkpoint])
@pytest.mark.parametrize(
    ("uri", "run", "what"),
    [
        (None, "a run", "the address of a tracking store"),
        ("", "a run", "the address of a tracking store"),
        ("sqlite:///mlflow.db", None, "by its id or name"),
        ("sqlite:///mlflow.db", "", "by its id or name"),
    ],
)
def test_nothing_in_the_place_of_a_store_or_a_run_is_refused(
    load: Any, uri: Any, run: Any, what: str
) -> None:
    """The None of a variable that is not set is an error that says what belongs there."""
    with pytest.raises(TrackingError, match=what):
        load(uri, run)
