"""What may differ when a run is resumed."""

from __future__ import annotations

from typing import Any

import pytest

from serotiny.tracking.reservation.drift import drift_between, training_is_longer

BASE: dict[str, Any] = {
    "model": {"lr": 0.1, "layers": [8, 4]},
    "data": {"path": "/a/digits.csv", "num_workers": 0, "batch_size": 32},
    "trainer": {"max_epochs": 3, "callbacks": [{"_target_": "x.Y", "dirpath": "/a"}]},
    "mlflow": {"run_name": "a run"},
}


def changed(path: str, value: Any) -> dict[str, Any]:
    import copy

    config = copy.deepcopy(BASE)
    *parents, last = path.split(".")
    node = config
    for parent in parents:
        node = node[int(parent)] if isinstance(node, list) else node[parent]
    node[last] = value
    return config


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("trainer.max_epochs", 9),
        ("trainer.devices", 2),
        ("trainer.logger", False),
        ("data.num_workers", 4),
        ("data.path", "/moved/digits.csv"),
        ("trainer.callbacks.0.dirpath", "/b"),
        ("mlflow.tags", {"a": "b"}),
    ],
)
def test_allowed_difference_is_noted(path: str, value: Any) -> None:
    """How long, where and what is shown may differ, and so may the place of the same file."""
    assert [True] == [change.allowed for change in drift_between(BASE, changed(path, value))]


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        ("model.lr", 0.2, "model.lr: 0.1 → 0.2"),
        ("model.layers", [8], "model.layers[1]: 4 → (not set)"),
        ("model.beta", None, "model.beta: (not set) → null"),
        ("data.path", "/a/letters.csv", 'data.path: "/a/digits.csv" → "/a/letters.csv"'),
        ("data.batch_size", "32", 'data.batch_size: 32 → "32"'),
    ],
)
def test_other_difference_is_drift(path: str, value: Any, text: str) -> None:
    """Any other value that differs is drift, told as key, old and new."""
    changes = drift_between(BASE, changed(path, value))

    assert [(False, text)] == [(change.allowed, str(change)) for change in changes]


def test_what_only_the_job_knows_may_differ_in_every_part() -> None:
    """A value of the job's own, not yet resolved, is no drift from what an earlier job made of it."""
    (whole, part) = drift_between(
        {"data": {"job": {"num": 0}}}, {"data": {"job": "${hydra:job}"}}, ["data.job"]
    )

    assert [True, True] == [whole.allowed, part.allowed]


def test_same_values_in_other_clothes_are_no_drift() -> None:
    """1 and 1.0, lists and tuples, and another order of keys are the same config."""
    other = {"b": (1.0, {"c": float("nan")}), "a": None}

    assert [] == drift_between({"a": None, "b": [1, {"c": float("nan")}]}, other)


@pytest.mark.parametrize(
    ("old", "new", "longer"),
    [
        ({}, {}, False),
        ({"max_epochs": 3}, {"max_epochs": 4}, True),
        ({"max_epochs": 3}, {"max_epochs": 2}, False),
        ({"max_epochs": 3}, {"max_epochs": -1}, True),
        ({"max_steps": 10}, {}, True),
        ({"max_epochs": -1}, {}, False),
    ],
)
def test_longer_training_is_told_from_the_limits(
    old: dict[str, int], new: dict[str, int], longer: bool
) -> None:
    """A raised limit of epochs or steps means that there is something left to train."""
    assert longer == training_is_longer({"trainer": old}, {"trainer": new})
