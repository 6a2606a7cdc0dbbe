"""Expand defaults lists with Hydra's own algorithm; all uses of its private names for that are here.

Hydra expands the defaults list and applies the overrides of groups. `compose` reads files and merges values,
since Hydra keeps no places of values and stops at the first fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from hydra import version
from hydra._internal import defaults_list as hydras
from hydra._internal.config_repository import IConfigRepository
from hydra.core.default_element import ConfigDefault, GroupDefault, InputDefault
from hydra.core.object_type import ObjectType
from hydra.errors import ConfigCompositionException, MissingConfigException
from hydra.plugins.config_source import ConfigResult
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from serotiny.compiler.hydra.errors import (
    _SLIPS,
    VERSION_BASE,
    EndlessDefaults,
    MissingConfig,
    Rejected,
    TooManyConfigs,
)
from serotiny.compiler.hydra.override_grammar import as_hydras
from serotiny.compiler.limits import MAX_CONFIGS
from serotiny.compiler.syntax.defaults_list import DefaultsEntry
from serotiny.compiler.syntax.override import Override
from serotiny.compiler.syntax.resolvers import OMEGACONFS, resolver_names, unset_variables

__all__ = [
    "Configs",
    "Defaults",
    "EndlessDefaults",
    "ExpandDefaults",
    "Loaded",
    "MissingConfig",
    "Rejected",
    "compute_defaults",
]


_KEY = re.compile(r"\$\{\s*([^\s:${}]+)\s*\}")
_MEANT = re.compile(r"Did you mean to override (?:one of )?(.+?)\?")


@dataclass(frozen=True)
class Loaded:
    """The parts of a config that Hydra needs: its defaults list and its package directive."""

    entries: Sequence[DefaultsEntry]
    package: str | None


@dataclass(frozen=True)
class Configs:
    """The configs that defaults lists can name.

    Attributes:
        load: returns a config by its path; None when it does not exist.
        is_group: whether a path is that of a config group.
        options: the options of a group, sorted.
        with_hydra: whether Hydra's own defaults list comes first, which `load` then also gives.
    """

    load: Callable[[str], Loaded | None]
    is_group: Callable[[str], bool]
    options: Callable[[str], Sequence[str]]
    with_hydra: bool = False


@dataclass(frozen=True)
class Undecided:
    """A choice that is made only when a job starts, by a resolver of the project or a variable that is not set here.

    Attributes:
        group: as an override names it; None for an entry that names a config without a group.
        text: the option as written.
        package: the package of the config that will be chosen.
    """

    group: str | None
    text: str
    package: str


@dataclass(frozen=True)
class Defaults:
    """The result of expanding a defaults list.

    Attributes:
        order: the configs in order of merging, each with its package.
        value_overrides: the overrides of values, without those of groups.
        choices: the option of each group that has one.
        chosen: the groups that were chosen in, including those set to nothing (`model: null`).
        undecided: the choices that are made when the job starts; nothing is chosen for them here.
    """

    order: tuple[tuple[str, str], ...]
    value_overrides: tuple[Override, ...]
    choices: dict[str, str]
    chosen: frozenset[str]
    undecided: tuple[Undecided, ...] = ()

    @property
    def all_choices(self) -> dict[str, str | None]:
        """The option of each group in `chosen`; None for a group that was set to nothing."""
        return {group: self.choices.get(group) for group in sorted(self.chosen)}


class _Repository(IConfigRepository):
    """Our sources, as the repository that Hydra's defaults-list algorithm reads."""

    def __init__(self, configs: Configs) -> None:
        self._configs = configs
        self._results: dict[str, ConfigResult | None] = {}
        self.undecided: list[Undecided] = []
        self._asked = 0
        # Hydra only asks whether there are any sources, to warn of a primary config without `_self_`
        self._no_content = OmegaConf.create({})

    def load_config(self, config_path: str) -> ConfigResult | None:
        # each of thirty configs may include the next one twice, which expands to a billion configs
        self._asked += 1
        if self._asked > MAX_CONFIGS:
            raise TooManyConfigs(f"the defaults lists come to more than {MAX_CONFIGS:,} configs")
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
            defaults_list=[_input_default(entry, self.undecided) for entry in loaded.entries],
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

    # used only in the text of an error, of which we keep the first line
    def get_sources(self) -> list[Any]:
        return []

    def get_schema_source(self) -> Any:
        raise NotImplementedError("schemas are merged as configs")

    def initialize_sources(self, config_search_path: Any) -> None:
        raise NotImplementedError("sources are given to the constructor")


def _is_open(text: str, choices: DictConfig, undecided: Sequence[Undecided]) -> bool:
    """Whether a text can be resolved only when the job starts, directly or through another such choice.

    The arguments of a project's resolver are not resolved, since Hydra may not know yet the choices that
    they refer to.
    """
    keys = set(_KEY.findall(text))
    by_choice = any(found.group in keys for found in undecided) and all(key in choices for key in keys)
    by_resolver = any(name not in (*OMEGACONFS, "hydra") for name in resolver_names(text))
    return by_choice or by_resolver or bool(unset_variables(text))


@dataclass(repr=False)
class _Group(GroupDefault):
    """An entry that chooses in a group; it chooses nothing if the choice is made only when the job starts."""

    undecided: list[Undecided] = field(default_factory=list, compare=False)

    def __deepcopy__(self, memo: dict[int, Any]) -> _Group:
        return _copied(self)

    def is_interpolation(self) -> bool:
        # Hydra would create an OmegaConf node for each option to find this out
        return isinstance(self.value, str) and "${" in self.value and super().is_interpolation()

    def resolve_interpolation(self, known_choices: DictConfig) -> None:
        if _is_open(str(self.value), known_choices, self.undecided):
            text, self.value = str(self.value), None
            self.undecided.append(Undecided(self.get_override_key(), text, _package_of(self)))
        else:
            super().resolve_interpolation(known_choices)


@dataclass(repr=False)
class _Config(ConfigDefault):
    """An entry that names a config; it names none if that is decided only when the job starts."""

    undecided: list[Undecided] = field(default_factory=list, compare=False)

    def __deepcopy__(self, memo: dict[int, Any]) -> _Config:
        return _copied(self)

    def is_interpolation(self) -> bool:
        return self.path is not None and "${" in self.path and super().is_interpolation()

    def resolve_interpolation(self, known_choices: DictConfig) -> None:
        if _is_open(str(self.path), known_choices, self.undecided):
            text, package = str(self.path), _package_of(self)
            # which Hydra treats as an optional config that does not exist
            self.path, self.optional = "/_left_open_", True
            self.undecided.append(Undecided(None, text, package))
        else:
            super().resolve_interpolation(known_choices)


_Entry = TypeVar("_Entry", bound=InputDefault)


def _copied(entry: _Entry) -> _Entry:
    """A copy that replaces Hydra's slow `deepcopy`: the fields of an entry are never changed in place."""
    copied: _Entry = object.__new__(type(entry))
    copied.__dict__.update(entry.__dict__)
    return copied


def _package_of(default: InputDefault) -> str:
    return default.get_final_package(default_to_package_header=False) or ""


def _input_default(entry: DefaultsEntry, undecided: list[Undecided]) -> InputDefault:
    if entry.group is None:
        assert isinstance(entry.value, str)
        return _Config(path=entry.value, package=entry.package, undecided=undecided)
    value = list(entry.value) if isinstance(entry.value, tuple) else entry.value
    return _Group(
        group=entry.group,
        value=value,
        package=entry.package,
        optional=entry.optional,
        override=entry.override,
        undecided=undecided,
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


# Hydra builds a config of all choices for each config of a list, but uses it only for entries with an
# interpolation. In a list of a hundred entries that takes nearly all of its time, so it is built on demand.
hydras._create_interpolation_map = _map_where_needed


ExpandDefaults = Callable[[str, Sequence[Override], Configs], Defaults]
"""The type of `compute_defaults`, and of `Expansions`, which caches its results."""


def compute_defaults(config_name: str, overrides: Sequence[Override], configs: Configs) -> Defaults:
    """Expand the defaults list of `config_name` under `overrides`.

    Raises:
        MissingConfig: a config that it names does not exist.
        Rejected: Hydra refuses the list or an override of it.
    """
    # the version base is global in a process, and other code in it may have set another one
    version.setbase(VERSION_BASE)
    repository = _Repository(configs)
    given = {id(theirs := as_hydras(override)): (theirs, override) for override in overrides}
    try:
        found = hydras.create_defaults_list(
            repo=repository,
            config_name=config_name,
            overrides_list=[theirs for theirs, _ in given.values()],
            prepend_hydra=configs.with_hydra,
            # Hydra ignores `???` in the config that a sweep's jobs share; we expand each job separately
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
    values = tuple(given[id(theirs)][1] for theirs in found.config_overrides)
    return Defaults(order, values, choices, chosen, tuple(repository.undecided))
