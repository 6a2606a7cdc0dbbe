"""Which name was meant."""

from __future__ import annotations

import difflib
import itertools
from difflib import get_close_matches

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serotiny.diagnostics import closest, closest_object

_NAMES = st.text("abA_1", min_size=1, max_size=6)
_MANY = [f"key_number_{number}" for number in range(3000)]


def test_names_without_end_are_not_read_to_their_end() -> None:
    """Of a table of any width the first names are looked at."""
    assert "column_17" == closest("Column_17", (f"column_{number}" for number in itertools.count()))


@given(name=_NAMES, names=st.lists(_NAMES, max_size=60))
def test_few_names_are_compared_as_the_standard_library_does(name: str, names: list[str]) -> None:
    """Those that differ in the case of letters alone come first, and then those with two neighbours swapped."""
    folded = name.casefold()
    places = range(len(folded) - 1 if len(folded) > 2 else 0)
    swapped = [folded[:at] + folded[at + 1] + folded[at] + folded[at + 2 :] for at in places]
    same = next(filter(None, ([o for o in names if o.casefold() == form] for form in (folded, *swapped))), [])
    expected = get_close_matches(name, same or names, n=1, cutoff=0.0 if same else 0.6)

    assert expected == [found for found in [closest(name, names)] if found is not None]


def test_a_name_with_two_letters_swapped_is_meant_before_a_shorter_one() -> None:
    """`modle` is more like `mode` to the standard library than like `model`."""
    assert "model" == closest("modle", ["mode", "model"])


@pytest.mark.parametrize(
    "misspelt", ["kye_number_2123", "key_number_2123x", "ey_number_2123", "key_number_212.3"]
)
def test_of_many_names_the_one_with_a_typo_at_either_end_is_found(misspelt: str) -> None:
    """The names beside it in the order of the alphabet are compared, from the front and from the back."""
    assert "key_number_2123" == closest(misspelt, _MANY)


def test_of_many_names_few_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """A config may have a thousand faults in a table of thousands of columns."""
    compared: list[float] = []

    class Counting(difflib.SequenceMatcher[str]):
        def ratio(self) -> float:
            compared.append(super().ratio())
            return compared[-1]

    monkeypatch.setattr(difflib, "SequenceMatcher", Counting)

    assert closest("kye_number_2123", _MANY) is not None
    assert 0 < len(compared) <= 100


@pytest.mark.parametrize(
    ("name", "other", "is_meant"),
    [
        ("NeptuneLogger", "CometLogger", False),
        ("volume_estimator", "num_estimator", False),
        ("GPUStatsMonitor", "DeviceStatsMonitor", True),
        ("BCELos", "BCELoss", True),
        ("jointEstimatorRAP", "jointEstimatorRP", True),
        ("EarlyStop", "EarlyStopping", True),
        ("CrossEntropy", "CrossEntropyLoss", True),
        ("Conv2D", "Conv2d", True),
        ("data_transforms", "data_transform", True),
    ],
)
def test_an_object_with_another_word_is_not_meant(name: str, other: str, is_meant: bool) -> None:
    """The word that says what kind of thing it is has many letters, and is no sign that the rest is misspelt."""
    assert (other if is_meant else None) == closest_object(name, [other, "unlike"])
