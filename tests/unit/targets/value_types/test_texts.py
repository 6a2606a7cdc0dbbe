"""Objects that a config writes as a text."""

from __future__ import annotations

import pytest

from serotiny.targets.value_types.texts import TEXT_FORMS


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("fractions.Fraction", "1/3", True),
        ("fractions.Fraction", "one third", False),
        ("fractions.Fraction", "1e999999999", False),
        ("decimal.Decimal", "0,5", False),
        ("re.Pattern", "[a-z", False),
        ("re.Pattern", "(" * 9_000, False),
        ("re.Pattern", "(" * 1_000_000, True),
        ("torch.dtype", "float65", False),
        ("torch.device", "cuda:0", True),
        ("builtins.complex", "1+2j", True),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)
def test_a_text_is_read_in_a_short_time_or_taken_for_sound(path: str, text: str, expected: bool) -> None:
    """What would take long to read, as an exponent that is written out, is refused or not read at all."""
    assert expected == TEXT_FORMS[path].reads(text)
