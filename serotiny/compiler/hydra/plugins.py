"""Hydra's plugins: only those that are installed, not modules in the working directory."""

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
