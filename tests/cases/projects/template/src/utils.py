from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import hydra
from omegaconf import DictConfig


def setup_root(file: str) -> None:
    """What the template has a package for: the root of the repository in the environment."""
    root = next(folder for folder in Path(file).resolve().parents if (folder / ".project-root").exists())
    os.environ["PROJECT_ROOT"] = str(root)


def instantiate_callbacks(config: DictConfig | None) -> list[Any]:
    return _each(config)


def instantiate_loggers(config: DictConfig | None) -> list[Any]:
    return _each(config)


def _each(config: DictConfig | None) -> list[Any]:
    if not config:
        return []
    return [
        hydra.utils.instantiate(node)
        for node in config.values()
        if isinstance(node, DictConfig) and "_target_" in node
    ]


def extras(cfg: DictConfig) -> None:
    if not cfg.get("extras"):
        return
    if cfg.extras.get("ignore_warnings"):
        warnings.filterwarnings("ignore")
    if cfg.extras.get("enforce_tags") and not cfg.get("tags"):
        raise ValueError("no tags")


def get_metric_value(metrics: dict[str, Any], name: str | None) -> float | None:
    return metrics[name].item() if name else None
