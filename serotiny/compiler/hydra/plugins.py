"""Hydra's plugins: only those that are installed, not modules in the working directory."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Final

from hydra._internal.config_search_path_impl import ConfigSearchPathImpl
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin

_NAMESPACE: Final = "hydra_plugins"


def installed_plugins() -> Plugins:
    """Hydra's registry of plugins, which imports every module of the namespace `hydra_plugins`.

    Folders of that name in the working directory or above it are ignored: a config may come from
    anywhere, and checking it must not execute code that lies beside it.
    """
    if _NAMESPACE not in sys.modules:
        here = Path.cwd()
        elsewhere = [path for path in sys.path if path and not here.is_relative_to(Path(path).absolute())]
        spec = PathFinder.find_spec(_NAMESPACE, elsewhere)
        if spec is not None and spec.loader is not None and spec.origin is not None:
            module = module_from_spec(spec)
            sys.modules[_NAMESPACE] = module
            spec.loader.exec_module(module)
        else:
            module = ModuleType(_NAMESPACE)
            # a list, since the namespace's own path object would follow later changes of `sys.path`
            module.__path__ = [] if spec is None else list(spec.submodule_search_locations or ())
            sys.modules[_NAMESPACE] = module
    return Plugins.instance()


def installed_plugin_adds_folders() -> bool:
    """Whether an installed plugin adds configs of groups other than Hydra's own to every search path."""
    path = ConfigSearchPathImpl()
    for plugin in installed_plugins().discover(SearchPathPlugin):
        if issubclass(plugin, SearchPathPlugin) and not plugin.__module__.startswith("hydra."):
            with suppress(Exception):  # what it raises, it raises where a job starts
                plugin().manipulate_search_path(path)
    return any(map(_has_groups, (item.path for item in path.get_path())))


def _has_groups(place: str | None) -> bool:
    """Whether a place of a search path has configs beside those of Hydra's groups; so it may where that is not seen."""
    scheme, _, name = (place or "").partition("://")
    if scheme != "pkg":
        return scheme == "file" and Path(name).is_dir()
    with suppress(ImportError, ValueError):
        spec = find_spec(name)
        folders = [] if spec is None else list(spec.submodule_search_locations or ())
        names = {item.name for folder in folders for item in Path(folder).iterdir()}
        return any(name != "hydra" and not name.startswith("__") for name in names)
    return False
