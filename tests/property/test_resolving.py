"""Resolving is OmegaConf's: the same values from the same interpolations, or a fault where it fails."""

from __future__ import annotations

import math
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from serotiny.compiler.composition.compose import Composed
from serotiny.compiler.project import Project
from serotiny.compiler.resolution.resolve import Resolved, resolve
from serotiny.compiler.syntax.document import parse_document
from serotiny.compiler.tree import walk

# OmegaConf warns of arguments left empty, as in `${oc.select:a,}`
pytestmark = pytest.mark.filterwarnings("ignore:In the sequence:UserWarning")

VARIABLE = "SEROTINY_TEST_VARIABLE"
ABSENT = "SEROTINY_TEST_ABSENT"

_keys = st.sampled_from(
    ["a", "b", "c", "a.x", "b.y", "c.0", "c[1]", "a[x]", "none", "n", "t", ".b", ".x", "..a", "...a", "a.x.q"]
)
_plain = st.sampled_from(["1", "2.5", "true", "null", "word", "'quoted'", "[1,2]", "{k:1}", "a b", "", "nan"])
_nodes = _keys.map("${{{}}}".format)
_interpolations = st.recursive(
    _nodes,
    lambda inner: st.one_of(
        st.builds("${{oc.select:{},{}}}".format, _keys, st.one_of(_plain, inner)),
        st.builds("${{oc.select:{}}}".format, _keys),
        st.sampled_from([f"${{oc.env:{VARIABLE}}}", f"${{oc.env:{ABSENT}}}", f"${{oc.env:{ABSENT},3}}"]),
        st.sampled_from(
            [f"${{oc.env:{ABSENT},null}}", f"${{oc.decode:${{oc.env:{VARIABLE}}}}}", "${oc.env:}"]
        ),
        st.builds(
            "${{oc.decode:{}}}".format, st.one_of(_plain, inner, st.sampled_from(["'[1, 2]'", "'{a: 1}'"]))
        ),
        st.builds("${{oc.create:{}}}".format, st.one_of(_plain, inner)),
        st.builds("${{oc.dict.keys:{}}}".format, _keys),
        st.builds("${{oc.dict.values:{}}}".format, _keys),
        st.sampled_from(["${unknown:1}", "${a", "${}", "${a.}", "$a", "${${t}}", "${a.${t}}", "${ a }"]),
    ),
    max_leaves=3,
)
_texts = st.one_of(
    _interpolations,
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["", "w ", "\\", "\\\\", "$", "é'"]),
        _interpolations,
        st.sampled_from(["", "-", " ", "}"]),
    ),
    st.builds("{}{}".format, _interpolations, _interpolations),
    st.sampled_from(["plain", "\\${a}", "\\\\${t}", "a\\$b", "$", "${", "$${t}"]),
)
_values = st.one_of(st.sampled_from([None, 1, 2.5, True, "word", "x", "a"]), _texts, _texts)
_configs = st.fixed_dictionaries(
    {
        "a": st.one_of(_values, st.dictionaries(st.sampled_from(["x", "b"]), _values, max_size=2)),
        "b": st.one_of(_values, st.dictionaries(st.sampled_from(["y", "x"]), _values, max_size=2)),
        "c": st.one_of(_values, st.lists(_values, max_size=2)),
        "n": st.just(None),
        "t": st.just("a"),
    }
)


def _composed(text: str) -> Composed:
    root = parse_document("f.yaml", text).root
    return Composed(
        primary="train",
        operation="train",
        project=Project(root=Path.cwd(), package=None, config_folders=()),
        root=root,
        hydra=None,
        order=(),
        choices={},
        groups=frozenset(),
        inserted=(),
        arguments=(),
        diagnostics=(),
    )


def _comparable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _comparable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_comparable(item) for item in value]
    return "nan" if isinstance(value, float) and math.isnan(value) else (type(value).__name__, value)


def _goes_further(config: dict[str, Any], theirs: Any) -> bool:
    """Where we resolve more on purpose.

    In a longer text a list or mapping has its interpolations as they were written: with us they need a value all
    the same. No key leads into what `oc.decode` gives.
    """
    printed = any("${" in text and re.search(r"[\[:,] ?['\"]", text) for text in _texts_in(theirs))
    decoded = [key for key, value in config.items() if "oc.decode" in str(value)]
    return printed or any(isinstance(theirs[key], dict | list) for key in decoded)


def _texts_in(value: Any) -> list[str]:
    if isinstance(value, dict | list):
        return [
            text
            for item in (value.values() if isinstance(value, dict) else value)
            for text in _texts_in(item)
        ]
    return [value] if isinstance(value, str) else []


def _agree(config: dict[str, Any]) -> Resolved:
    text = yaml.safe_dump(config, sort_keys=False)
    ours = resolve(_composed(text))
    try:
        theirs = OmegaConf.to_container(OmegaConf.create(text), resolve=True, throw_on_missing=True)
    except (OmegaConfBaseException, ValueError, TypeError, AttributeError, RecursionError) as error:
        into_decoded = "oc.decode" in text and re.search("not a container|cannot be applied", str(error))
        if not ours.diagnostics and not into_decoded:
            pytest.fail(f"OmegaConf refuses: {error}; we resolve {ours.root.plain()}")
        return ours
    if _goes_further(config, theirs):
        return ours
    assert () == ours.diagnostics
    assert _comparable(theirs) == _comparable(ours.root.plain())
    return ours


@given(_configs)
@settings(max_examples=300, phases=(Phase.explicit, Phase.generate))
@example({"a": {"x": "${..b}", "b": "${.x}"}, "b": 3, "c": ["${a.x}", "${c.0}"], "n": None, "t": "a"})
@example({"a": "${b}", "b": "${c}", "c": "${a}", "n": None, "t": "a"})
@example(
    {"a": "${oc.select:n,1}", "b": "${oc.select:none,1}", "c": "${oc.create:${n}}-", "n": None, "t": "a"}
)
@example({"a": "${t}-{epoch}", "b": "${c}}", "c": "${oc.create:[1]}}", "n": None, "t": "a"})
@example({"a": "${oc.deprecated:}", "b": 1, "c": 1, "n": None, "t": "a"})
@example({"a": "${oc.deprecated:t,b,c}", "b": 1, "c": 1, "n": None, "t": "a"})
@example({"a": "${oc.deprecated:1}", "b": 1, "c": 1, "n": None, "t": "a"})
def test_interpolations_are_resolved_as_by_omegaconf(config: dict[str, Any]) -> None:
    """Relative and nested keys, resolvers, escapes and several in one text: OmegaConf's values and refusals."""
    os.environ[VARIABLE] = "[1, two]"
    try:
        _agree(config)
    finally:
        del os.environ[VARIABLE]


@pytest.mark.parametrize(
    "text",
    [
        "x-${w}",
        "${m}-x",
        "a \\${b} ${w}",
        "p ${alias}",
        "${oc.dict.keys:m} ${m}",
        "x-${oc.dict.values:m}",
        "x-${values}",
        "${oc.dict.values:.m}!",
    ],
)
def test_what_stands_in_a_longer_text_is_as_it_was_written(text: str) -> None:
    """OmegaConf makes a text of a list or mapping without resolving what is in it."""
    config = {"w": [1, "${seed}", ["a"]], "m": {"a": "${seed}", "n": None}, "alias": "${w}", "seed": 7}
    config["values"] = "${oc.dict.values:m}"
    config["text"] = text
    theirs = OmegaConf.create(config)

    ours = resolve(_composed(yaml.safe_dump(config, sort_keys=False)))

    assert () == ours.diagnostics
    assert theirs.text == ours.root.plain()["text"]


@given(_configs)
@settings(max_examples=100, phases=(Phase.explicit, Phase.generate))
def test_a_resolved_value_names_the_text_that_gave_it(config: dict[str, Any]) -> None:
    """Whatever came through an interpolation carries the text as written and the place where it stands."""
    text = yaml.safe_dump(config, sort_keys=False, width=1000)
    lines = text.splitlines()

    for _, node in walk(resolve(_composed(text)).root):
        if node.reference is None:
            continue
        place = node.reference.place
        assert place.line is not None
        assert place.column is not None
        assert place.end_column is not None
        cut = lines[place.line - 1][place.column - 1 : place.end_column - 1]
        assert node.reference.text == yaml.safe_load(cut)


@given(_configs)
@settings(max_examples=200)
@example({"a": f"${{oc.env:{VARIABLE}}}", "b": "${oc.select:a,1}", "c": ["w ${c}"], "n": None, "t": "a"})
@example(
    {"a": {"x": f"${{oc.env:{VARIABLE}}}"}, "b": "${a}}", "c": "${oc.dict.values:a}", "n": None, "t": "a"}
)
@example({"a": "${c}", "b": "${c.k}", "c": f"${{oc.decode:${{oc.env:{VARIABLE}}}}}", "n": None, "t": "a"})
def test_what_comes_from_the_environment_is_never_logged(config: dict[str, Any]) -> None:
    """By whatever way a value reached its place, it is logged as it was written."""
    resolved = resolve(_composed(yaml.safe_dump(config, sort_keys=False)), {VARIABLE: "{k: hidden}"})

    assert "hidden" not in str(resolved.root.logged())
