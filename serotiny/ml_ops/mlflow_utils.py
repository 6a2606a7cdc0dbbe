"""Get a trained model back from MLflow: in a notebook, without the project's config folder."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from serotiny.compiler.resolution.resolve import resolving_faults
from serotiny.diagnostics import SerotinyError
from serotiny.ml_ops.checkpoints.file import read_checkpoint
from serotiny.ml_ops.instantiation import instantiate
from serotiny.ml_ops.stored_targets import judge_targets
from serotiny.tracking.mlflow.stored_run import StoredRun

_MODULES = ("pytorch_lightning.core.module.LightningModule", "lightning.pytorch.core.module.LightningModule")
_DATAMODULES = (
    "pytorch_lightning.core.datamodule.LightningDataModule",
    "lightning.pytorch.core.datamodule.LightningDataModule",
)


_ENDLESS = ("SER202", "SER206", "SER210")
"""Cycles, texts that no grammar reads in a sensible time, and more values than anybody means."""


class LoadError(SerotinyError):
    """A stored model that cannot be rebuilt here; the message says what is missing."""


def load_config(tracking_uri: str, run_id: str, operation: str = "train") -> dict[str, Any]:
    """The composed config of a run, as it was logged: secrets are still `${oc.env:…}`.

    Raises:
        TrackingError: the store cannot be reached, there is no such run, or it has no such config.
    """
    return StoredRun.open(tracking_uri, run_id).config(operation)


def load_model_from_checkpoint(
    tracking_uri: str,
    run_id: str,
    checkpoint: str | Path = "last",
    strict: bool = True,
    *,
    trusted: Sequence[str] = (),
    **overrides: Any,
) -> Any:
    """The trained LightningModule of a run, in evaluation mode, on the CPU.

    The model is made from the logged config, then gets the checkpoint's weights. Before anything is
    imported, every target of the config is judged: the config comes from a server.

    Args:
        tracking_uri: of the store, e.g. `sqlite:///mlflow.db` or `http://127.0.0.1:5000`.
        run_id: MLflow's, or the run's name where only one experiment has it.
        checkpoint: `last`, `best` (by the only monitored metric), the name of a stored one such as
            `best-val_loss`, or the path of a local file.
        strict: the weights must fit the model exactly.
        trusted: packages that the config may name targets of, beside the usual ones and those of the
            project around the current folder.
        overrides: arguments of the model to set otherwise.

    Raises:
        TrackingError: no such store, run, config or checkpoint.
        StoredTargetError: a target is not trusted, not installed, or has changed.
        CheckpointError: the checkpoint is not whole.
        LoadError: the weights do not fit.
        InstantiationError: the model's own code failed.
    """
    run = StoredRun.open(tracking_uri, run_id)
    model = _make(run, "model", bases=_MODULES, trusted=trusted, overrides=overrides)
    if Path(checkpoint).is_file():
        state = read_checkpoint(Path(checkpoint))
    else:
        with tempfile.TemporaryDirectory(prefix="serotiny-") as folder:
            state = read_checkpoint(run.checkpoint(str(checkpoint), Path(folder)))
    # in the trainer's order: the layers that are made here have weights in the checkpoint too
    model.configure_model()
    model.on_load_checkpoint(state)
    try:
        model.load_state_dict(state["state_dict"], strict=strict)
    except (RuntimeError, TypeError, ValueError, AttributeError) as error:
        raise LoadError(f"the weights of run `{run_id}` do not fit the model: {error}") from error
    return model.eval()


def load_datamodule(tracking_uri: str, run_id: str, *, trusted: Sequence[str] = (), **overrides: Any) -> Any:
    """The LightningDataModule that a run was trained on, made anew; the arguments are those of the model's.

    Raises:
        TrackingError: no such store, run or config.
        StoredTargetError: a target is not trusted, not installed, or has changed.
        InstantiationError: the data module's own code failed.
    """
    return _make(
        StoredRun.open(tracking_uri, run_id), "data", bases=_DATAMODULES, trusted=trusted, overrides=overrides
    )


def _make(
    run: StoredRun, key: str, bases: Sequence[str], trusted: Sequence[str], overrides: Mapping[str, Any]
) -> Any:
    config = run.config()
    if not isinstance(config.get(key), dict):
        raise LoadError(f"the config of run `{run.record.name}` has no `{key}`")
    node = {**config[key], **overrides}
    # what is overridden need not be resolvable here
    plain = {name: value for name, value in node.items() if name not in overrides}
    final = {**_resolved(plain, key), **overrides}
    return instantiate(final, key, judge_targets(final, key, trusted, bases))


def _resolved(node: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The node with its `${oc.env:…}` read from this environment."""
    for fault in resolving_faults(node, os.environ):
        # of the others OmegaConf tells, and knows more resolvers
        if fault.code in _ENDLESS:
            raise LoadError(f"`{key}` of the stored config cannot be resolved: {fault.message}")
    try:
        resolved = OmegaConf.to_container(OmegaConf.create(dict(node)), resolve=True)
    except OmegaConfBaseException as error:
        reason = str(error).splitlines()[0]
        raise LoadError(f"`{key}` of the stored config cannot be resolved here: {reason}") from error
    assert isinstance(resolved, dict)
    return {str(name): value for name, value in resolved.items()}
