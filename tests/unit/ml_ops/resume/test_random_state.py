from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import BatchSampler, DataLoader, RandomSampler

from serotiny.ml_ops.resume.random_state import (
    capture_generators,
    capture_random_state,
    restore_generators,
    restore_random_state,
)


def draw() -> list[float]:
    # normal values too: Python and numpy keep the second one of a pair
    return [random.random(), random.gauss(0, 1), np.random.rand(), np.random.randn(), torch.rand(()).item()]


def test_restored_generators_go_on_as_before(tmp_path: Path) -> None:
    """Python's, numpy's and torch's next values are the same, also through a file of plain data."""
    draw()
    torch.save(capture_random_state(), tmp_path / "state")
    expected = draw()
    restore_random_state(torch.load(tmp_path / "state", weights_only=True))

    assert expected == draw()


def test_generators_of_loaders_and_samplers_are_found_wherever_they_are() -> None:
    """A generator of the loader, of its sampler or of its batch sampler's sampler is put back."""
    rows: Any = list(range(8))
    own, inner = torch.Generator(), torch.Generator()
    loaders: list[Any] = [
        DataLoader(rows, shuffle=True, generator=own),
        DataLoader(rows, batch_sampler=BatchSampler(RandomSampler(rows, generator=inner), 2, False)),
        rows,
    ]
    states = capture_generators(loaders)
    expected = [[int(batch[0]) for batch in loader] for loader in loaders[:2]]
    restored = restore_generators(loaders, states)

    assert restored
    assert 2 == len(states)
    assert expected == [[int(batch[0]) for batch in loader] for loader in loaders[:2]]


def test_other_number_of_generators_changes_nothing() -> None:
    """States of loaders that are not there any more are not put into others."""
    generator = torch.Generator().manual_seed(3)
    state = generator.get_state()
    rows: Any = list(range(8))
    loader = DataLoader(rows, generator=generator)

    assert not restore_generators([loader], [torch.Generator().get_state()] * 2)
    assert torch.equal(state, generator.get_state())
