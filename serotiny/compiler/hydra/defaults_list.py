"""Every use of Hydra's private names in composing, in one place.

Hydra decides what an override means and which configs a defaults list comes to; reading files and
merging values is done by `compose`, since Hydra keeps no places and stops at the first fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hydra import version
from hydra._internal import defaults_list as hydras
from hydra._internal.config_repository import IConfigRepository
from hydra.core.default_element import ConfigDefault, GroupDefault, InputDefault
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.types import Override
from hydra.errors import ConfigCompositionException, MissingConfigException
from hydra.plugins.config_source import ConfigResult
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from serotiny.compiler.hydra.errors import _SLIPS, VERSION_BASE, EndlessDefaults, MissingConfig, Rejected
from serotiny.compiler.hydra.grammar import parse_override
from serotiny.compiler.syntax.defaults_list import DefaultsEntry

__all__ = [
    "Configs",
    "Defaults",
    "EndlessDefaults",
    "ExpandDefaults",
    "Loaded",
    "MissingConfig",
    "Override",
    "Rejected",
    "compute_defaults",
    "parse_override",
]


_MEANT = re.compile(r"Did you mean to override (?:one of )?(.+?)\?")


@dataclass(frozen=True)
class Loaded:
    """What Hydra needs to know of a config: its defaults list and its package directive."""

    entries: Sequence[DefaultsEntry]
    package: str | None


@dataclass(frozen=True)
class Configs:
    """What a defaults list can ask for.

    Attributes:
        load: gives a config by its path; None when there is none.
        is_group: whether a config group has a path.
        options: the options of a group, sorted.
        with_hydra: whether Hydra's own defaults list comes first, which `load` then also gives.
    """

    load: Callable[[str], Loaded | None]
    is_group: Callable[[str], bool]
    options: Callable[[str], Sequence[str]]
    with_hydra: bool = False


@dataclass(frozen=True)
class Defaults:
    """The outcome.

    Attributes:
        order: the configs in order of merging, each with its package.
        value_overrides: those overrides that are about values, not about groups.
        choices: the option of each group that has one.
        chosen: the groups in which something was chosen, if only nothing (`model: null`).
    """

    order: tuple[tuple[str, str], ...]
    value_overrides: tuple[Override, ...]
    choices: dict[str, str]
    chosen: frozenset[str]

    @property
    def all_choices(self) -> dict[str, str | None]:
        """The option of each group in which something was chosen, if only nothing."""
        return {group: self.choices.get(group) for group in sorted(self.chosen)}


class _Repository(IConfigRepository):
    """The face that our sources show to Hydra's defaults-list algorithm."""

    def __init__(self, configs: Configs) -> None:
        self._configs = configs
        self._results: dict[str, ConfigResult | None] = {}
        # Hydra asks only whether there is any, to warn of a primary config without `_self_`
        self._no_content = OmegaConf.create({})

    def load_config(self, config_path: str) -> ConfigResult | None:
        if config_path not in self._results:
            self._results[config_path] = self._result(config_path)
        return self._results[config_path]

    def _result(self, config_path: str) -> ConfigResult | None:
        loaded = self._configs.load(config_path)
        if loaded is None:
            return None
        return ConfigResult(
            provider="serotiny",
            path=config_path,
            config=self._no_content,
            header={"package": loaded.package},
            defaults_list=[_input_default(entry) for entry in loaded.entries],
        )

    def group_exists(self, config_path: str) -> bool:
        return self._configs.is_group(config_path)

    def config_exists(self, config_path: str) -> bool:
        return self.load_config(config_path) is not None

    def get_group_options(
        self,
        group_name: str,
        results_filter: ObjectType | None = ObjectType.CONFIG,  # noqa: ARG002 - Hydra's signature
    ) -> list[str]:
        return list(self._configs.options(group_name))

    # listed in the text of an error alone, of which we keep the first line
    def get_sources(self) -> list[Any]:
        return []

    def get_schema_source(self) -> Any:
        raise NotImplementedError("schemas are merged as configs")

    def initialize_sources(self, config_search_path: Any) -> None:
        raise NotImplementedError("sources are given to the constructor")


def _input_default(entry: DefaultsEntry) -> InputDefault:
    if entry.group is None:
        assert isinstance(entry.value, str)
        return ConfigDefault(path=entry.value, package=entry.package)
    value = list(entry.value) if isinstance(entry.value, tuple) else entry.value
    return GroupDefault(
        group=entry.group,
        value=value,
        package=entry.package,
        optional=entry.optional,
        override=entry.override,
    )


_map_of_choices = hydras._create_interpolation_map
_NO_CHOICES = OmegaConf.create({})


def _map_where_needed(
    overrides: hydras.Overrides, defaults_list: list[InputDefault], self_added: bool
) -> DictConfig:
    if any(_may_be_interpolated(entry) for entry in defaults_list):
        return _map_of_choices(overrides, defaults_list, self_added)
    return _NO_CHOICES


def _may_be_interpolated(entry: InputDefault) -> bool:
    match entry:
        case ConfigDefault(path=str(text)) | GroupDefault(value=str(text)):
            return "${" in text
        case _:
            return False


# Hydra makes a config of all choices for each config of a list, and looks into it for entries with an
# interpolation alone. In a list of a hundred entries that is nearly all of its time.
hydras._create_interpolation_map = _map_where_needed


ExpandDefaults = Callable[[str, Sequence[Override], Configs], Defaults]
"""What `compute_defaults` does; somebody who asks often may remember answers."""


def compute_defaults(config_name: str, overrides: Sequence[Override], configs: Configs) -> Defaults:
    """Expand the defaults list of `config_name` under `overrides`.

    Raises:
        MissingConfig: a config that it names does not exist.
        Rejected: Hydra refuses the list or an override of it.
    """
    # one for the whole process, in which somebody else may use Hydra too
    version.setbase(VERSION_BASE)
    try:
        found = hydras.create_defaults_list(
            repo=_Repository(configs),
            config_name=config_name,
            overrides_list=list(overrides),
            prepend_hydra=configs.with_hydra,
            # Hydra skips `???` in what a sweep's jobs share; we expand each job for itself
            skip_missing=False,
        )
    except MissingConfigException as error:
        raise MissingConfig(str(error.missing_cfg_file), str(error).splitlines()[0]) from error
    except (ConfigCompositionException, OmegaConfBaseException, *_SLIPS) as error:
        text = str(error) or "the defaults list cannot be composed"
        meant = _MEANT.search(text)
        raise Rejected(text.splitlines()[0], tuple(meant[1].split(", ")) if meant else ()) from error
    except RecursionError as error:
        raise EndlessDefaults("the defaults lists include each other without end") from error
    choices = {key: value for key, value in found.overrides.known_choices.items() if value is not None}
    order = tuple((str(item.config_path), item.package or "") for item in found.defaults)
    chosen = frozenset(found.overrides.known_choices)
    return Defaults(order, tuple(found.config_overrides), choices, chosen)
