from __future__ import annotations

from typing import Any

import hydra
from omegaconf import DictConfig, open_dict


def pairs(items: Any) -> dict[str, Any]:
    return {str(key): value for key, value in items}


def make_data(node: DictConfig) -> Any:
    return hydra.utils.instantiate(node)


def instantiate_all(nodes: DictConfig | None) -> list[Any]:
    return [hydra.utils.instantiate(node) for node in (nodes or {}).values() if "_target_" in node]


def remove_aux(cfg: DictConfig) -> None:
    with open_dict(cfg):
        for key, value in list(cfg.items()):
            if isinstance(value, DictConfig):
                remove_aux(value)
            if key == "_aux":
                del cfg[key]
