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
    """What the loaders and `ExactResume` tell each other.

    Attributes:
        epoch: counts from 0; samplers with `set_epoch` are set to it before a replay.
        at_iter: the random state just before this epoch's iterator was made.
        generators_at_iter: likewise, of the generators that the loaders own.
        at_first_batch: the random state just before the first batch was fetched. In the first epoch Lightning makes
            the iterator before the hooks of the training's and the epoch's start, which may draw.
        at_restarts: by the number of a loader that is shorter than the longest one, the batch before which it last began
            anew in this epoch, and the random state then.
        batches: how many batches of the epoch to skip on the next `iter()`; None: no replay is due.
        afterwards, generators_afterwards: the random states to go on with when they are skipped.
        is_asked: to keep the random states before the next batch is fetched, in `before_next_batch` and
            `generators_before_next_batch`: a sampler may draw for a batch, as torch's does for the last one.
        before_validation: the random state just before the iterator of a validation was made; None once training
            went on.
        validate_from: the random state to begin the next validation with.
    """

    epoch: int = 0
    at_iter: dict[str, Any] | None = None
    generators_at_iter: list[torch.Tensor] = field(default_factory=list)
    at_first_batch: dict[str, Any] | None = None
    at_restarts: dict[int, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    batches: int | None = None
    afterwards: dict[str, Any] | None = None
    generators_afterwards: list[torch.Tensor] = field(default_factory=list)
    is_asked: bool = False
    before_next_batch: dict[str, Any] | None = None
    generators_before_next_batch: list[torch.Tensor] = field(default_factory=list)
    before_validation: dict[str, Any] | None = None
    validate_from: dict[str, Any] | None = None


class FreshWorkersLoader:
    """Goes before `CombinedLoader` in the bases of the loaders that Lightning gets.

    Workers are started anew in each epoch, also with `persistent_workers=True`: the random state of a
    worker that lives on depends on everything that it loaded, and could not be put back on resume.
    """

    flattened: Sequence[Any]
    point: ReplayPoint

    def __iter__(self) -> Any:
        for loader in self.flattened:
            if (
                getattr(loader, "persistent_workers", False)
                and getattr(loader, "_iterator", None) is not None
            ):
                loader._iterator = None
        return super().__iter__()  # type: ignore[misc]  # CombinedLoader's


class ValidationLoader(FreshWorkersLoader):
    """The validation's: one that was broken off begins anew with the random state that it had begun with."""

    def __iter__(self) -> Any:
        begin, self.point.validate_from = self.point.validate_from, None
        if begin is not None:
            restore_random_state(begin)
        self.point.before_validation = capture_random_state()
        return super().__iter__()


class ReplayedLoader(FreshWorkersLoader):
    """The training's.

    An epoch's order of samples and the seeds of its workers follow from the random states just before its
    iterator is made and its first batch is fetched, whatever the loader. To resume in mid-epoch those are put back,
    and the batches that were trained on are loaded once more and dropped: none is lost or seen twice.
    """

    _fetched = 0

    def __iter__(self) -> Any:
        point = self.point
        self._fetched = 0
        batches, point.batches = point.batches, None
        if batches is None or point.at_iter is None:
            point.at_iter = capture_random_state()
            point.generators_at_iter = capture_generators(self.flattened)
            point.at_first_batch = None
            point.at_restarts = {}
            return super().__iter__()
        for loader in self.flattened:
            _set_sampler_epoch(loader, point.epoch)
        restore_random_state(point.at_iter)
        restore_generators(self.flattened, point.generators_at_iter)
        iterator = super().__iter__()
        if point.at_first_batch is not None:
            restore_random_state(point.at_first_batch)
        restarts = dict(point.at_restarts.values())
        for number in range(batches):
            if number in restarts:
                restore_random_state(restarts[number])
            super().__next__()  # type: ignore[misc]  # CombinedLoader's
        self._fetched = batches
        restore_generators(self.flattened, point.generators_afterwards)
        return iterator

    def __next__(self) -> Any:
        point = self.point
        if point.afterwards is not None:
            restore_random_state(point.afterwards)
            point.afterwards = None
        if point.at_first_batch is None:
            point.at_first_batch = capture_random_state()
        if point.is_asked:
            point.is_asked = False
            point.before_next_batch = capture_random_state()
            point.generators_before_next_batch = capture_generators(self.flattened)
        if len(self.flattened) > 1 and self._fetched > 0:
            self._note_restarts()
        self._fetched += 1
        return super().__next__()  # type: ignore[misc]  # CombinedLoader's

    def _note_restarts(self) -> None:
        lengths = map(length_of, self.flattened)
        new = [index for index, length in enumerate(lengths) if length and self._fetched % length == 0]
        if new:
            self.point.at_restarts |= dict.fromkeys(new, (self._fetched, capture_random_state()))


def length_of(loader: Any) -> int:
    """The batches of an epoch; 0 where a loader does not tell."""
    try:
        return len(loader)
    except TypeError:
        return 0


def _set_sampler_epoch(loader: object, epoch: int) -> None:
    # Lightning calls `iter()` on resume before it sets the samplers' epoch (Lightning #21938)
    batch_sampler = getattr(loader, "batch_sampler", None)
    for sampler in (getattr(loader, "sampler", None), getattr(batch_sampler, "sampler", None)):
        set_epoch = getattr(sampler, "set_epoch", None)
        if callable(set_epoch):
            set_epoch(epoch)
