"""Names and values within MLflow's limits."""

from __future__ import annotations

import pytest

from serotiny.tracking.mlflow.limits import (
    MAX_KEY_LENGTH,
    MAX_PARAM_LENGTH,
    MAX_PARAMS,
    storable_key,
    storable_params,
)


@pytest.mark.parametrize("key", ["loss", "train/loss", "a.b-c d:e", "größe"])
def test_key_that_mlflow_takes_is_unchanged(key: str) -> None:
    """Names within MLflow's rules stay as they are."""
    assert key == storable_key(key)


@pytest.mark.parametrize("key", ["a[0]", "a//b", "../b", "/a", ".", "x" * 251, "a\nb", "", "{a}", "a/./b"])
def test_other_keys_become_ones_that_mlflow_takes(key: str) -> None:
    """Any other name is turned into one that MLflow's own validation accepts, and different ones stay different."""
    from mlflow.utils.validation import _validate_metric_name, _validate_param

    safe = storable_key(key)
    _validate_metric_name(safe)  # type: ignore[no-untyped-call]
    _validate_param(safe, "1")  # type: ignore[no-untyped-call]

    assert len(safe) <= MAX_KEY_LENGTH
    assert safe != storable_key(key + "?")


def test_long_value_is_cut_and_kept_whole() -> None:
    """A value beyond the limit is cut with a note, and given whole for the artifact."""
    storable = storable_params({"short": 1, "long": "x" * 7000, "odd[key]": True}, "params/whole-1.json")

    assert MAX_PARAM_LENGTH == len(storable.params["long"])
    assert storable.params["long"].endswith("the whole value is in params/whole-1.json)")
    assert {"long": "x" * 7000, "odd[key]": True} == storable.whole
    assert ("1", "true") == (storable.params["short"], storable.params[storable_key("odd[key]")])


def test_parameters_beyond_the_limit_are_for_the_artifact_alone() -> None:
    """The first ones are recorded; a run of more could not be read again."""
    storable = storable_params({f"key{number}": number for number in range(MAX_PARAMS + 1)}, "whole.json")

    assert MAX_PARAMS == len(storable.params)
    assert {f"key{MAX_PARAMS}": MAX_PARAMS} == storable.whole
