"""Our reading of YAML is OmegaConf's, and every span holds what it is said to hold."""

from __future__ import annotations

import math
import string
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf
from omegaconf._utils import get_yaml_loader
from omegaconf.errors import OmegaConfBaseException

from serotiny.compiler.syntax.document import Document, parse_document
from serotiny.compiler.tree import Node, walk

SCALARS = """
~ null Null NULL nUll true True TRUE false yes no on off Yes NO On OFF y n Y tRue
0 1 -1 +1 007 08 0o17 0x1F 0xg 0b101 1_000 _1 1__0 190:20:30 1:60 -1:30 1.5 -1.5 +.5 .5 5. 1e3 1E-3 1e+3 1.e3
1e 1.0e 1.5e3 1.5e-3 .5e3 .5e-3 1_0.5_0 1:30.5 .inf -.inf +.Inf .INF .nan .NaN .Nan -.nan nan inf e1 1.2.3
2001-12-14 2001-12-14T21:59:43.10-05:00 12:30 ${a.b} ${oc.env:X,1} a b-c d.e ??? = << - -- --- ... ? : @x `x %x
"1" '1' "a\\tb\\u00e9" 'it''s' "" '' !!str 1 !!int "3" !!float 3 !!bool yes !!null "" !!binary aGk= a#b a:b
"""
WORDS = SCALARS.split()
DOCUMENTS = [
    "",
    "# only a comment\n",
    "---\n",
    "---\na: 1\n...\n",
    "a: 1\n---\nb: 2\n",
    "- 1\n- [2, {b: 3}]\n",
    "just a word\n",
    "a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\n",
    "a: &x {b: 1}\ne: &y {b: 2, f: 3}\nd:\n  <<: [*x, *y]\n  g: 4\n",
    "a: &x {b: 1}\ne: &y {f: 3}\nd:\n  <<: *x\n  <<: *y\n  <<: *x\n",
    "a: &x {b: 1}\nd: {c: 3, <<: *x, b: 5}\n",
    "d: {<<: 3}\n",
    "d: {<<: [3]}\n",
    "d: {'<<': {a: 1}}\n",
    "a: &x\n  - 1\nb: *x\nc: *y\n",
    "a: &x 1\nb: &x 2\nc: *x\n",
    "a: &x [*x]\n",
    "a: |\n  two\n  lines\nb: >-\n  folded\n  text\n\nc: |+\n  kept\n\n",
    "a: plain\n  over lines\nb: 'quoted\n\n  too'\n",
    "a: 1\na: 2\n",
    "1: a\n'1': b\n",
    "true: a\n~: b\n",
    "? a\n: 1\n? b\n",
    "? [a, b]\n: 1\n",
    "? {a: b}\n: 1\n",
    "a:\n\t- b\n",
    "a: [1, 2\nb: 3\n",
    "a: {b: 1, c}\n",
    "a: b: c\n",
    "a: !!set {b}\n",
    "a: !!timestamp 2001-01-01\n",
    "a: !!python/object:os.system x\n",
    "a: !own 1\n",
    "a: !!map {b: 1}\nc: !!seq [1]\n",
    "a: !\nb: ! 5\nc: ! '5'\n",
    "a: !!binary aGk=\nb: !!int 3\nc: !!str 3\nd: !!float x\n",
    "%YAML 1.1\n---\na: yes\n",
    "a: \x00\n",
    "a: \x85b\u2028c\n",
    "\ufeffa: 1\r\nb:\r\n  - c\r\n",
    "äöü: 'ß' # ☃\n日本: [語, 🎉]\n",
    "a: [,]\n",
    "a: [1,,2]\n",
    "a: 'open\n",
    "a: *\n",
    "a: &\n",
    "- - - 1\n    - 2\n",
    "{a: 1, b: [c, d], }\n",
    "a: 1 # comment\n# more\nb: 2\n",
    "a: {b: 1}: c\n",
    "a: .\nb: 1.\nc: ..\n",
]

STRICTER = {
    "1: a\n1: b\n": "SER102",  # OmegaConf sees only keys given twice that are strings
    "1: a\n1.0: b\n": "SER102",  # and Python's dictionaries keep one of two equal keys
    "a: !!omap [b: 1]\n": "SER101",  # a list of pairs, which no OmegaConf container holds as such
    "a: &x {b: 1}\nc: {<<: *x, <<: *x, d: 1, d: 2}\n": "SER102",
    "a: &x {b: 1}\ne: &y {b: 2}\nd:\n  <<: *x\n  <<: *y\n": "SER102",  # versions of PyYAML disagree who wins
}
"""What we refuse although OmegaConf reads it, since it cannot be meant."""

_text = st.text(string.ascii_letters + string.digits + " .:-#'\"{}[],&*!|>%@`?\n\té☃🎉", max_size=12)
_words = st.one_of(st.sampled_from(WORDS), _text)
_keys = st.one_of(st.text(string.ascii_lowercase, min_size=1, max_size=4), st.integers(-5, 99), st.booleans())
_data = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), _words),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_keys, inner, max_size=4)),
    max_leaves=12,
)
_styles = st.fixed_dictionaries(
    {
        "default_flow_style": st.sampled_from([None, True, False]),
        "default_style": st.sampled_from([None, None, "'", '"', "|", ">"]),
        "indent": st.integers(2, 6),
        "width": st.sampled_from([10, 80]),
        "allow_unicode": st.booleans(),
        "sort_keys": st.booleans(),
    }
)


class _LibyamlLoader(yaml.CSafeLoader):
    """OmegaConf's loader over libyaml's scanner instead of PyYAML's own."""

    yaml_implicit_resolvers = get_yaml_loader().yaml_implicit_resolvers


def _theirs(text: str, loader: Any) -> Any:
    """What OmegaConf reads; ValueError when it refuses."""
    try:
        loaded = yaml.load(text, Loader=loader)
        if isinstance(loaded, dict | list):
            OmegaConf.create(loaded)
    except (
        yaml.YAMLError,
        OmegaConfBaseException,
        RecursionError,
        ValueError,
        LookupError,
        TypeError,
    ) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    return {} if loaded is None else loaded


def _comparable(value: Any) -> Any:
    """The value with its types, so that 1, 1.0 and true differ and NaN equals itself."""
    if isinstance(value, dict):
        return [(_comparable(key), _comparable(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [_comparable(item) for item in value]
    if isinstance(value, float) and math.isnan(value):
        return ("float", "nan")
    return (type(value).__name__, value)


def _agree(text: str) -> Document:
    document = parse_document("f.yaml", text)
    try:
        theirs = _theirs(text, get_yaml_loader())
    except ValueError as error:
        if any(fault.is_error for fault in document.diagnostics):
            return document
        # libyaml's scanner, which we use for its speed, accepts some white space and tags that PyYAML's does not
        try:
            theirs = _theirs(text, _LibyamlLoader)
        except ValueError:
            pytest.fail(f"OmegaConf refuses: {error}; we read {document.root.plain()!r}")
    assert [] == [fault for fault in document.diagnostics if fault.is_error]
    assert _comparable(theirs) == _comparable(document.root.plain())
    return document


def _cut(text: str, node: Node) -> str:
    place = node.place
    assert place.line is not None
    assert place.end_line is not None
    assert place.column is not None
    assert place.end_column is not None
    lines = text.splitlines(keepends=True)[place.line - 1 : place.end_line]
    lines[-1] = lines[-1][: place.end_column - 1]
    lines[0] = lines[0][place.column - 1 :]
    return "".join(lines)


@pytest.mark.parametrize("text", DOCUMENTS)
def test_a_document_of_every_kind_is_read_as_omegaconf_reads_it(text: str) -> None:
    """Anchors, merge keys, styles, tags, broken text: the same data, or refused by both."""
    _agree(text.removeprefix("\ufeff"))


@pytest.mark.parametrize(("text", "code"), STRICTER.items())
def test_what_cannot_be_meant_is_refused_although_omegaconf_reads_it(text: str, code: str) -> None:
    """The only documents on which we are stricter are those listed."""
    assert [code] == [fault.code for fault in parse_document("f.yaml", text).diagnostics]


def test_the_first_of_a_list_of_merged_mappings_wins() -> None:
    """As the merge key's definition has it; PyYAML 6.0.4 goes by the length of the keys."""
    document = parse_document("f.yaml", "a: &x {beta: 1}\ne: &y {beta: 2, f: 3}\nd:\n  <<: [*x, *y]\n")

    assert {"beta": 1, "f": 3} == document.root.plain()["d"]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("frame", ["a: {}\n", "- {}\n", "a: [{}, 1]\n", "a: {{b: {}}}\n", "{}: 1\n"])
def test_a_scalar_of_every_kind_is_read_as_omegaconf_reads_it(frame: str, word: str) -> None:
    """YAML 1.1's numbers, booleans, nulls and near misses have OmegaConf's types and values."""
    _agree(frame.format(word))


@given(_data, _styles)
@settings(max_examples=400)
def test_dumped_data_is_read_as_omegaconf_reads_it(data: Any, styles: dict[str, Any]) -> None:
    """Whatever PyYAML writes, in any style, we read as OmegaConf does."""
    _agree(yaml.safe_dump(data, **styles))


@given(
    st.lists(st.tuples(st.sampled_from(["a: ", "- ", "b: [", "  c: ", "d:\n  ", "# "]), _words), max_size=5)
)
@example([("a: ", "&x"), ("a: ", "*x")])
@settings(max_examples=400)
def test_text_of_any_kind_is_read_or_refused_as_by_omegaconf(lines: list[tuple[str, str]]) -> None:
    """Arbitrary lines are read alike, or refused by both: never by an exception."""
    _agree("\n".join(start + word for start, word in lines))


@given(_data, _styles)
@settings(max_examples=200)
def test_the_span_of_a_scalar_read_alone_gives_its_value(data: Any, styles: dict[str, Any]) -> None:
    """Cut out of its file, the text of a scalar means the value that the tree has there."""
    text = yaml.safe_dump({"top": data, "next": 1}, **styles | {"default_style": None})
    document = _agree(text)

    for _, node in walk(document.root):
        cut = _cut(text, node)
        if not node.is_mapping and not node.is_list and "\n" not in cut:
            assert _comparable(node.value) == _comparable(yaml.load(cut, Loader=get_yaml_loader()))
        if node.key_place is not None:
            assert "\n" not in str(node.key_place)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [1, 22]\n", ["[1, 22]", "1", "22"]),
        (
            "a:\n  b: 1\n  c: two words # not this\n\n\nd: 3\n",
            ["b: 1\n  c: two words", "1", "two words", "3"],
        ),
        ("a:\n- x\n- y\n\nb: 1\n", ["- x\n- y", "x", "y", "1"]),
        ("äö: {ü: 'ß'}\n", ["{ü: 'ß'}", "'ß'"]),
        ("a: &k 5\nb: *k\n", ["&k 5", "&k 5"]),
    ],
)
def test_spans_hold_the_text_of_their_values(text: str, expected: list[str]) -> None:
    """A span begins at the value's first character and ends behind its last: no comments, no blank lines."""
    document = parse_document("f.yaml", text)

    assert expected == [_cut(text, node) for keys, node in walk(document.root) if keys]
