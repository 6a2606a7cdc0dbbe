"""The training loader, able to go to where a checkpoint in mid-epoch was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from serotiny.ml_ops.resume.random_state import (
    capture_generators,
    capture_random_state,
    restore_generators,
    restore_random_state,
)


@dataclass(kw_only=True)
class ReplayPoint:
    """What the loader and `ExactResume` tell each other.

    Attributes:
        epoch: counts from 0; samplers with `set_epoch` are set to it before a replay.
        at_iter: the random state just before this epoch's iterator was made.
        generators_at_iter: likewise, of the generators that the loaders own.
        batches: how many batches of the epoch to skip on the next `iter()`; None: no replay is due.
        afterwards: the random state to go on with when they are skipped.
    """

    epoch: int = 0
    at_iter: dict[str, Any] | None = None
    generators_at_iter: list[torch.Tensor] = field(default_factory=list)
    batches: int | None = None
    afterwards: dict[str, Any] | None = None


class FreshWorkersLoader:
    """Goes before `CombinedLoader` in the bases of the validation loader that Lightning gets.

    Workers are started anew in each epoch, also with `persistent_workers=True`: the random state of a
    worker that lives on depends on everything that it loaded, and could not be put back on resume.
    """

    flattened: Sequence[Any]

    def __iter__(self) -> Any:
        for loader in self.flattened:
            if (
                getattr(loader, "persistent_workers", False)
                and getattr(loader, "_iterator", None) is not None
            ):
                loader._iterator = None
        return super().__iter__()  # type: ignore[misc]  # CombinedLoader's


class ReplayedLoader(FreshWorkersLoader):
    """Goes before `CombinedLoader` in the bases of the training loader that Lightning gets.

    An epoch's order of samples and the seeds of its workers follow from the random state just before its
    iterator is made, whatever the loader. To resume in mid-epoch that state is put back, and the batches
    that were trained on are loaded once more and dropped: none is lost or seen twice.

    """

    point: ReplayPoint

    def __iter__(self) -> Any:
        batches, self.point.batches = self.point.batches, None
        if batches is None or self.point.at_iter is None:
            self.point.at_iter = capture_random_state()
            self.point.generators_at_iter = capture_generators(self.flattened)
            return super().__iter__()
        for loader in self.flattened:
            _set_sampler_epoch(loader, self.point.epoch)
        restore_random_state(self.point.at_iter)
        restore_generators(self.flattened, self.point.generators_at_iter)
        iterator = super().__iter__()
        for _ in range(batches):
            next(iterator)
        if self.point.afterwards is not None:
            restore_random_state(self.point.afterwards)
        return iterator


def _set_sampler_epoch(loader: object, epoch: int) -> None:
    # Lightning calls `iter()` on resume before it sets the samplers' epoch (Lightning #21938)
    batch_sampler = getattr(loader, "batch_sampler", None)
    for sampler in (getattr(loader, "sampler", None), getattr(batch_sampler, "sampler", None)):
        set_epoch = getattr(sampler, "set_epoch", None)
        if callable(set_epoch):
            set_epoch(epoch)
