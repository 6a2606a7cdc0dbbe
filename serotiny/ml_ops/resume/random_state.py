"""The states of all random number generators that a training uses, as tensors and plain data.

A checkpoint is read with `weights_only=True`, which refuses numpy arrays; so numpy's state is stored as a list.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch


def capture_random_state() -> dict[str, Any]:
    """The states of the generators of Python, numpy (the legacy global one) and torch; of CUDA if it is in use."""
    version, internal, gauss = random.getstate()
    name, keys, position, has_gauss, cached = np.random.get_state(legacy=True)
    state: dict[str, Any] = {
        "python": [version, list(internal), gauss],
        "numpy": [str(name), [int(key) for key in keys], int(position), int(has_gauss), float(cached)],
        "torch": torch.get_rng_state(),
    }
    # reading the state would initialise CUDA in a process that does not use it
    if torch.cuda.is_available() and torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        state["cuda"] = torch.cuda.get_rng_state_all()
    return state


def restore_random_state(state: dict[str, Any]) -> None:
    """Restore the states of `capture_random_state`; CUDA states are skipped if the devices differ."""
    version, internal, gauss = state["python"]
    random.setstate((version, tuple(internal), gauss))
    name, keys, position, has_gauss, cached = state["numpy"]
    np.random.set_state((name, np.asarray(keys, dtype=np.uint32), position, has_gauss, cached))
    torch.set_rng_state(state["torch"].cpu())
    if "cuda" in state and len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all([device.cpu() for device in state["cuda"]])


def capture_generators(loaders: Iterable[object]) -> list[torch.Tensor]:
    """The states of the generators that the loaders and their samplers own, in a fixed order."""
    return [generator.get_state() for generator in _generators(loaders)]


def restore_generators(loaders: Iterable[object], states: Sequence[torch.Tensor]) -> bool:
    """Restore the states; False, without changing any, if the loaders now own another number of generators."""
    generators = _generators(loaders)
    if len(generators) != len(states):
        return False
    for generator, state in zip(generators, states, strict=True):
        generator.set_state(state.cpu())
    return True


def _generators(loaders: Iterable[object]) -> list[torch.Generator]:
    found: dict[int, torch.Generator] = {}
    for loader in loaders:
        batch_sampler = getattr(loader, "batch_sampler", None)
        owners = (
            loader,
            getattr(loader, "sampler", None),
            batch_sampler,
            getattr(batch_sampler, "sampler", None),
        )
        for owner in owners:
            generator = getattr(owner, "generator", None)
            if isinstance(generator, torch.Generator):
                found.setdefault(id(generator), generator)
    return list(found.values())
