"""Which loaders cannot be promised to repeat themselves on resume."""

from __future__ import annotations

from torch.utils.data import DataLoader

from serotiny.ml_ops.resume.exact_resume import unrepeatable_loaders


class OwnLoader:
    """Any iterable of batches, as Lightning takes it."""


def test_loader_of_ones_own_is_named() -> None:
    """A DataLoader's order follows from random states; that of anything else is not known."""
    loaders = [DataLoader([1, 2, 3]), OwnLoader()]  # type: ignore[arg-type]  # a list is a dataset to torch

    assert ["OwnLoader"] == unrepeatable_loaders(loaders)
