"""Gather the batches that several processes predicted, in order, for a model that saves them itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from torch.utils.data import BatchSampler, Sampler

from serotiny.ml_ops.ranks.control_group import ControlGroup


class WholeBatches(Sampler[int]):
    """The samples of every n-th batch, so that the batches of all processes are the same as those of a single one."""

    def __init__(self, samples: Sequence[int], batch_size: int, rank: int, world_size: int) -> None:
        self._samples = [
            index
            for start in range(rank * batch_size, len(samples), world_size * batch_size)
            for index in samples[start : start + batch_size]
        ]

    def __iter__(self) -> Iterator[int]:
        return iter(self._samples)

    def __len__(self) -> int:
        return len(self._samples)


class WholeBatchesLoader:
    """Mixed in before `CombinedLoader`, to make the loader for predictions that Lightning gets.

    With several processes, each predicts whole batches; Lightning itself would give each process every n-th sample.
    """

    flattened: Sequence[Any]

    def __iter__(self) -> Any:
        for loader in self.flattened:
            batches: Any = getattr(getattr(loader, "batch_sampler", None), "_batch_sampler", None)
            distributed: Any = getattr(batches, "sampler", None)
            # Lightning's wrapper around the loader's own sampler
            samples = getattr(getattr(distributed, "dataset", None), "_sampler", None)
            if type(batches) is BatchSampler and samples is not None:
                batches.sampler = WholeBatches(
                    list(samples), batches.batch_size, distributed.rank, distributed.num_replicas
                )
        return super().__iter__()  # type: ignore[misc]  # CombinedLoader's


def all_predictions(trainer: Any, group: ControlGroup, predictions: list[Any]) -> list[Any] | None:
    """The batches of all processes, sorted by their first sample; None on ranks other than 0.

    If Lightning does not know the samples of a loader (an `IterableDataset`), the batches are in the order of ranks.
    """
    indices = [_firsts(loader) for loader in trainer.predict_loop._combined_loader.flattened]
    gathered = group.gather_at_rank_0((indices, predictions))
    if gathered is None:
        return None
    if len(gathered) == 1:
        return predictions
    if not _by_loader(predictions):
        return _in_order([(of_rank[0], batches) for of_rank, batches in gathered])
    return [
        _in_order([(of_rank[loader], batches[loader]) for of_rank, batches in gathered])
        for loader in range(len(indices))
    ]


def _firsts(loader: Any) -> list[int]:
    """The first sample of each batch of the loader, if Lightning has recorded it."""
    seen = getattr(getattr(loader, "batch_sampler", None), "seen_batch_indices", [])
    return [batch[0] for batch in seen]


def _by_loader(predictions: Sequence[Any]) -> bool:
    return bool(predictions) and all(isinstance(item, list) for item in predictions)


def _in_order(by_rank: Sequence[tuple[list[int], list[Any]]]) -> list[Any]:
    pairs = [
        (firsts[number] if firsts else -1, rank, number, batch)
        for rank, (firsts, batches) in enumerate(by_rank)
        for number, batch in enumerate(batches)
    ]
    return [batch for *_, batch in sorted(pairs, key=lambda pair: pair[:3])]
