"""SER317 for how joblib is to run jobs, where its launcher has decided that by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from serotiny.compiler.tree import Node
from serotiny.diagnostics import Diagnostic
from serotiny.targets import SignatureReader

_PLUGIN: Final = "hydra_plugins.hydra_joblib_launcher"
_USED: Final = {"backend": (None, "loky"), "prefer": (None, "processes")}
"""The values that say what the launcher does in any case."""


def unused_backend(settings: Node, reader: SignatureReader) -> Iterator[Diagnostic]:
    """A warning for each setting of the launcher that says otherwise, and that it replaces."""
    launcher = settings.get("launcher")
    target = launcher.get("_target_") if launcher is not None else None
    if launcher is None or target is None or not str(target.value).startswith(f"{_PLUGIN}."):
        return
    for name, used in _USED.items():
        node = launcher.get(name)
        if node is None or not isinstance(node.value, str) or node.value in used:
            continue
        if reader.may_mention(f"{_PLUGIN}._core", '"backend"] = "loky"'):
            key = f"hydra.launcher.{name}"
            message = f"`{key}` has no effect: the launcher runs each job in a process of its own"
            yield Diagnostic("SER317", message, node.place, key, help="take it out")
