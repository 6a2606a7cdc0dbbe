"""The config as MLflow's parameters: one level of dotted keys, values as text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any


def flatten(config: Mapping[str, Any]) -> dict[str, str]:
    """Every leaf of the config under its dotted path, in the config's order.

    A list of plain values is one parameter, as JSON; a list that holds mappings is counted through
    (`trainer.callbacks.0.monitor`). Empty containers are kept, as `{}` and `[]`.
    """
    return dict(_leaves(config, ""))


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple) and any(isinstance(item, Mapping | list | tuple) for item in value):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{path}.{index}")
    elif path:
        yield path, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
