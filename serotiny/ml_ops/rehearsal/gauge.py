"""Measure time and memory of a training over its first two batches."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

from serotiny.ml_ops.rehearsal.layers import LayerTrace
from serotiny.ml_ops.resume.replayed_loader import length_of


class Gauge:
    """Mixed in before `Callback`, to make a callback that measures a training without changing it.

    Attributes:
        batch: shape and type of each entry of a batch of the training.
        rows: the rows of the first batch.
        timed_rows: the rows of the last batch that was seen, the second unless there is one alone.
        epoch_rows: the rows of an epoch of the training, at most; 0 if that is not known.
        seconds: the time of the second batch with loading, by loop (`train` or `val`).
        epoch_end_s: the time between the last batch of an epoch and the next epoch, in which checkpoints are written.
        batches: the number of batches of a loop in an epoch, if its loader has a length.
        most_batches: the same, also of streams, which know how many there are at most.
        kept_bytes: the memory of a batch and of what its forward pass saves for the backward pass.
        fixed_bytes: the memory of parameters, buffers, gradients and the state of the optimiser.
        gpu_bytes: the peak of torch's memory on the GPU; None without a GPU.
    """

    def __init__(self) -> None:
        super().__init__()
        self.batch: dict[str, str] = {}
        self.rows = 0
        self.timed_rows = 0
        self.seconds: dict[str, float] = {}
        self.epoch_end_s = 0.0
        self.batches: dict[str, int] = {}
        self.most_batches: dict[str, int] = {}
        self.epoch_rows = 0
        self.kept_bytes = 0
        self.fixed_bytes = 0
        self.gpu_bytes: int | None = None
        self.parameters = 0
        self.trainable = 0
        self.layers: LayerTrace | None = None
        self._storages: dict[int, int] = {}
        self._owned: set[int] = set()
        self._counting: Any = None
        self._ended: dict[str, float] = {}

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        self.parameters = sum(parameter.numel() for parameter in pl_module.parameters())
        self.trainable = sum(p.numel() for p in pl_module.parameters() if p.requires_grad)
        self._owned = {tensor.untyped_storage().data_ptr() for tensor in _state(pl_module)}
        self._count("train", trainer.train_dataloader)
        self.epoch_rows = _most_rows(trainer.train_dataloader)
        if pl_module.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(pl_module.device)

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        self._see(batch)
        if batch_idx == 0 and pl_module.device.type == "cpu":
            self._counting = torch.autograd.graph.saved_tensors_hooks(self._keep, _unchanged)
            self._counting.__enter__()

    def on_before_backward(self, trainer: Any, pl_module: Any, loss: Any) -> None:
        self._stop_counting()

    def on_train_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        self._stop_counting()
        self._end("train", batch_idx, pl_module.device)

    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:
        self._count("val", trainer.val_dataloaders)

    def on_validation_batch_start(self, trainer: Any, pl_module: Any, batch: Any, *_: Any) -> None:
        if self.layers is not None:
            self.layers.forget()

    def on_validation_batch_end(
        self,
        trainer: Any,
        pl_module: Any,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        self._end("val", batch_idx, pl_module.device)

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:  # Lightning's
        now = time.perf_counter()
        self.epoch_end_s = now - max(self._ended.values(), default=now)

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        of_optimizers = [
            value
            for optimizer in trainer.optimizers
            for state in optimizer.state.values()
            for value in state.values()
            if isinstance(value, Tensor)
        ]
        gradients = [p for p in pl_module.parameters() if p.requires_grad]
        self.fixed_bytes = _bytes([*_state(pl_module), *gradients, *of_optimizers])
        self.kept_bytes = sum(self._storages.values())
        self.epoch_rows = self.epoch_rows or self.most_batches["train"] * self.rows
        if pl_module.device.type == "cuda":
            self.gpu_bytes = torch.cuda.max_memory_allocated(pl_module.device)

    def _count(self, loop: str, loaders: Any) -> None:
        several = loaders if isinstance(loaders, list | tuple) else [loaders]
        self.batches[loop] = sum(map(length_of, several))
        self.most_batches[loop] = sum(map(_most_batches, several))

    def _see(self, batch: Any) -> None:
        if self.layers is not None:
            self.layers.forget()
        entries = batch if isinstance(batch, Mapping) else dict(enumerate(_listed(batch)))
        self.batch = {str(key): _described(value) for key, value in entries.items()}
        tensors = [value for value in entries.values() if isinstance(value, Tensor) and value.ndim]
        self.timed_rows = len(tensors[0]) if tensors else 0
        self.rows = self.rows or self.timed_rows
        if not self._storages:
            self._storages = {tensor.untyped_storage().data_ptr(): _bytes([tensor]) for tensor in tensors}

    def _keep(self, tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in self._owned:
            self._storages[storage.data_ptr()] = storage.nbytes()
        return tensor

    def _stop_counting(self) -> None:
        if self._counting is not None:
            self._counting.__exit__(None, None, None)
            self._counting = None

    def _end(self, loop: str, batch_idx: int, device: torch.device) -> None:
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        now = time.perf_counter()
        if batch_idx > 0:
            self.seconds[loop] = now - self._ended[loop]
        self._ended[loop] = now


def _most_batches(loader: Any) -> int:
    return length_of(loader) or getattr(loader, "most_batches", 0)


def _most_rows(loader: Any) -> int:
    # without a sampler of batches, what is counted need not be rows
    if getattr(loader, "batch_sampler", None) is None:
        return getattr(loader, "most_rows", 0)
    return length_of(loader.sampler)


def _unchanged(tensor: Tensor) -> Tensor:
    return tensor


def _state(module: Any) -> list[Tensor]:
    return [*module.parameters(), *module.buffers()]


def _bytes(tensors: Iterable[Tensor]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _listed(batch: Any) -> list[Any]:
    return list(batch) if isinstance(batch, list | tuple) else [batch]


def _described(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"{tuple(value.shape)} {str(value.dtype).removeprefix('torch.')}"
    return f"{type(value).__name__} of {len(value)}" if hasattr(value, "__len__") else type(value).__name__
