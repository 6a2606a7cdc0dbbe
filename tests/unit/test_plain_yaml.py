"""Plain data as YAML: PyYAML and OmegaConf read it alike."""

from __future__ import annotations

import math
from typing import Any

import pytest
from omegaconf import OmegaConf

from serotiny.plain_yaml import read_plain_yaml, write_plain_yaml

LIKE_NUMBERS = (
    "1e3",
    "1.e5",
    "1e-3",
    "0o14",
    "012",
    "1_000",
    "12:30:45",
    "2024-01-01",
    "0x1f",
    ".5",
    "1.",
    "inf",
)
LIKE_OTHERS = (
    "",
    "~",
    "null",
    "yes",
    "off",
    "True",
    "=",
    "<<",
    "- a",
    "a: b",
    "#1",
    "${x}",
    "ü",
    "a\nb",
    "a\x85b",
    "\u2028",
)


@pytest.mark.parametrize("text", [*LIKE_NUMBERS, *LIKE_OTHERS])
def test_text_stays_a_text(text: str) -> None:
    """Whatever a text looks like, both readers give it back, as a value and as a key."""
    data = {"value": text, "keys": {text: 1}}
    written = write_plain_yaml(data)

    assert data == read_plain_yaml(written)
    assert data == OmegaConf.to_container(OmegaConf.create(written))


@pytest.mark.parametrize("value", [1e-05, 1e20, 1.0, -0.0, 3, True, None, math.inf, [1e-3], []])
def test_other_values_stay_what_they_are(value: Any) -> None:
    """A number in scientific notation is no text to either."""
    written = write_plain_yaml({"value": value})

    assert {"value": value} == read_plain_yaml(written)
    assert {"value": value} == OmegaConf.to_container(OmegaConf.create(written))


def test_numbers_of_json_are_numbers() -> None:
    """JSON writes `1e-05` without a point, which is a text to YAML 1.1."""
    assert {"lr": 1e-05} == read_plain_yaml('{"lr": 1e-05}')


def test_what_is_there_twice_is_written_twice() -> None:
    """No aliases are written, which `read_plain_yaml` refuses."""
    shared = [1, 2]

    assert {"a": shared, "b": shared} == read_plain_yaml(write_plain_yaml({"a": shared, "b": shared}))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model: 1\nmodel: 2", "line 2: the key `model` is there twice"),
        ('{"a": {"b": 1, "b": 1}}', "line 1: the key `b` is there twice"),
        ("a:\n- 1: x\n  0x1: y", "line 3: the key `0x1` is there twice"),
        ("2305843009213693951: x", "line 1: a number as a key has more than 18 digits"),
    ],
)
def test_a_key_that_is_no_good_is_told_with_its_line(text: str, said: str) -> None:
    """The last of two keys is not taken for the only one; large numbers may all have the same hash."""
    with pytest.raises(ValueError, match=f"^{said}$"):
        read_plain_yaml(text)


@pytest.mark.parametrize("text", ["{1: x, '1': y}", "{<<: {a: 1}, a: 2}", "{999999999999999999: x}"])
def test_keys_that_are_alike_at_most_are_read(text: str) -> None:
    """A number is not its text, and a merged key gives way, as to OmegaConf."""
    assert OmegaConf.to_container(OmegaConf.create(text)) == read_plain_yaml(text)
