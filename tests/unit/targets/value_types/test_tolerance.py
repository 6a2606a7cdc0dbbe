"""Which values code is likely to handle that does not enforce its annotations."""

from __future__ import annotations

from typing import Any

import pytest

from serotiny.targets.value_types import types as t
from serotiny.targets.value_types.tolerance import may_take

WORDS = t.MappingType(t.STR, t.STR)
NUMBERS = t.MappingType(t.STR, t.INT)


@pytest.mark.parametrize(
    ("value_type", "value", "expected"),
    [
        (WORDS, {"small": {"train": "a.zip", "test": "b.zip"}, "large": {"train": "c.zip"}}, True),
        (NUMBERS, {"small": {"train": 1}}, True),
        (NUMBERS, {"small": {"train": "many"}}, False),
        (WORDS, {"small": {"train": "a.zip"}, "large": "b.zip"}, False),
        (t.MappingType(t.STR, WORDS), {"small": "a.zip"}, True),
        (t.MappingType(t.STR, WORDS), {"small": [{"role": "user", "text": "a"}]}, True),
        (NUMBERS, [{"small": "many"}], False),
    ],
)
def test_mapping_may_be_one_level_deeper_or_flatter_than_it_is_said_to_be(
    value_type: t.ValueType, value: Any, expected: bool
) -> None:
    """All values of it, or none: one that alone is a mapping was written a level too deep."""
    assert expected == may_take(value_type, value)
