"""What is read without a grammar is what the grammar would read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from serotiny.compiler.resolution.grammar import Interpreter
from serotiny.compiler.resolution.lookups import BadInterpolation

_keys = st.sampled_from(
    ["${a}", "${b.c}", "${n}", "${t}", "${.a}", "${.b.c}", "${d-e}", "${f.0}", "${f.1.g}", "${0}"]
)
_arguments = st.one_of(
    st.sampled_from(
        ["x", "1", "-1.5e3", "null", "TRUE", "x:y", "/a/b-c.ckpt", "%Y-%m-%d", "x y", "'it, is}'", '"q"']
    ),
    st.text("aZ_09.-/+:*@%|? \t,$\\é=()[]{}'\"\n", max_size=5),
)
_calls = st.builds(
    lambda name, between, arguments: f"${{{name}:{between.join(arguments)}}}",
    st.sampled_from(["call", "a.call", "b-c", "call ", "0"]),
    st.sampled_from([",", ", ", " ,", "\t,"]),
    st.lists(_arguments, max_size=3),
)
_literals = st.sampled_from(["a", " ", "é☃", "'", '"', "}", "{", ":", "\n", "\\", "$"])
_pieces = st.one_of(_literals, _keys, _calls)
CONFIG = OmegaConf.create(
    {"a": 1, "b": {"c": "text"}, "n": None, "t": True, "d-e": 2, "f": [3, {"g": 4}], "0": 5}
)
RESOLVERS = ("call", "a.call", "b-c")


@pytest.fixture(autouse=True, scope="module")
def _resolvers() -> Iterator[None]:
    """Resolvers that tell how they are called."""
    for name in RESOLVERS:
        OmegaConf.register_new_resolver(name, partial(_told, name))
    yield
    for name in RESOLVERS:
        OmegaConf.clear_resolver(name)


def _value_at(key: str) -> Any:
    value = OmegaConf.select(CONFIG, key.removeprefix("."), default=BadInterpolation)
    if value is BadInterpolation:
        raise BadInterpolation(key)
    return value


def _told(name: str, *arguments: Any) -> str:
    if name not in RESOLVERS:
        raise BadInterpolation(name)
    return f"{name}{arguments!r}"


def _is_interpolation(text: str) -> bool:
    """OmegaConf takes a line break alone for a key; we refuse that."""
    return "${" in text and "${\n}" not in text


@pytest.mark.filterwarnings("ignore:In the sequence")
@given(st.lists(_pieces, min_size=1, max_size=5).map("".join).filter(_is_interpolation))
@settings(max_examples=500)
def test_a_text_of_keys_and_literals_is_evaluated_as_by_omegaconf(text: str) -> None:
    """The shortcut for literal text around keys and plain calls gives what OmegaConf's grammar gives."""
    interpreter = Interpreter(
        key=_value_at,
        resolver=lambda name, arguments: _told(name, *arguments),
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
