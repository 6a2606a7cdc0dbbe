"""What is wrong with the input or the labels of a batch that torch refuses by a bare error of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from serotiny.models.errors import BatchError


def is_text(value: Any) -> bool:
    """Whether an entry of a batch is a list of texts."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], str)


def text_error(key: str, value: list[str]) -> BatchError:
    """The error for text in the place of numbers."""
    return BatchError(
        f"`{key}` of the batch is text, `{value[0]}` for example; `LoadClass` gives the number of a label, and "
        "`LoadColumns` names the first cell that is no number"
    )


def text_fault(entries: Mapping[str, Any], error: Exception) -> BatchError | None:
    """The fault of text that a network or a loss cannot take; None if the error is not about a list."""
    if "list" not in str(error):
        return None
    return next((text_error(key, value) for key, value in entries.items() if is_text(value)), None)


def label_fault(loss: Any, output: Any, labels: Any, *, key: str, error: Exception) -> BatchError | None:
    """The fault of labels for which there is no class, or which are not of the loss's type; None if it is another."""
    if not (isinstance(output, Tensor) and isinstance(labels, Tensor)):
        return None
    if isinstance(error, IndexError):
        return _too_few_classes(output, labels, key=key, ignored=getattr(loss, "ignore_index", None))
    takes_numbers_of_classes = (
        isinstance(loss, nn.CrossEntropyLoss | nn.NLLLoss) and labels.ndim < output.ndim
    )
    if not takes_numbers_of_classes or labels.dtype in (torch.int64, torch.uint8):
        return None
    kind = str(labels.dtype).removeprefix("torch.")
    return BatchError(
        f"the labels in `{key}` are {kind}, and the loss takes int64; `LoadClass` gives the number of a label, and a loader "
        "of numbers has a `dtype`"
    )


def _too_few_classes(output: Tensor, labels: Tensor, *, key: str, ignored: Any) -> BatchError | None:
    if labels.is_floating_point():
        return None
    classes = output.shape[1] if output.ndim > 1 else 0
    beyond = labels[(labels < 0) | (labels >= classes)]
    if ignored is not None:
        beyond = beyond[beyond != ignored]
    if not classes or not beyond.numel():
        return None
    return BatchError(
        f"the label {beyond[0].item()} in `{key}` has no class: the network has {classes} outputs, for labels from 0 to "
        f"{classes - 1}; give it one for each label (`n_classes`)"
    )
