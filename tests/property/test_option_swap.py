"""An option that is swapped in an expanded defaults list gives what Hydra would expand."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from serotiny.compiler.defaults.memo import Expansions
from serotiny.compiler.hydra.defaults_list import Configs, Defaults, Loaded, compute_defaults
from serotiny.compiler.hydra.errors import Rejected
from serotiny.compiler.hydra.grammar import parse_override
from serotiny.compiler.syntax.defaults_list import SELF, DefaultsEntry
from serotiny.compiler.syntax.override import Override

GROUPS = ("model", "data", "model/part", "model/part/deep")
OPTIONS = ("a", "b", "c")

_Lists = dict[str, list[DefaultsEntry]]

_options = st.sampled_from(OPTIONS)
_self = st.just(DefaultsEntry(group=None, value=SELF))
_part = st.builds(lambda option: DefaultsEntry(group="part", value=option), _options)
_deep = st.builds(lambda option: DefaultsEntry(group="deep", value=option), _options)
_others = st.one_of(
    st.builds(lambda option: DefaultsEntry(group="/data", value=option, override=True), _options),
    st.builds(lambda option: DefaultsEntry(group="/model/part/deep", value=option), _options),
    st.builds(lambda option: DefaultsEntry(group="/data", value=option, package="place"), _options),
    st.builds(
        lambda option: DefaultsEntry(group="part", value=option, optional=True),
        st.sampled_from(["a", "none"]),
    ),
    st.builds(
        lambda option: DefaultsEntry(group="/extra", value=option), st.sampled_from(["${model}", "a", "b"])
    ),
    st.just(DefaultsEntry(group="part", value=("a", "b"))),
    st.just(DefaultsEntry(group="part", value=None)),
    _options.map(lambda option: DefaultsEntry(group=None, value=option)),
)
# most options of a group choose in the same groups, as they do in real projects
_of_model = st.one_of(
    st.tuples(_part, _self), st.tuples(_part, _self), st.tuples(_part, _others), st.tuples(_others)
)
_of_part = st.one_of(st.tuples(_deep), st.tuples(_deep), st.just(()), st.tuples(_others))
_of_primary = st.lists(
    st.one_of(
        st.builds(
            lambda option: DefaultsEntry(group="model/part/deep", value=option, override=True), _options
        ),
        st.builds(lambda option: DefaultsEntry(group="model/part", value=option), _options),
        st.just(DefaultsEntry(group="data", value="a")),
        _self,
    ),
    max_size=2,
    unique=True,
)


@st.composite
def _projects(draw: st.DrawFn) -> _Lists:
    lists: _Lists = {"train": [DefaultsEntry(group="model", value="a"), *draw(_of_primary)]}
    for option in OPTIONS:
        lists[f"model/{option}"] = list(draw(_of_model))
        lists[f"model/part/{option}"] = list(draw(_of_part))
        lists[f"model/part/deep/{option}"] = []
        lists[f"data/{option}"] = []
        lists[f"extra/{option}"] = []
    return lists


def _loaded(lists: _Lists, path: str) -> Loaded | None:
    return Loaded(lists[path], "place" if path == "extra/b" else None) if path in lists else None


def _outcome(by: Expansions | None, lists: _Lists, overrides: list[Override]) -> Defaults | str:
    expand = by or compute_defaults
    configs = Configs(
        lambda path: _loaded(lists, path),
        lambda path: any(name.startswith(f"{path}/") for name in lists),
        lambda group: OPTIONS if f"{group}/a" in lists else (),
    )
    try:
        return expand("train", overrides, configs)
    except Rejected as error:
        return str(error)


@given(_projects())
@settings(max_examples=40)
def test_an_option_that_is_swapped_gives_what_hydra_expands(lists: _Lists) -> None:
    """Whatever the options' own defaults lists hold: the same order, packages, choices, refusals."""
    swaps = Expansions()
    assert _outcome(None, lists, []) == _outcome(swaps, lists, [])
    for group in GROUPS:
        for option in (*OPTIONS, "none"):
            overrides = [parse_override(f"{group}={option}")]
            assert _outcome(None, lists, overrides) == _outcome(swaps, lists, overrides), (group, option)


_choices = st.lists(st.tuples(st.sampled_from(GROUPS), _options), min_size=2, max_size=4)


@given(_projects(), st.lists(_choices, min_size=1, max_size=6))
@settings(max_examples=40)
def test_several_options_that_are_swapped_give_what_hydra_expands(
    lists: _Lists, calls: list[list[tuple[str, str]]]
) -> None:
    """In whatever order they are given, also where one brings along what another chooses, or a group comes twice."""
    swaps = Expansions()
    assert _outcome(None, lists, []) == _outcome(swaps, lists, [])
    for call in (*calls, *calls):
        overrides = [parse_override(f"{group}={option}") for group, option in call]
        assert _outcome(None, lists, overrides) == _outcome(swaps, lists, overrides), call
