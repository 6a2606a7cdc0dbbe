"""Convert the results of `predict_step` to a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from serotiny.diagnostics import JobError

DEFAULT_COLUMN = "prediction"
_LONGEST = 150


class PredictionsError(JobError):
    """Predictions cannot be written as a table."""


def as_table(batch: Any) -> pa.Table:
    """What `predict_step` gave for a batch, with a row for each sample.

    A mapping has a column for each key; a tensor, an array or a list of them, one a sample, the column `prediction`; a
    tuple the columns `prediction_0`, `prediction_1`, …. Shape (N,) becomes a plain column, (N, D) a column of lists of
    length D, (N, D, E) one of lists of lists; a scalar is repeated for the batch's rows.

    Raises:
        PredictionsError: values are neither arrays nor plain, or columns differ in length.
    """
    values = dict(_named_values(batch))
    lengths = {name: len(value) for name, value in values.items() if _rows(value)}
    if len(set(lengths.values())) > 1:
        sizes = ", ".join(f"`{name}` {length}" for name, length in lengths.items())
        raise PredictionsError(
            f"the outputs of `predict_step` have different numbers of rows ({sizes}); give the model a method "
            "`save_predictions(preds, output_dir)`"
        )
    rows = next(iter(lengths.values()), 1)
    return pa.table({name: _column(name, value, rows) for name, value in values.items()})


def _named_values(batch: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(batch, Mapping):
        for key, value in batch.items():
            yield str(key), _as_array(value)
    elif isinstance(batch, tuple):
        for index, value in enumerate(batch):
            yield f"{DEFAULT_COLUMN}_{index}", _as_array(value)
    else:
        yield DEFAULT_COLUMN, _as_array(batch)


def _as_array(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu()
        return (value.float() if value.dtype == torch.bfloat16 else value).numpy()
    if isinstance(value, list | tuple) and value and all(isinstance(item, torch.Tensor) for item in value):
        return [_as_array(item) for item in value]
    return value


def _rows(value: Any) -> bool:
    return (isinstance(value, np.ndarray) and value.ndim > 0) or isinstance(value, list | tuple)


def _column(name: str, value: Any, rows: int) -> pa.Array:
    try:
        if isinstance(value, np.ndarray) and value.ndim > 0:
            return _array_column(value)
        if isinstance(value, list | tuple):
            return pa.array([item.tolist() if isinstance(item, np.ndarray) else item for item in value])
        plain = value.item() if isinstance(value, np.ndarray) else value
        return pa.array([plain] * rows)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise PredictionsError(
            f"`{name}` of the output of `predict_step` cannot be a column ({_shortened(error)}); give the model a method "
            "`save_predictions(preds, output_dir)`"
        ) from error


def _array_column(value: np.ndarray[Any, Any]) -> pa.Array:
    column = pa.array(np.ascontiguousarray(value).reshape(-1))
    for size in reversed(value.shape[1:]):
        column = pa.FixedSizeListArray.from_arrays(column, size)
    return column


def _shortened(error: Exception) -> str:
    """Its first line, without most of the values that it may show."""
    text = next(iter(f"{error}".splitlines()), type(error).__name__)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
