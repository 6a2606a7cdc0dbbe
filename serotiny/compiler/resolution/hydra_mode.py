"""Is a call a sweep? Hydra's own mode says so, wherever it is set; here alone it is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from serotiny.compiler.composition.compose import Composed
from serotiny.compiler.overrides.apply import apply_overrides
from serotiny.compiler.resolution.grammar import is_interpolated
from serotiny.compiler.resolution.resolve import resolve
from serotiny.compiler.tree import EMPTY, Node, merge

_SWEEP: Final = frozenset({"MULTIRUN", "RunMode.MULTIRUN", 2})
"""As OmegaConf reads an enum: by name, by its whole name, by value."""


def asks_for_sweep(composed: Composed) -> bool:
    """Whether `hydra.mode`, in a config or among the overrides, makes a sweep of the call without `-m`."""
    own = [item for item in composed.arguments if item.parsed.key_or_group in ("hydra", "hydra.mode")]
    if not own and composed.hydra is None:
        return False
    undecided = Node({"mode": Node(None)})  # Hydra's own config has the key, with nothing at it
    root = Node({"hydra": merge(undecided, composed.hydra or EMPTY)})
    root, _ = apply_overrides(root, own)
    hydra = root.get("hydra")
    mode: Any = node.value if hydra is not None and (node := hydra.get("mode")) is not None else None
    if is_interpolated(mode):
        resolved = resolve(
            replace(composed, root=replace(composed.root, value=composed.root.value | root.value))
        )
        resolved_hydra = resolved.root.get("hydra")
        assert resolved_hydra is not None
        mode = resolved_hydra.value["mode"].value
    return isinstance(mode, str | int) and mode in _SWEEP
