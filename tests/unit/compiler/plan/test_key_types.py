"""Keys that are no texts stay what they are in a plan that is written and read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from serotiny.compiler.plan.key_types import keys_that_are_no_texts, restore_keys


@pytest.mark.parametrize(
    "config",
    [
        {"model": {"names": {0: "cat", 1: "dog"}}},
        {"model": {"parts": [{True: {2.5: "x", "y": 1}}, {"1": "text"}]}},
        {1: {2: {3: None}}},
    ],
)
def test_keys_are_restored(config: dict[str, Any]) -> None:
    """Numbers and booleans, in lists, and below one another; a text that looks like a number stays one."""
    paths = json.loads(json.dumps(list(keys_that_are_no_texts(config))))
    read = json.loads(json.dumps(config))

    restore_keys(read, paths)

    assert repr(read) == repr(config)


@pytest.mark.parametrize(
    "paths", [[["model", "absent", 1]], [[]], [5], [["model", 1, 2]], [["model", [1]]], 5]
)
def test_path_to_nothing_is_refused(paths: Any) -> None:
    """By an error that is one of a broken plan."""
    with pytest.raises((LookupError, TypeError, ValueError, AttributeError)):
        restore_keys({"model": {"a": {"b": 1}}}, paths)
