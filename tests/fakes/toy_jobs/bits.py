"""Comparing what two trainings left, bit by bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from serotiny.ml_ops.checkpoints.file import read_checkpoint


def state_of(file: Path) -> dict[str, Any]:
    """What training leaves: weights, optimiser, scheduler, random states."""
    checkpoint = read_checkpoint(file)
    keys = ("state_dict", "optimizer_states", "lr_schedulers", "global_step", "epoch")
    return {key: checkpoint[key] for key in keys} | {"random": checkpoint["serotiny"]["random"]}


def differences(expected: Any, actual: Any, path: str = "") -> list[str]:
    """Where two nested structures differ; tensors are compared by their bits."""
    if isinstance(expected, torch.Tensor):
        equal = isinstance(actual, torch.Tensor) and torch.equal(expected, actual)
        return [] if equal and expected.dtype == actual.dtype else [path]
    if isinstance(expected, dict) and isinstance(actual, dict):
        if expected.keys() != actual.keys():
            return [f"{path}: {sorted(map(str, expected.keys() ^ actual.keys()))}"]
        return [d for key in expected for d in differences(expected[key], actual[key], f"{path}.{key}")]
    if isinstance(expected, list | tuple) and isinstance(actual, list | tuple):
        if len(expected) != len(actual):
            return [f"{path}: length"]
        return [
            d
            for i, pair in enumerate(zip(expected, actual, strict=True))
            for d in differences(*pair, f"{path}.{i}")
        ]
    return [] if expected == actual else [f"{path}: {expected} != {actual}"]
