"""Defaults lists are expanded as by Hydra: the same configs, packages and choices, or the same refusal."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from serotiny.compiler.defaults.compute import compute_defaults
from serotiny.compiler.defaults.configs import Configs, Defaults, Loaded
from serotiny.compiler.defaults.errors import DefaultsRejected, EndlessDefaults
from serotiny.compiler.hydra.grammar import parse_override
from serotiny.compiler.syntax.defaults_list import SELF, DefaultsEntry
from serotiny.compiler.syntax.override import Override
from tests.property.hydras_defaults import Refusal, hydras_defaults

GROUPS = ("g", "h", "g/k", "g/k/m")
OPTIONS = ("a", "b", "c")

_Configs = dict[str, Loaded]

_options = st.sampled_from(OPTIONS)
_packages = st.sampled_from(
    [*[None] * 12, "p", "p.q", "_here_", "_global_", "_global_.p", "_group_", "_group_.x", "_name_", ""]
)
_groups = st.sampled_from(["g", "h", "k", "m", "g/k", "/g", "/h", "/g/k", "/g/k/m", "/g", "/h"])
_values = st.one_of(
    _options,
    _options,
    _options,
    _options,
    st.sampled_from([None, "none", "sub/a", "???", "${g}", "${h}", "${g/k}", "${h@p}", "a${none}"]),
    st.sampled_from(["${g}", "${.g}", "${..g}", "x${g}", "${oc.decode:a}", "${defaults.0.g}", "$a"]),
    st.lists(st.sampled_from(["a", "b", "sub/a", "none", "${g}"]), max_size=2).map(tuple),
)
_choices = st.builds(
    lambda group, value, package, optional, override: DefaultsEntry(
        group=group, value=value, package=package, optional=optional, override=override
    ),
    _groups,
    _values,
    _packages,
    st.sampled_from([True, False, False]),
    st.sampled_from([True, False, False]),
)
_self = DefaultsEntry(group=None, value=SELF)
_names = st.builds(
    lambda name, package: DefaultsEntry(group=None, value=name, package=package),
    st.sampled_from(
        [
            "a",
            "b",
            "/base",
            "/g/a",
            "k/a",
            "base",
            "/g/${g}",
            "/h/${h}",
            "k/${g/k}",
            "/g/k/${defaults.0}",
            "???",
        ]
    ),
    _packages,
)
_overrides_last = st.lists(st.one_of(_choices, _choices, _choices, _names, st.just(_self)), max_size=3).map(
    lambda entries: sorted(entries, key=lambda entry: entry.override)
)
_none: st.SearchStrategy[list[DefaultsEntry]] = st.just([])
_lists = st.one_of(_none, _overrides_last, _overrides_last, st.lists(st.one_of(_choices, _names), max_size=2))
_loaded = st.builds(
    Loaded, _lists, st.sampled_from([*[None] * 9, "_global_", "p", "_group_", "", "_global_.z", "p._name_"])
)
_plain = st.sampled_from([Loaded((), None), Loaded((), None), Loaded((), "_global_")])
_projects = st.fixed_dictionaries(
    {"train": st.builds(Loaded, st.lists(st.one_of(_choices, _names), max_size=4), st.none())}
    | {"base": _loaded, "g/sub/a": _loaded, "hydra/config": st.builds(Loaded, _lists, st.just("hydra"))}
    | {f"g/{option}": _loaded for option in OPTIONS}
    | {f"h/{option}": st.one_of(_plain, _loaded) for option in OPTIONS}
    | {f"g/k/{option}": st.one_of(_plain, _loaded) for option in OPTIONS}
    | {f"g/k/m/{option}": _plain for option in OPTIONS}
)
_calls = st.lists(
    st.one_of(
        st.builds(
            "{}{}{}={}".format,
            st.sampled_from(["", "", "", "+", "+", "++"]),
            st.sampled_from(GROUPS),
            st.sampled_from(["", "", "", "@p", "@_global_", "@p.q", "@_here_"]),
            st.sampled_from(
                ["a", "b", "c", "none", "null", "[a,b]", "[]", "${h}", "'???'", "{x:1}", "1", "sub/a"]
            ),
        ),
        st.builds(
            "~{}{}{}".format,
            st.sampled_from(GROUPS),
            st.sampled_from(["", "", "@p"]),
            st.sampled_from(["", "=a", "=b", "=null", "=1"]),
        ),
        st.sampled_from(["x.y=1", "+h.z=2"]),
    ),
    max_size=3,
)


def _configs(lists: _Configs, with_hydra: bool) -> Configs:
    return Configs(
        lists.get,
        lambda path: any(name.startswith(f"{path}/") for name in lists),
        with_hydra=with_hydra,
    )


def _theirs(overrides: list[Override], configs: Configs) -> Defaults | Refusal:
    try:
        return hydras_defaults("train", overrides, configs)
    except Refusal as error:
        return error


def _ours(overrides: list[Override], configs: Configs) -> Defaults | DefaultsRejected:
    try:
        return compute_defaults("train", overrides, configs)
    except DefaultsRejected as error:
        return error


def _agree(lists: _Configs, overrides: list[Override], with_hydra: bool) -> None:
    configs = _configs(lists, with_hydra)
    ours = _ours(overrides, configs)
    try:
        theirs = _theirs(overrides, configs)
    except RecursionError:
        assert isinstance(ours, EndlessDefaults)
        return
    if not isinstance(theirs, Refusal):
        assert theirs == ours
    elif theirs.missing is not None:  # Hydra ends at the first one
        assert theirs.missing == next(iter(ours.missing)).config_path
    else:
        assert isinstance(ours, DefaultsRejected), theirs
        assert () == ours.missing
        # what it does not foresee, Hydra refuses without a text, or with one of Python's
        assert str(theirs) in ("", str(ours))


@given(_projects, st.lists(_calls, min_size=1, max_size=5), st.booleans())
@settings(max_examples=60)
def test_defaults_lists_are_expanded_as_by_hydra(
    lists: _Configs, calls: list[list[str]], with_hydra: bool
) -> None:
    """Entries of every form, packages, overrides of files and of the call: the same outcome."""
    for call in ([], *calls):
        _agree(lists, [parse_override(text) for text in call], with_hydra)
