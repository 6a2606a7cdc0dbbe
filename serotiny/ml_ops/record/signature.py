"""The signature of a trained model: names, dtypes and shapes of a batch and of the model's output, in MLflow's format."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor

from serotiny.tracking import layout
from serotiny.tracking.session import RunSession


class SignatureRecorder:
    """Mixed in before `Callback`, to make a callback that records the signature of the training's first batch.

    The outputs are those of `forward`, if the training step calls the model.
    """

    def __init__(self, session: RunSession) -> None:
        super().__init__()
        self._session = session
        self._inputs: list[dict[str, Any]] | None = None
        self._outputs: list[dict[str, Any]] = []
        self._hook: Any = None

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:  # noqa: ARG002  # Lightning's
        if self._inputs is None:
            self._inputs = [*specs(batch)]
            self._hook = pl_module.register_forward_hook(self._see)

    def on_train_batch_end(self, *_: Any) -> None:
        if self._hook is not None:
            self._hook.remove()
            self._hook = None
            self._session.log_text(signature_text(self._inputs or [], self._outputs), layout.SIGNATURE)

    def _see(self, module: Any, arguments: Any, output: Any) -> None:  # noqa: ARG002  # torch's
        # the first call only: DDP calls the training step as if it were `forward`, which ends later
        if not self._outputs:
            self._outputs = [spec for spec in specs(output) if spec["tensor-spec"]["shape"]]


def signature_text(inputs: list[dict[str, Any]], outputs: list[dict[str, Any]]) -> str:
    """A signature as JSON that `mlflow.models.ModelSignature.from_dict` reads, if there are inputs."""
    # MLflow keeps inputs and outputs as JSON within JSON
    found = {"inputs": json.dumps(inputs), "outputs": json.dumps(outputs) if outputs else None}
    return json.dumps({**found, "params": None}, indent=2)


def specs(value: Any, *keys: str) -> Iterator[dict[str, Any]]:
    """Name, dtype and shape of each tensor and of each list of texts; anything else is left out.

    The first dimension, the row, is -1: any number.
    """
    if isinstance(value, Tensor):
        yield _spec(_dtype(value), [-1, *value.shape[1:]] if value.ndim else [], keys)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from specs(item, *keys, str(key))
    elif isinstance(value, tuple) and hasattr(value, "_asdict"):
        yield from specs(value._asdict(), *keys)
    elif isinstance(value, list | tuple) and value and all(isinstance(item, str) for item in value):
        yield _spec("str", [-1], keys)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from specs(item, *keys, str(index))


def _dtype(tensor: Tensor) -> str:
    """MLflow knows the dtypes of numpy, which has no bfloat16."""
    name = str(tensor.dtype).removeprefix("torch.")
    return "float32" if name == "bfloat16" else name


def _spec(dtype: str, shape: list[int], keys: tuple[str, ...]) -> dict[str, Any]:
    spec = {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": shape}}
    return spec | ({"name": ".".join(keys)} if keys else {})
