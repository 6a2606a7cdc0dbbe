from __future__ import annotations

import shlex

import pytest

from serotiny.compiler.hydra.grammar import parse_override
from serotiny.compiler.overrides.quoting import quoted

VALUES = [
    "über",
    "a b",
    "a (b)",
    "a=b",
    "a&b",
    "#1",
    "it's",
    'say "no"',
    'it\'s "both"',
    "a,b",
    "2024_11",
    "a!b's",
]


@pytest.mark.parametrize("value", VALUES)
def test_the_quoted_form_pasted_into_a_shell_gives_the_text(value: str) -> None:
    """What a message says to write arrives, through the shell and Hydra's grammar, as the text that was typed."""
    form = quoted(f"++mlflow.run_name={value}", value)

    assert form is not None
    (argument,) = shlex.split(form)
    assert value == parse_override(argument).value
