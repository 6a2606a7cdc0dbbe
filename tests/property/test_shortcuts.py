"""What is read without a grammar is what the grammar would read."""

from __future__ import annotations

from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from serotiny.compiler.hydra.errors import Rejected
from serotiny.compiler.hydra.grammar import parse_override
from serotiny.compiler.resolution.grammar import BadInterpolation, Interpreter

_words = st.one_of(
    st.sampled_from(
        ["model", "a_1", "Null", "TRUE", "false", "inf", "NaN", "nano", "_x", "é", "1a", "a-b", ""]
    ),
    st.text("aZ_09é-./@:, $", max_size=5),
)
_pieces = st.sampled_from(
    ["a", " ", "é☃", "'", '"', "}", "{", ":", "\n", "\\", "$", "${a}", "${b.c}", "${n}", "${t}"]
)
CONFIG = OmegaConf.create({"a": 1, "b": {"c": "text"}, "n": None, "t": True})


_signs = st.sampled_from(["", "", "+", "++", "~", "+++"])
_numbers = st.one_of(
    st.integers(-12, 120).map(str),
    st.floats(-2, 2).map(repr),
    st.sampled_from(
        [
            "0",
            "-0",
            "007",
            "1_000",
            "1e3",
            "1.5e-3",
            "1.E2",
            ".5",
            "-.5",
            "+1",
            "1.",
            "0.0",
            "1e400",
            "1.0e400",
        ]
    ),
)


@given(_signs, st.lists(_words, min_size=1, max_size=2), st.sampled_from("/."), st.one_of(_words, _numbers))
@settings(max_examples=600)
def test_a_simple_override_of_any_spelling_is_parsed_as_by_hydra(
    sign: str, keys: list[str], between: str, value: str
) -> None:
    """The shortcut for a key and a word or number gives the very override that Hydra's parser gives."""
    text = f"{sign}{between.join(keys)}={value}"
    try:
        parsed = parse_override(text)
    except Rejected:
        return  # the parser itself refused
    assert repr(OverridesParser.create().parse_override(text)) == repr(parsed)


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
