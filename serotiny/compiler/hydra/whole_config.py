"""Compose a whole config with Hydra itself, for the sake of its own settings."""

from __future__ import annotations

from collections.abc import Sequence

from hydra import version
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.utils import create_config_search_path
from hydra.core.plugins import Plugins
from hydra.errors import HydraException
from hydra.plugins.config_source import ConfigSource
from hydra.types import RunMode
from omegaconf.errors import OmegaConfBaseException

from serotiny.compiler.hydra.errors import _SLIPS, VERSION_BASE, Rejected


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
