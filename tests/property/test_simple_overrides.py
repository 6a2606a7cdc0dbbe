"""An override that is read without Hydra's grammar is what the grammar reads."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from serotiny.compiler.hydra.errors import Rejected
from serotiny.compiler.hydra.override_grammar import parse
from serotiny.compiler.syntax.override import Override
from serotiny.compiler.syntax.simple_override import parse_simple

_SIGNS = st.sampled_from(["", "", "", "+", "++", "~", "+++", "~+"])
_STEPS = st.sampled_from(
    [
        "model",
        "a_1",
        "_x",
        "a-b",
        "0",
        "7",
        "10",
        "007",
        "1_0",
        "0b",
        "1a",
        "Null",
        "true",
        "inf",
        "é",
        "$a",
        "",
    ]
)
_KEYS = st.builds(
    lambda between, steps: between.join(steps),
    st.sampled_from("/.."),
    st.lists(_STEPS, min_size=1, max_size=3),
)
_PACKAGES = st.one_of(st.just(""), st.just(""), st.just("@"), _KEYS.map("@{}".format))

_NUMBERS = st.one_of(
    st.integers(-12, 1200).map(str),
    st.floats().map(repr),
    st.sampled_from(
        [
            "0",
            "-0",
            "+0",
            "007",
            "1_000",
            "1__0",
            "_1",
            "1_",
            "1e3",
            "1E3",
            "1e-3",
            "1.5e-3",
            "1.E2",
            ".5",
            "-.5",
            "+.5e+1",
            "+1",
            "1.",
            "0.0",
            "1e400",
            "1.0e400",
            "1.2.3",
            "1e",
            "1e-",
            "e3",
            "1-2",
            "-+1",
            "--1",
            "1_0.0_1e1_0",
            "00.1",
            "-inf",
            "+NaN",
            "nan",
            "Inf",
            "infinity",
            "0x10",
            "1,5",
            "1.5.",
        ]
    ),
)
_WORDS = st.one_of(
    st.sampled_from(
        [
            "adam",
            "data/a.ckpt",
            "./x",
            "../x",
            "/tmp/x.yaml",
            "s3://bucket/x?y=1",
            "http://a:80/b",
            "C:\\x",
            "~/x",
            "a|b",
            "*",
            "*.csv",
            "100%",
            "a@b",
            "v1.2-rc_3",
            "2024-01-01",
            "12:30:00",
            "null",
            "NULL",
            "Null",
            "true",
            "TRUE",
            "False",
            "nullx",
            "truely",
            "${a}",
            "${a.b}/c",
            "x${oc.env:HOME,y}z",
            "${a",
            "${a:${b}}",
            "$",
            "$a",
            "${}",
            "é",
            "a=b",
        ]
    ),
    st.text("aZ_09.-/+:*@%|? \t,$\\é=()[]{}'\"", max_size=6),
)
_QUOTED = st.builds(
    "{0}{1}{2}".format,
    st.sampled_from(["'", '"', '"', "'"]),
    st.text("a ,\"'\\[]{}:=é\n$", max_size=5),
    st.sampled_from(["'", '"']),
)
_ITEMS = st.one_of(_WORDS, _NUMBERS, _QUOTED)
_COMMAS = st.sampled_from([",", ", ", " ,", "  ,  ", ",,", ",\t"])
_SEVERAL = st.builds(lambda between, items: between.join(items), _COMMAS, st.lists(_ITEMS, max_size=4))
_VALUES = st.one_of(
    _ITEMS,
    _SEVERAL,
    _SEVERAL.map("[{}]".format),
    _SEVERAL.map("[ {} ]".format),
    st.sampled_from(["", " ", "range(1,3)", "choice(a,b)", "{a:1}", "[[a],b]", "a (b)", "glob(*)"]),
)


def _by_hydra(text: str) -> Override | None:
    try:
        return parse(text)
    except Rejected:
        return None


@given(_SIGNS, _KEYS, _PACKAGES, st.one_of(st.just(""), _VALUES.map("={}".format), _VALUES.map("={}".format)))
@example("", "a", "", "=['x','y']")
@example("", "a", "", '=["x, y", "", z]')
@example("", "a", "", "='','x'")
@example("", "a", "", "=${a},b c , 1e-3")
@settings(max_examples=1500, deadline=None)
def test_a_simple_override_of_any_spelling_is_parsed_as_by_hydra(
    sign: str, key: str, package: str, value: str
) -> None:
    """Where the shortcut reads an argument, all fields are those of Hydra's own parser."""
    text = f"{sign}{key}{package}{value}"
    read = parse_simple(text)
    if read is not None:
        # as text, in which nan equals nan and True does not equal 1
        assert repr(_by_hydra(text)) == repr(read)


@given(
    st.sampled_from(["", "+", "++"]),
    _NUMBERS.filter(lambda text: "," not in text),
    st.sampled_from(["model", "a/b", "a.b.0"]),
)
@settings(max_examples=100, deadline=None)
def test_what_is_typed_most_needs_no_grammar(sign: str, number: str, key: str) -> None:
    """Words, numbers, paths, quoted texts, lists and sweeps of them are read without Hydra, and so is a deletion."""
    for value in (number, f"'{number}'", "a/b.ckpt", f"[{number},x]", f"{number},'y z',w"):
        assert parse_simple(f"{sign}{key}={value}") is not None
    assert parse_simple(f"~{key}") is not None
