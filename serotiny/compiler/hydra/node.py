"""Hydra's own node of a config, held in Hydra's own types: what they refuse is refused before anything runs."""

from __future__ import annotations

import copy
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hydra import __version__ as hydra_version
from hydra import version
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf, open_dict, read_write
from omegaconf.errors import OmegaConfBaseException

from serotiny.compiler.hydra.defaults_list import Override
from serotiny.compiler.hydra.errors import _SLIPS, VERSION_BASE
from serotiny.compiler.hydra.own_configs import own_configs
from serotiny.compiler.tree import Keys, split


@dataclass(frozen=True)
class Layer:
    """A config that says something about Hydra.

    Attributes:
        config_path: its name.
        package: where Hydra puts its content.
        content: what it says below that; None for one of Hydra's own, which is taken from there.
        has_schema: whether Hydra has a config of the same name, over which this one lies.
    """

    config_path: str
    package: str
    content: Mapping[Any, Any] | None
    has_schema: bool = False


@dataclass(frozen=True)
class Refused:
    """What Hydra's types refuse: a key of a layer, or an override."""

    by: Layer | Override
    key: Keys
    message: str


class NodeBuilder:
    """Builds Hydra's node, once for all jobs that say the same about Hydra."""

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[DictConfig, list[Refused]]] = {}

    def build(
        self, layers: Sequence[Layer], overrides: Sequence[Override]
    ) -> tuple[DictConfig, list[Refused]]:
        """Lay configs over each other and apply overrides, as Hydra does; what is refused is left out.

        Returns:
            A config of the caller's own with nothing but `hydra`, its interpolations as written, and what
            was refused.
        """
        texts = tuple(override.input_line for override in overrides)
        key = (tuple(map(repr, layers)), texts)
        if key not in self._known:
            self._known[key] = _build(layers, overrides)
        config, refused = self._known[key]
        return copy.deepcopy(config), refused


def _build(layers: Sequence[Layer], overrides: Sequence[Override]) -> tuple[DictConfig, list[Refused]]:
    version.setbase(VERSION_BASE)
    config = OmegaConf.create({"hydra": {}})
    refused: list[Refused] = []
    for layer in layers:
        if layer.content is None or layer.has_schema:
            _merge(config, layer, own_configs().content(layer.config_path))
        if layer.content is not None:
            refused += _merge_what_fits(config, layer, dict(layer.content))
    OmegaConf.set_struct(config, True)
    for override in overrides:
        try:
            ConfigLoaderImpl._apply_overrides_to_config([override], config)
        except (HydraException, OmegaConfBaseException, *_SLIPS) as error:
            refused.append(Refused(override, split(override.key_or_group), _reason(error)))
    return config, refused


def _merge(config: DictConfig, layer: Layer, content: Any) -> None:
    nested = OmegaConf.create()
    if layer.package:
        OmegaConf.update(nested, layer.package, content, merge=False)
    config.merge_with(nested if layer.package else content)


def _merge_what_fits(config: DictConfig, layer: Layer, content: Mapping[Any, Any]) -> list[Refused]:
    """Merge a layer; where that is refused, value by value, to tell which are at fault."""
    before = config.copy()
    try:
        _merge(config, layer, OmegaConf.create(dict(content)))
    except (OmegaConfBaseException, *_SLIPS):
        config._set_value(before._content)  # merging stops half-way
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
            named = split(str(getattr(error, "full_key", None) or ""))
            blamed = named if named and whole[: len(named)] == named else whole
            refused.setdefault(blamed, Refused(layer, blamed, _reason(error)))
    return list(refused.values())


def _leaves(content: Mapping[Any, Any], keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    for key, value in content.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, (*keys, key))
        else:
            yield (*keys, key), value


def _reason(error: BaseException) -> str:
    cause = error.__cause__ if isinstance(error, HydraException) and error.__cause__ is not None else error
    text = getattr(cause, "msg", None) or str(cause)
    lines = [line.strip() for line in str(text).splitlines() if line.strip()]
    return lines[0].replace("'", "`") if lines else "it gives no reason"


@dataclass(frozen=True, kw_only=True)
class CallFacts:
    """What Hydra notes of a call in its node.

    Attributes:
        operation: the primary config, and the job's name unless the config gives one.
        hydra_overrides: the overrides that are about Hydra, as typed.
        task_overrides: the others.
        choices: the option of every group.
        folder: where it is called.
    """

    operation: str
    hydra_overrides: Sequence[str]
    task_overrides: Sequence[str]
    choices: Mapping[str, Any]
    folder: str


def note_call(config: DictConfig, call: CallFacts) -> None:
    """Fill in what Hydra fills in after it has composed; what is known only inside a job stays `???`."""
    node = config.hydra
    with read_write(node), open_dict(node):
        node.overrides.hydra = [_storable(text) for text in call.hydra_overrides]
        node.overrides.task = [_storable(text) for text in call.task_overrides]
        node.runtime.choices.update({group: _storable(option) for group, option in call.choices.items()})
        node.runtime.version = hydra_version
        node.runtime.version_base = VERSION_BASE
        node.runtime.cwd = call.folder
        node.runtime.config_sources = []
        if OmegaConf.is_missing(node.job, "name"):
            node.job.name = call.operation
        names = node.job.config.override_dirname
        node.job.override_dirname = _dirname(
            call.task_overrides, names.exclude_keys, item_sep=names.item_sep, kv_sep=names.kv_sep
        )
        node.job.config_name = call.operation


def _storable(text: Any) -> Any:
    """The text, escaped when OmegaConf could not hold it: an override that is no interpolation is refused elsewhere."""
    try:
        OmegaConf.create([text])
    except OmegaConfBaseException:
        return _escaped(str(text))
    return text


def _dirname(overrides: Sequence[str], exclude_keys: Sequence[str], item_sep: str, kv_sep: str) -> str:
    """`a=1,b=2`, a part of folder names: interpolations stay as typed, so that no secret becomes a folder's name."""
    kept = sorted(text for text in overrides if key_of(text) not in exclude_keys)
    return _escaped(item_sep.join(kept).replace("=", kv_sep))


def key_of(override: str) -> str:
    """The key or group of an override, without `+`, `~` and package."""
    return override.lstrip("+~").partition("=")[0].partition("@")[0]


def _escaped(text: str) -> str:
    return text.replace("${", "\\${")
