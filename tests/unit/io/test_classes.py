"""LoadClass."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from serotiny.io.dataframe.loaders import LoadClass
from serotiny.io.dataframe.table import Table
from serotiny.manifest.errors import ManifestError


def table(labels: list[Any], column: str = "label") -> Table:
    return Table.of(Path("m.csv"), {column: labels})


def test_classes_are_numbered_in_the_order_of_all_splits() -> None:
    """A label has the same number in every split, also where another label is absent."""
    train, test = table(["b", "c", "b"]), table(["a", "c"])
    loader = LoadClass("label").bind([train, test])
    assert ("a", "b", "c") == loader.classes
    assert [1, 2, 1] == loader.load(train).tolist()
    assert [0, 2] == loader.load(test).tolist()


def test_number_is_an_int64_scalar_of_a_row() -> None:
    """Cross entropy takes int64."""
    loaded = LoadClass("label", ["x", "y"])(pd.Series({"label": "y"}))
    assert (torch.int64, (), 1) == (loaded.dtype, tuple(loaded.shape), loaded.item())


def test_number_labels_sort_as_numbers() -> None:
    """10 comes after 9."""
    assert (2, 9, 10) == LoadClass("label").bind([table([10, 9, 2])]).classes


@given(st.lists(st.text("abc", max_size=2), min_size=1) | st.lists(st.integers(-3, 3), min_size=1))
def test_numbering_does_not_depend_on_the_order_of_rows(labels: list[str] | list[int]) -> None:
    """The mapping is a function of the set of labels."""
    forward = LoadClass("label").bind([table(labels)])
    backward = LoadClass("label").bind([table(labels[::-1])])
    assert forward.classes == backward.classes
    assert forward.classes is not None
    numbers = forward.load(table(labels)).tolist()
    assert labels == [forward.classes[number] for number in numbers]


def test_given_classes_keep_their_order() -> None:
    """Classes that are given are numbered as given."""
    loader = LoadClass("label", classes=["z", "a"])
    assert [1, 0] == loader.bind([table(["a"])]).load(table(["a", "z"])).tolist()


def test_split_without_the_column_is_passed_over() -> None:
    """A test file without labels does not hide those of the others."""
    assert ("a",) == LoadClass("label").bind([table(["a"]), table([1], "id")]).classes


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["a", "q"], "column `label` holds `q` in row 1 (counted from 0); the classes are `a`, `b`"),
        (["a", None], "column `label` has no label in row 1 (counted from 0)"),
    ],
)
def test_unknown_label_is_an_error(labels: list[Any], message: str) -> None:
    """Column, row and label are named."""
    with pytest.raises(ManifestError, match=re.escape(message)):
        LoadClass("label", ["a", "b"]).load(table(labels))


def test_missing_column_is_an_error() -> None:
    """Neither binding nor loading goes on without the column."""
    with pytest.raises(ManifestError, match="no column `labels`; did you mean `label`"):
        LoadClass("labels").bind([table(["a"])])
    with pytest.raises(ManifestError, match="no column `labels`; did you mean `label`"):
        LoadClass("labels", ["a"]).load(table(["a"]))


def test_loading_before_the_classes_are_known_is_an_error() -> None:
    """A single row cannot tell the numbers of its classes."""
    with pytest.raises(ManifestError, match="classes of column `label` are not known yet"):
        LoadClass("label")(pd.Series({"label": "a"}))


@pytest.mark.parametrize(
    ("classes", "message"), [([], "has no classes"), (["a", "a"], "`a` of column `label`")]
)
def test_bad_classes_are_an_error(classes: list[str], message: str) -> None:
    """Classes are at least one and all different."""
    with pytest.raises(ManifestError, match=message):
        LoadClass("label", classes)
