"""Convert the config to MLflow's parameters: dotted keys, with values as text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from serotiny.plain_config import leaves


def flatten(config: Mapping[str, Any]) -> dict[str, str]:
    """All leaves of the config by their dotted path, in the config's order.

    A list of plain values is one parameter, as JSON; the items of a list with mappings are numbered
    (`trainer.callbacks.0.monitor`). Empty containers are included as `{}` and `[]`.
    """
    return {".".join(map(str, keys)): _text(value) for keys, value in leaves(config, _holds_parts) if keys}


def _holds_parts(items: Sequence[Any]) -> bool:
    return any(isinstance(item, Mapping | list | tuple) for item in items)


def _text(value: Any) -> str:
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
