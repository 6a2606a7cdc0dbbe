"""What Optuna's sweeper draws from by `hydra.sweeper.search_space`, the older form of its `params`."""

from __future__ import annotations

import json
import math
from collections.abc import Hashable
from typing import Any, Final, TypeGuard

from serotiny.compiler.hydra.names import HYDRA
from serotiny.compiler.tree import Node, Unknown, every
from serotiny.diagnostics import Diagnostic, closest

_KINDS: Final = ("int", "float", "categorical")
_FIELDS: Final = ("type", "choices", "low", "high", "step", "log")
"""Those of `DistributionConfig` in hydra-optuna-sweeper."""


def drawn_override(key: Hashable, node: Node) -> str | Diagnostic | None:
    """An entry of the search space as an override that sweeps over the same; None where it is known only inside a job.

    Args:
        key: a whole key of the config, with dots.
        node: `{type: float, low: 0.1, high: 1}`, or `{type: categorical, choices: [a, b]}`.

    Returns:
        The override, or SER111 for what the sweeper could not draw from.
    """
    name = f"{HYDRA}.sweeper.search_space.{key}"
    if any(isinstance(part.value, Unknown) for part in every(node)):
        return None
    if not node.is_mapping:
        fix = f"write `{{type: float, low: 0.1, high: 1}}`, or put `{key}` into `{HYDRA}.sweeper.params`"
        message = f"`{name}` must be a mapping that says what is drawn"
        return Diagnostic("SER111", message, node.place, name, help=fix)
    unknown = next((field for field, _ in node.children() if field not in _FIELDS), None)
    if unknown is not None:
        message = f"`{unknown}` is not a key of `{name}`"
        suggestion = closest(str(unknown), _FIELDS)
        listed = None if suggestion else f"there are {', '.join(f'`{field}`' for field in _FIELDS)}"
        place = node.value[unknown].blame_key()
        return Diagnostic("SER111", message, place, name, suggestion=suggestion, help=listed)
    entry: dict[str, Any] = node.plain()
    kind = entry.get("type")
    if kind not in _KINDS:
        given = node.get("type")
        message = f"`{name}.type` must be `int`, `float` or `categorical`"
        place = node.blame_key() if given is None else given.place
        return Diagnostic("SER111", message, place, name, suggestion=closest(str(kind), _KINDS))
    if kind == "categorical":
        choices = entry.get("choices")
        if (
            isinstance(choices, list)
            and choices
            and not any(isinstance(item, dict | list) for item in choices)
        ):
            return f"{key}=choice({','.join(map(json.dumps, choices))})"
        fix = "write a list of texts, numbers and booleans: `choices: [relu, gelu]`"
        return Diagnostic("SER111", f"`{name}` has nothing to choose from", node.place, name, help=fix)
    return _between(key, node, name, entry)


def _between(key: Hashable, node: Node, name: str, entry: dict[str, Any]) -> str | Diagnostic:
    """What is drawn between two numbers."""
    low, high, step = entry.get("low"), entry.get("high"), entry.get("step")
    is_drawn = _is_finite(low) and _is_finite(high) and low <= high and (not entry.get("log") or low > 0)
    if is_drawn and (step is None or (_is_finite(step) and step > 0)):
        if entry["type"] == "float" or low == high:
            return f"{key}=interval({low},{high})"
        return f"{key}=range({low},{high},{1 if step is None else step})"
    message = f"`{name}` is nothing that numbers can be drawn from"
    fix = "`low` and `high` are numbers, the first one not above the second; with `log: true` both are above 0, and so is a `step`"
    return Diagnostic("SER111", message, node.place, name, help=fix)


def _is_finite(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
