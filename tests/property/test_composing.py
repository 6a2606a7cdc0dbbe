"""Composing is Hydra's: the same config from the same groups and overrides, or refused by both."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hydra import version
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.utils import create_config_search_path
from hydra.core.plugins import Plugins
from hydra.errors import HydraException
from hydra.types import RunMode
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from serotiny.compiler.composition.compose import Composed, compose
from serotiny.compiler.hydra.config_source import SerotinySource, source_path
from serotiny.compiler.hydra.errors import VERSION_BASE
from serotiny.compiler.project import Project
from serotiny.compiler.sources.sources import Sources
from serotiny.diagnostics import Diagnostic
from serotiny.schemas.hydra_store import register

GROUPS = ("model", "data", "extra", "model/part")
OPTIONS = ("a", "b", "default")

_keys = st.sampled_from(["x", "y", "n", "part", "née", "a key"])
_scalars = st.sampled_from(
    [None, True, 1, 2.5, "word", "", "???", "${model.x}", "${.y}", "1", "\\${x}", "2024-01-01", "日本"]
)
_values = st.one_of(
    _scalars, _scalars, st.lists(_scalars, max_size=2), st.dictionaries(st.sampled_from(["p", "q"]), _scalars)
)
_mappings = st.dictionaries(_keys, _values, max_size=3)
_options = st.sampled_from(OPTIONS)
_entries_of_options = st.one_of(
    st.just("_self_"),
    _options,
    st.builds(lambda option: {"/extra": option}, _options),
    st.builds(lambda option: {"part": option}, _options),
    st.builds(lambda option: {"optional part": option}, st.sampled_from(["a", "none"])),
    st.builds(lambda option: {"/data@place": option}, _options),
    st.builds(lambda option: {"override /data": option}, _options),
    st.builds(lambda option: {"/extra@_here_.sub": option}, _options),
    st.builds(lambda option: {"/data@_global_.place": option}, _options),
    st.builds(lambda option: {"override /extra@place": option}, _options),
)
_entries_of_primary = st.one_of(
    st.just("_self_"),
    st.just("base"),
    st.just("extra/a"),
    st.just("extra/a@place.deep"),
    st.builds(lambda group, option: {group: option}, st.sampled_from(GROUPS), _options),
    st.builds(lambda group, option: {group: option}, st.sampled_from(GROUPS), _options),
    st.builds(lambda options: {"extra": options}, st.lists(_options, max_size=2, unique=True)),
    st.builds(lambda option: {"extra@model": option}, _options),
    st.builds(lambda option: {"extra@_global_": option}, _options),
    st.builds(lambda option: {"optional extra": option}, st.sampled_from(["b", "none"])),
    st.builds(lambda option: {"override model": option}, _options),
    st.builds(lambda option: {"extra@place": option}, _options),
    st.builds(lambda option: {"model/part@model.sub": option}, _options),
    st.builds(lambda options: {"extra@place.deep": options}, st.lists(_options, max_size=2, unique=True)),
    st.sampled_from([{"model": None}, {"data": "${model}"}, {"extra": "${data}"}, {"data": "none"}]),
)
_headers = st.sampled_from(
    ["", "", "", "# @package _global_\n", "# @package place\n", "# @package place.deep\n"]
)


def _file(header: str, defaults: list[Any], content: Any) -> str:
    if isinstance(content, list):
        return header + yaml.safe_dump(content)
    return header + yaml.safe_dump(
        {"defaults": defaults, **content} if defaults else content, sort_keys=False
    )


_files = st.builds(_file, _headers, st.lists(_entries_of_options, max_size=2), _mappings)
_list_files = st.builds(_file, st.just(""), st.just([]), st.lists(_values, max_size=2))
_projects = st.fixed_dictionaries(
    {
        f"{group}/{option}": _files
        for group in GROUPS
        for option in OPTIONS
        if (group, option) != ("extra", "b")
    }
    | {
        "extra/b": st.one_of(_files, _files, _list_files),
        "base": st.builds(_file, st.just(""), st.lists(_entries_of_primary, max_size=1), _mappings),
        # what we take out of a primary list (a second `_self_`) Hydra does not see here
        "train": st.builds(
            _file,
            st.just(""),
            st.lists(_entries_of_primary, max_size=4).filter(lambda entries: entries.count("_self_") < 2),
            _mappings,
        ),
    }
)
_overrides = st.lists(
    st.one_of(
        st.builds(
            "{}{}={}".format,
            st.sampled_from(["", "", "+", "++"]),
            st.sampled_from(
                [
                    "model",
                    "data",
                    "extra",
                    "model/part",
                    "extra@place",
                    "data@place",
                    "extra@place.deep",
                    "model/part@model.sub",
                    "extra@_global_",
                ]
            ),
            st.sampled_from(["a", "b", "none", "null", "[a,b]"]),
        ),
        st.builds(
            "{}{}={}".format,
            st.sampled_from(["", "", "+", "++"]),
            st.sampled_from(
                [
                    "x",
                    "model.x",
                    "model.n",
                    "model.n.p",
                    "data.y",
                    "new.deep",
                    "extra.0",
                    "extra.1",
                    "model.n.0",
                    "place.x",
                    "model.sub.x",
                    "trainer.max_epochs",
                ]
            ),
            st.sampled_from(
                [
                    "1",
                    "word",
                    "null",
                    "[1,2]",
                    "{p:7}",
                    "{q:{r:1}}",
                    "",
                    "'a b'",
                    "${x}",
                    "{}",
                    "[]",
                    "???",
                    "'\\${x}'",
                    "[{p:1},'${model.x}']",
                    "{p:[]}",
                ]
            ),
        ),
        st.builds(
            "~{}".format,
            st.sampled_from(
                [
                    "model",
                    "data",
                    "extra",
                    "model.x",
                    "model.x=1",
                    "model=a",
                    "x",
                    "mlflow.run_name",
                    "none",
                    "model/part",
                    "extra@place",
                    "extra@place=a",
                    "model.n.p",
                    "extra.0",
                    "place",
                ]
            ),
        ),
    ),
    max_size=3,
)


@pytest.fixture(scope="module", autouse=True)
def _hydra() -> None:
    version.setbase(VERSION_BASE)
    register()
    Plugins.instance().register(SerotinySource)


def _write(files: dict[str, str], root: Path) -> Project:
    for name, text in files.items():
        file = root / "config" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return Project(root=root, package=None, config_folders=(root / "config",))


def _theirs(project: Project, inserted: tuple[str, ...], overrides: list[str]) -> Any:
    """Hydra's own composition; ValueError when it refuses."""
    loader = ConfigLoaderImpl(create_config_search_path(source_path(project, "train", inserted)))
    try:
        config = loader.load_configuration("train", overrides, run_mode=RunMode.RUN)
    except (
        HydraException,
        OmegaConfBaseException,
        ValueError,
        TypeError,
        AssertionError,
        RecursionError,
    ) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    container = OmegaConf.to_container(config)
    assert isinstance(container, dict)
    del container["hydra"]
    return container


def _is_endless(found: Diagnostic) -> bool:
    return "includes itself" in found.message or "include each other" in found.message


def _agree(files: dict[str, str], overrides: list[str]) -> Composed:
    with TemporaryDirectory() as folder:
        project = _write(files, Path(folder))
        ours = compose(Sources(project), "train", overrides)
        if any("@_here_" in text for text in files.values()) and any(map(_is_endless, ours.diagnostics)):
            return ours  # Hydra does not end
        try:
            theirs = _theirs(project, ours.inserted, overrides)
        except ValueError as error:
            is_allowed = "Could not delete" in str(error) and "???" in str((files, overrides))
            if (
                not ours.diagnostics and not is_allowed
            ):  # what has no value yet may be deleted, not as in Hydra
                pytest.fail(f"Hydra refuses: {error}; we compose {ours.root.plain()}")
            return ours
    if any("an option of a group is chosen with slashes" in found.message for found in ours.diagnostics):
        return ours  # Hydra takes the name of an option for a text
    if any("is not what runs" in found.message for found in ours.diagnostics):
        return ours  # Hydra does not say that one override of a group replaces another
    assert [] == [found for found in ours.diagnostics if found.is_error]
    assert json.dumps(theirs) == json.dumps(ours.root.plain())
    return ours


@given(_projects, _overrides)
@settings(max_examples=30, phases=(Phase.explicit, Phase.generate))
def test_a_project_and_a_call_are_composed_as_by_hydra(files: dict[str, str], overrides: list[str]) -> None:
    """Groups, nested defaults, packages, `_self_`, lists, keywords and overrides: Hydra's config, key by key."""
    _agree(files, overrides)


@pytest.mark.parametrize(
    ("text", "overrides"),
    [
        ("m: {b: 2}", []),
        ("n: {m: {b: 2}, l: [3]}", []),
        ("n: {l: {}}", []),
        ("m: []", []),
        ("m: {c: {d: 1}}", []),
        ("chain: {b: 2}", []),
        ("k: 1", ["+n={m: {b: 2}}"]),
        ("k: 1", ["n={m: {b: 2}}"]),
        ("k: 1", ["n={l: {}}"]),
        ("k: 1", ["n.m={b: 2}"]),
    ],
)
def test_what_is_laid_over_a_reference_is_merged_with_a_copy(text: str, overrides: list[str]) -> None:
    """As by Hydra, in files and within the value of an override."""
    below = "w: {a: 1, c: '${v}'}\nv: {x: 1}\nm: ${w}\nchain: ${m}\nn: {m: '${w}', l: '${z}'}\nz: [1]\n"
    _agree({"base": below, "train": f"defaults: [base, _self_]\n{text}\n"}, overrides)
