"""Hydra's own expansion of defaults lists, to compare ours with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hydra import version
from hydra._internal.config_repository import IConfigRepository
from hydra._internal.defaults_list import create_defaults_list
from hydra.core.default_element import ConfigDefault, GroupDefault, InputDefault
from hydra.core.object_type import ObjectType
from hydra.errors import ConfigCompositionException, MissingConfigException
from hydra.plugins.config_source import ConfigResult
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from serotiny.compiler.defaults.configs import Configs, Defaults
from serotiny.compiler.hydra.errors import VERSION_BASE
from serotiny.compiler.hydra.override_grammar import as_hydras
from serotiny.compiler.syntax.defaults_list import DefaultsEntry
from serotiny.compiler.syntax.override import Override


class Refusal(Exception):  # noqa: N818 - an outcome to compare, not an error
    """Hydra refuses a defaults list; `missing` is the config that does not exist, if that is why."""

    def __init__(self, text: str, missing: str | None = None) -> None:
        super().__init__(text)
        self.missing = missing


class _Repository(IConfigRepository):
    """Configs, as Hydra's algorithm asks for them."""

    def __init__(self, configs: Configs) -> None:
        self._configs = configs

    def load_config(self, config_path: str) -> ConfigResult | None:
        loaded = self._configs.load(config_path)
        if loaded is None:
            return None
        return ConfigResult(
            provider="test",
            path=config_path,
            config=OmegaConf.create({}),
            header={"package": loaded.package},
            defaults_list=[_default(entry) for entry in loaded.entries],
        )

    def group_exists(self, config_path: str) -> bool:
        return self._configs.is_group(config_path)

    def config_exists(self, config_path: str) -> bool:
        return self._configs.load(config_path) is not None

    # only in the text of an error, of which the first line is compared
    def get_group_options(
        self,
        group_name: str,
        results_filter: ObjectType | None = ObjectType.CONFIG,
    ) -> list[str]:
        return []

    def get_sources(self) -> list[Any]:
        return []

    def get_schema_source(self) -> Any:
        raise NotImplementedError

    def initialize_sources(self, config_search_path: Any) -> None:
        raise NotImplementedError


def _default(entry: DefaultsEntry) -> InputDefault:
    if entry.group is None:
        assert isinstance(entry.value, str)
        return ConfigDefault(path=entry.value, package=entry.package)
    return GroupDefault(
        group=entry.group,
        value=list(entry.value) if isinstance(entry.value, tuple) else entry.value,
        package=entry.package,
        optional=entry.optional,
        override=entry.override,
    )


def hydras_defaults(config_name: str, overrides: Sequence[Override], configs: Configs) -> Defaults:
    """Expand a defaults list with Hydra.

    Raises:
        Refusal: it refuses.
    """
    version.setbase(VERSION_BASE)
    theirs = [as_hydras(override) for override in overrides]
    try:
        found = create_defaults_list(
            repo=_Repository(configs),
            config_name=config_name,
            overrides_list=theirs,
            prepend_hydra=configs.with_hydra,
            skip_missing=False,
        )
    except MissingConfigException as error:
        raise Refusal(str(error).splitlines()[0], str(error.missing_cfg_file)) from error
    except (ConfigCompositionException, OmegaConfBaseException) as error:
        raise Refusal(next((line for line in str(error).splitlines() if line), "")) from error
    except (AssertionError, TypeError, ValueError) as error:  # by which it refuses what it does not expect
        raise Refusal("") from error
    known = found.overrides.known_choices
    return Defaults(
        order=tuple((str(item.config_path), item.package or "") for item in found.defaults),
        value_overrides=tuple(
            own for own, override in zip(overrides, theirs, strict=True) if override in found.config_overrides
        ),
        choices={key: value for key, value in known.items() if value is not None},
        chosen=frozenset(known),
    )
