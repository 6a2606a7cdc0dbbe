"""What is read without a grammar is what the grammar would read."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from serotiny.compiler.resolution.grammar import BadInterpolation, Interpreter

_pieces = st.sampled_from(
    ["a", " ", "é☃", "'", '"', "}", "{", ":", "\n", "\\", "$", "${a}", "${b.c}", "${n}", "${t}"]
)
CONFIG = OmegaConf.create({"a": 1, "b": {"c": "text"}, "n": None, "t": True})


def _is_interpolation(text: str) -> bool:
    """OmegaConf takes a line break alone for a key; we refuse that."""
    return "${" in text and "${\n}" not in text


@given(st.lists(_pieces, min_size=1, max_size=5).map("".join).filter(_is_interpolation))
@settings(max_examples=300)
def test_a_text_of_keys_and_literals_is_evaluated_as_by_omegaconf(text: str) -> None:
    """The shortcut for literal text around keys gives what OmegaConf's grammar gives."""
    interpreter = Interpreter(
        key=lambda key: OmegaConf.select(CONFIG, key),
        resolver=lambda name, args: (name, args),
        plain=lambda value: value,
    )
    try:
        expected = OmegaConf.create({**CONFIG, "value": text}).value
    except Exception:  # OmegaConf raises ANTLR's and its own
        expected = BadInterpolation
    try:
        value = interpreter.evaluate(text)
    except BadInterpolation:
        value = BadInterpolation
    assert (type(expected), expected) == (type(value), value)
