"""A training loader that can continue at the batch at which a checkpoint within an epoch was written."""

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
    """The state that the loaders and `ExactResume` share.

    Attributes:
        epoch: counted from 0; `set_epoch` of samplers is called with it before a replay.
        at_iter: the random state just before this epoch's iterator was made.
        generators_at_iter: the same for the generators that the loaders own.
        at_first_batch: the random state just before the first batch was fetched. It differs from `at_iter` in the
            first epoch, where Lightning makes the iterator before hooks that may draw random numbers.
        at_restarts: for each loader that is shorter than the longest one, by its number: the batch before which it
            last started again in this epoch, and the random state then.
        batches: the number of batches to skip on the next `iter()`; None if no replay is due.
        afterwards, generators_afterwards: the random states to restore after they are skipped.
        is_asked: whether to save the random states before the next batch is fetched, in `before_next_batch` and
            `generators_before_next_batch`, since a sampler may draw for a batch, as torch's does for the last one.
        before_validation: the random state just before the iterator of a validation was made; None once the training
            has continued.
        validate_from: the random state with which to begin the next validation.
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
    """Mixed in before `CombinedLoader`, to make the loaders that Lightning gets.

    New workers are started in each epoch, also with `persistent_workers=True`, since the random state of a
    persistent worker depends on everything that it has loaded, and could not be restored on resume.
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
    """The loader of the validation; an interrupted validation starts again with its first random state."""

    def __iter__(self) -> Any:
        begin, self.point.validate_from = self.point.validate_from, None
        if begin is not None:
            restore_random_state(begin)
        self.point.before_validation = capture_random_state()
        return super().__iter__()


class ReplayedLoader(FreshWorkersLoader):
    """The loader of the training.

    For any loader, the order of an epoch's samples and the seeds of its workers depend on the random states just
    before its iterator is made and its first batch is fetched. To resume within an epoch, these are restored, and the
    batches that were trained on are loaded again and discarded, so that no batch is lost or used twice.
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
    """The number of batches of an epoch; 0 if a loader has no length."""
    try:
        return len(loader)
    except TypeError:
        return 0


def _set_sampler_epoch(loader: object, epoch: int) -> None:
    # on resume Lightning calls `iter()` before it sets the samplers' epoch (Lightning #21938)
    batch_sampler = getattr(loader, "batch_sampler", None)
    for sampler in (getattr(loader, "sampler", None), getattr(batch_sampler, "sampler", None)):
        set_epoch = getattr(sampler, "set_epoch", None)
        if callable(set_epoch):
            set_epoch(epoch)
