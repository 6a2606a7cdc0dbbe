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
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import IConfigRepository
from hydra._internal.defaults_list import create_defaults_list
from hydra._internal.utils import create_config_search_path
from hydra.core.default_element import ConfigDefault, GroupDefault, InputDefault
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob, Override, OverrideType, ValueType
from hydra.core.plugins import Plugins
from hydra.errors import ConfigCompositionException, HydraException, MissingConfigException
from hydra.plugins.config_source import ConfigResult, ConfigSource
from hydra.types import RunMode
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from serotiny.compiler.defaults import DefaultsEntry

VERSION_BASE = "1.3"

_SLIPS = (AssertionError, AttributeError, KeyError, TypeError, ValueError)
"""What Hydra stumbles with over input that it does not expect."""

_CHOICE = re.compile(
    r"([A-Za-z_]\w*(?:/[A-Za-z_]\w*)*)=(?!(?:true|false|null|nan|inf)$)([A-Za-z_]\w*)",
    re.ASCII | re.IGNORECASE,
)
"""`group=option` where both are words, which the grammar reads as they stand."""

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


class Rejected(Exception):  # noqa: N818 - a value that travels by raise, not an error of ours
    """Hydra refused; `str()` is its headline."""


class EndlessDefaults(Rejected):
    """Defaults lists include each other."""


class MissingConfig(Rejected):
    """A defaults list came to a config that does not exist: `config_path`."""

    def __init__(self, config_path: str, message: str) -> None:
        super().__init__(message)
        self.config_path = config_path


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
    """

    load: Callable[[str], Loaded | None]
    is_group: Callable[[str], bool]
    options: Callable[[str], Sequence[str]]


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


def parse_override(argument: str) -> Override:
    """Parse one argument in Hydra's override grammar.

    Raises:
        Rejected: it is no override; the text says why.
    """
    choice = _CHOICE.fullmatch(argument)
    if choice:  # most of them, and ANTLR costs a millisecond each
        return Override(OverrideType.CHANGE, choice[1], ValueType.ELEMENT, choice[2], input_line=argument)
    try:
        return OverridesParser.create().parse_override(argument)
    except HydraException as error:
        raise Rejected(str(error).splitlines()[0]) from error


def sweep_values(
    override: Override, options: Callable[[Sequence[str], Sequence[str]], Sequence[str]]
) -> list[str]:
    """The values that a sweep override takes one after the other, as Hydra would write them.

    Args:
        override: one for which `is_sweep_override()` holds.
        options: the options of its group that match the glob patterns (include, exclude).

    Returns:
        The values; none for a continuous range, which only a sampling sweeper can use.
    """
    value = override.value()
    if isinstance(value, Glob):
        return list(options(value.include, value.exclude))
    if not override.is_discrete_sweep():
        return []
    return list(override.sweep_string_iterator())


class _Repository(IConfigRepository):
    """The face that our sources show to Hydra's defaults-list algorithm."""

    def __init__(self, configs: Configs) -> None:
        self._configs = configs
        self._results: dict[str, ConfigResult | None] = {}
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


ExpandDefaults = Callable[[str, Sequence[Override], Configs], Defaults]
"""What `compute_defaults` does; somebody who asks often may remember answers."""


def compute_defaults(config_name: str, overrides: Sequence[Override], configs: Configs) -> Defaults:
    """Expand the defaults list of `config_name` under `overrides`.

    Raises:
        MissingConfig: a config that it names does not exist.
        Rejected: Hydra refuses the list or an override of it.
    """
    version.setbase(VERSION_BASE)
    try:
        found = create_defaults_list(
            repo=_Repository(configs),
            config_name=config_name,
            overrides_list=list(overrides),
            prepend_hydra=False,
            skip_missing=False,
        )
    except MissingConfigException as error:
        raise MissingConfig(str(error.missing_cfg_file), str(error).splitlines()[0]) from error
    except (ConfigCompositionException, *_SLIPS) as error:
        raise Rejected((str(error) or "the defaults list cannot be composed").splitlines()[0]) from error
    except RecursionError as error:
        raise EndlessDefaults("the defaults lists include each other without end") from error
    choices = {key: value for key, value in found.overrides.known_choices.items() if value is not None}
    order = tuple((str(item.config_path), item.package or "") for item in found.defaults)
    chosen = frozenset(found.overrides.known_choices)
    return Defaults(order, tuple(found.config_overrides), choices, chosen)


def compose_with_hydra(
    config_name: str, main_path: str, source: type[ConfigSource], overrides: Sequence[str]
) -> None:
    """Compose a whole config as Hydra does, its own settings included.

    Args:
        config_name: the top-level config.
        main_path: the search path entry of the project's configs.
        source: the config source that reads that entry.
        overrides: all of the call's.

    Raises:
        Rejected: Hydra refuses.
    """
    version.setbase(VERSION_BASE)
    Plugins.instance().register(source)
    try:
        loader = ConfigLoaderImpl(create_config_search_path(main_path))
        loader.load_configuration(config_name, list(overrides), RunMode.MULTIRUN)
    except (HydraException, OmegaConfBaseException, *_SLIPS) as error:
        cause = error.__cause__
        text = f"{error}\n{cause}" if cause is not None and str(cause) not in str(error) else str(error)
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        raise Rejected(lines[0] if lines else "it gives no reason") from error
