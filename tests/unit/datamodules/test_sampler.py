"""The order of the rows."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from serotiny.datamodules.sampler import EpochSampler


def order(rows: int, seed: int, epoch: int) -> list[int]:
    sampler = EpochSampler(rows, seed)
    sampler.set_epoch(epoch)
    return list(sampler)


@given(st.integers(0, 50), st.integers(-(2**63), 2**64), st.integers(0, 10_000))
def test_every_epoch_is_a_permutation(rows: int, seed: int, epoch: int) -> None:
    """Each row comes once."""
    assert list(range(rows)) == sorted(order(rows, seed, epoch))


def test_order_depends_on_seed_and_epoch_alone() -> None:
    """Neither earlier epochs nor torch's own random numbers change it."""
    sampler = EpochSampler(100, seed=1)
    for epoch in range(3):
        sampler.set_epoch(epoch)
        torch.rand(epoch)
        assert order(100, 1, epoch) == list(sampler)


def test_epochs_and_seeds_do_not_repeat_each_other() -> None:
    """(seed 0, epoch 1) and (seed 1, epoch 0) are different orders."""
    orders = {tuple(order(100, seed, epoch)) for seed in range(5) for epoch in range(5)}
    assert 25 == len(orders)


def test_global_random_state_is_left_alone() -> None:
    """Shuffling draws no random number that a model would have drawn."""
    before = torch.get_rng_state()
    order(10, 0, 0)
    assert torch.equal(before, torch.get_rng_state())


def test_length_is_the_number_of_rows() -> None:
    """DataLoader counts its batches by it."""
    assert 7 == len(EpochSampler(7, seed=0))
