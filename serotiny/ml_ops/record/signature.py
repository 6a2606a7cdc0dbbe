"""The signature of a trained model: names, dtypes and shapes of a batch, in MLflow's format."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor

from serotiny.tracking import layout
from serotiny.tracking.session import RunSession


class SignatureRecorder:
    """Mixed in before `Callback`, to make a callback that records the signature of the training's first batch."""

    def __init__(self, session: RunSession) -> None:
        super().__init__()
        self._session = session
        self._is_recorded = False

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:  # noqa: ARG002  # Lightning's
        if not self._is_recorded:
            self._is_recorded = True
            self._session.log_text(signature_text(batch), layout.SIGNATURE)


def signature_text(batch: Any) -> str:
    """The inputs of a model that takes such batches, as JSON that `mlflow.models.ModelSignature.from_dict` reads.

    The first dimension, the row, is -1: any number. Values that are neither tensors nor lists of texts are left out.
    """
    # MLflow keeps the inputs as JSON within JSON
    return json.dumps({"inputs": json.dumps([*_inputs(batch)]), "outputs": None, "params": None}, indent=2)


def _inputs(value: Any, *keys: str) -> Iterator[dict[str, Any]]:
    if isinstance(value, Tensor):
        yield _input(
            str(value.dtype).removeprefix("torch."), [-1, *value.shape[1:]] if value.ndim else [], keys
        )
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _inputs(item, *keys, str(key))
    elif isinstance(value, list | tuple) and value and all(isinstance(item, str) for item in value):
        yield _input("str", [-1], keys)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _inputs(item, *keys, str(index))


def _input(dtype: str, shape: list[int], keys: tuple[str, ...]) -> dict[str, Any]:
    spec = {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": shape}}
    return spec | ({"name": ".".join(keys)} if keys else {})
