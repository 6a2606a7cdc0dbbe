"""Hydra's plugins: those that are installed, and none of the folder that somebody happens to be in."""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Final

from hydra.core.plugins import Plugins

_NAMESPACE: Final = "hydra_plugins"


def installed_plugins() -> Plugins:
    """Hydra's registry of plugins, which imports every module of the namespace `hydra_plugins`.

    A folder of that name in the current folder or above it is left out: a config may come from
    anywhere, and checking it must execute nothing that lies beside it.
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
            # a list: a namespace's own path would follow `sys.path` wherever that goes later
            module.__path__ = [] if spec is None else list(spec.submodule_search_locations or ())
            sys.modules[_NAMESPACE] = module
    return Plugins.instance()
