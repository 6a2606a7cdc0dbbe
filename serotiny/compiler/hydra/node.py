"""Build the `hydra` node of a config with Hydra's structured configs, to find type errors before a job runs."""

from __future__ import annotations

import copy
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import takewhile
from typing import Any

from hydra import __version__ as hydra_version
from hydra import version
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.errors import HydraException
from omegaconf import MISSING, DictConfig, OmegaConf, open_dict, read_write
from omegaconf.errors import OmegaConfBaseException

from serotiny.compiler.hydra.declared import referring_sections, wanted_at
from serotiny.compiler.hydra.dirname import DirnameForm, dirname_form
from serotiny.compiler.hydra.errors import _SLIPS, VERSION_BASE
from serotiny.compiler.hydra.names import HYDRA
from serotiny.compiler.hydra.override_grammar import as_hydras
from serotiny.compiler.hydra.own_configs import own_configs
from serotiny.compiler.syntax.override import Override
from serotiny.compiler.tree import Keys, escaped, join, split


@dataclass(frozen=True)
class Layer:
    """A config with content for the `hydra` node.

    Attributes:
        config_path: its name.
        package: the package into which Hydra merges its content.
        content: its content below that; None for one of Hydra's own configs, which is read from Hydra's store.
        has_schema: whether Hydra's store has a config of the same name, into which this one is merged.
    """

    config_path: str
    package: str
    content: Mapping[Any, Any] | None
    has_schema: bool = False


@dataclass(frozen=True)
class Refused:
    """A key of a layer, or an override, that Hydra's types refuse.

    `wanted` says what the key takes, as in `a list or null`; None where Hydra's types do not tell.
    """

    by: Layer | Override
    key: Keys
    message: str
    wanted: str | None


@dataclass(frozen=True)
class BuiltNode:
    """The `hydra` node, shared by jobs: do not change it.

    Attributes:
        config: a config with only the key `hydra`, interpolations as written.
        refused: the keys and overrides that Hydra's types refused.
    """

    config: DictConfig
    refused: list[Refused]

    @cached_property
    def plain(self) -> dict[str, Any]:
        """The node as plain data."""
        found = OmegaConf.to_container(self.config, resolve=False)
        assert isinstance(found, dict)
        plain: dict[str, Any] = found[HYDRA]
        return plain

    @cached_property
    def dirname_form(self) -> DirnameForm | None:
        """How `override_dirname` is written; None where interpolations say that."""
        return dirname_form(self.config)


class NodeBuilder:
    """Builds the `hydra` node, once for all jobs with the same layers and overrides."""

    def __init__(self) -> None:
        self._known: dict[Hashable, BuiltNode] = {}

    def build(self, layers: Sequence[Layer], overrides: Sequence[Override]) -> BuiltNode:
        """Merge configs and apply overrides as Hydra does; what Hydra's types refuse is left out."""
        texts = tuple(override.text for override in overrides)
        key = (tuple(map(repr, layers)), texts)
        if key not in self._known:
            self._known[key] = BuiltNode(*_build(layers, overrides))
        return self._known[key]


def _build(layers: Sequence[Layer], overrides: Sequence[Override]) -> tuple[DictConfig, list[Refused]]:
    version.setbase(VERSION_BASE)
    hydras = tuple(takewhile(lambda layer: layer.content is None, layers))
    config = copy.deepcopy(_of_hydras(hydras))
    refused: list[Refused] = []
    for layer in layers[len(hydras) :]:
        # Hydra merges a config into one of the same name in its store ("automatic schema matching")
        if layer.content is None or layer.has_schema:
            _merge(config, layer, own_configs().content(layer.config_path))
        if layer.content is not None:
            refused += _merge_what_fits(config, layer, dict(layer.content))
    # set between configs and overrides, as in Hydra's loader: from here on unknown keys are refused
    OmegaConf.set_struct(config, True)
    # one by one, since Hydra stops at the first one that it refuses
    for override in overrides:
        try:
            ConfigLoaderImpl._apply_overrides_to_config([as_hydras(override)], config)
        except (HydraException, OmegaConfBaseException, *_SLIPS) as error:
            key = split(override.key_or_group)
            refused.append(Refused(override, key, _reason(error), wanted_at(config, key)))
    return config, [*refused, *_without_referring_sections(config, layers, overrides)]


def _without_referring_sections(
    config: DictConfig, layers: Sequence[Layer], overrides: Sequence[Override]
) -> Iterator[Refused]:
    """Put each section with keys of its own that is one interpolation back to Hydra's, which writes into it."""
    hydras = _of_hydras(tuple(takewhile(lambda layer: layer.content is None, layers)))
    for keys in referring_sections(config):
        said = [override for override in overrides if split(override.key_or_group) == keys]
        by = said[-1] if said else next(layer for layer in reversed(layers) if _sets(layer, keys))
        yield Refused(by, keys, "it is an interpolation", wanted_at(config, keys))
        path = join(keys)
        OmegaConf.update(config, path, copy.deepcopy(OmegaConf.select(hydras, path)), merge=False)


def _sets(layer: Layer, keys: Keys) -> bool:
    """Whether a layer has a value at a key."""
    value: Any = layer.content
    below = keys[len(split(layer.package)) :]
    for key in below:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value is not None


@lru_cache(maxsize=8)
def _of_hydras(layers: tuple[Layer, ...]) -> DictConfig:
    """What Hydra's own configs come to, with which every job begins; do not change it."""
    config = OmegaConf.create({"hydra": {}})
    for layer in layers:
        _merge(config, layer, own_configs().content(layer.config_path))
    return config


def _merge(config: DictConfig, layer: Layer, content: Any) -> None:
    nested = OmegaConf.create()
    if layer.package:
        OmegaConf.update(nested, layer.package, content, merge=False)
    config.merge_with(nested if layer.package else content)


def _merge_what_fits(config: DictConfig, layer: Layer, content: Mapping[Any, Any]) -> list[Refused]:
    """Merge a layer; if that is refused, merge value by value, to find the ones at fault."""
    before = config.copy()
    try:
        _merge(config, layer, OmegaConf.create(dict(content)))
    except (OmegaConfBaseException, *_SLIPS):
        config._set_value(before._content)  # a refused merge leaves the config half merged
    else:
        return []
    refused: dict[Keys, Refused] = {}
    prefix = split(layer.package)
    for keys, value in _leaves(content):
        before = config.copy()
        alone: Any = value
        for key in reversed(keys):
            alone = {key: alone}
        try:
            _merge(config, layer, OmegaConf.create(alone))
        except (OmegaConfBaseException, *_SLIPS) as error:
            config._set_value(before._content)
            whole = (*prefix, *keys)
            # OmegaConf may have refused a mapping that contains the value
            named = split(str(getattr(error, "full_key", None) or ""))
            blamed = named if named and whole[: len(named)] == named else whole
            refused.setdefault(blamed, Refused(layer, blamed, _reason(error), wanted_at(config, blamed)))
    return list(refused.values())


def _leaves(content: Mapping[Any, Any], keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    for key, value in content.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, (*keys, key))
        else:
            yield (*keys, key), value


def _reason(error: BaseException) -> str:
    # Hydra's message is only `Error merging override …`; the reason is in its cause, OmegaConf's exception
    cause = error.__cause__ if isinstance(error, HydraException) and error.__cause__ is not None else error
    text = getattr(cause, "msg", None) or str(cause)
    lines = [line.strip() for line in str(text).splitlines() if line.strip()]
    return lines[0].replace("'", "`") if lines else "it gives no reason"


@dataclass(frozen=True, kw_only=True)
class CallFacts:
    """What Hydra records of a call in its node.

    Attributes:
        operation: the primary config; its last part is the job's name unless the config sets one.
        hydra_overrides: the overrides about Hydra, as typed.
        task_overrides: the other overrides.
        choices: the option of every group.
        folder: the working directory of the call.
        dirname_form: how the overrides become the job's `override_dirname`.
    """

    operation: str
    hydra_overrides: Sequence[str]
    task_overrides: Sequence[str]
    choices: Mapping[str, Any]
    folder: str
    dirname_form: DirnameForm


def noted(built: BuiltNode, call: CallFacts) -> dict[str, dict[str, Any]]:
    """What Hydra sets after composing, by section of its node; values that are known only in a job stay `???`."""
    plain = built.plain
    job = dict(plain["job"])
    if job["name"] == MISSING:
        job["name"] = call.operation.rpartition("/")[2]
    job["override_dirname"] = call.dirname_form.dirname(call.task_overrides)
    job["config_name"] = call.operation
    choices = {group: storable(option) for group, option in call.choices.items()}
    return {
        "overrides": {
            **plain["overrides"],
            "hydra": [storable(text) for text in call.hydra_overrides],
            "task": [storable(text) for text in call.task_overrides],
        },
        "runtime": {
            **plain["runtime"],
            "choices": {**plain["runtime"]["choices"], **choices},
            "version": hydra_version,
            "version_base": VERSION_BASE,
            "cwd": call.folder,
            "config_sources": [],
        },
        "job": job,
    }


def noted_config(built: BuiltNode, call: CallFacts) -> DictConfig:
    """A new config with only the key `hydra`, in which the facts of a call are set."""
    config = copy.deepcopy(built.config)
    node = config.hydra
    with read_write(node), open_dict(node):
        for part, values in noted(built, call).items():
            for key, value in values.items():
                if value != built.plain[part][key]:
                    node[part][key] = value
    return config


def storable(value: Any) -> Any:
    """The value; a text that OmegaConf would refuse as a malformed interpolation is escaped.

    Malformed interpolations are reported elsewhere.
    """
    return _storable_text(value) if isinstance(value, str) and "${" in value else value


@lru_cache(maxsize=4096)
def _storable_text(text: str) -> str:
    try:
        OmegaConf.create([text])
    except OmegaConfBaseException:
        return escaped(text)
    return text
