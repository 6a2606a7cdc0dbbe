from __future__ import annotations

from typing import Any

import hydra
from omegaconf import DictConfig


def pairs(items: Any) -> dict[str, Any]:
    return {str(key): value for key, value in items}


def make_data(node: DictConfig) -> Any:
    return hydra.utils.instantiate(node)


def instantiate_all(nodes: DictConfig | None) -> list[Any]:
    return [hydra.utils.instantiate(node) for node in (nodes or {}).values() if "_target_" in node]
