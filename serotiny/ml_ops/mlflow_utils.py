"""Load a trained model from MLflow, for example in a notebook, without the project's config folder."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from serotiny.compiler.limits import MAX_STORED_VALUES
from serotiny.compiler.project import ProjectError, find_project
from serotiny.compiler.resolution.resolve import resolving_faults
from serotiny.diagnostics import SerotinyError
from serotiny.filesystem import is_file
from serotiny.ml_ops.checkpoints.file import read_checkpoint
from serotiny.ml_ops.instantiation import instantiate
from serotiny.ml_ops.stored_targets import judge_targets
from serotiny.plain_config import leaves
from serotiny.schemas.rules.user_hosts import trust_hosts
from serotiny.tracking.mlflow.stored_run import StoredRun

_MODULES = ("pytorch_lightning.core.module.LightningModule", "lightning.pytorch.core.module.LightningModule")
_DATAMODULES = (
    "pytorch_lightning.core.datamodule.LightningDataModule",
    "lightning.pytorch.core.datamodule.LightningDataModule",
)


_ENDLESS = ("SER202", "SER206", "SER210")
"""The codes of cycles, of texts that take too long to parse, and of too many values."""


class LoadError(SerotinyError):
    """A stored model cannot be rebuilt here; the message says what is missing."""


def load_config(tracking_uri: str, run_id: str, operation: str = "train") -> dict[str, Any]:
    """The composed config of a run as it was logged, with secrets as `${oc.env:…}`.

    Raises:
        TrackingError: the store cannot be reached, there is no such run, or it has no such config.
    """
    return _stored_run(tracking_uri, run_id).config(operation)


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

    The model is instantiated from the logged config and then gets the checkpoint's weights. Since the config comes
    from a server, all of its targets are judged before anything is imported.

    Args:
        tracking_uri: the address of the store, e.g. `sqlite:///mlflow.db` or `http://127.0.0.1:5000`.
        run_id: the run's id in MLflow, or its name if only one experiment has a run of this name.
        checkpoint: `last`, `best` (by the only monitored metric), the name of a stored one such as
            `best-val_loss`, or the path of a local file.
        strict: whether the weights must fit the model exactly.
        trusted: further packages of which the config may name targets, besides the usual ones and those of the
            project around the working directory.
        overrides: arguments of the model that replace those of the config.

    Raises:
        TrackingError: there is no such store, run, config or checkpoint.
        StoredTargetError: a target is not trusted, not installed, or has changed.
        CheckpointError: the checkpoint is not complete.
        LoadError: the weights do not fit.
        InstantiationError: the model's own code failed.
    """
    given = Path(checkpoint)
    state = read_checkpoint(given) if is_file(given) else None
    run = _stored_run(tracking_uri, run_id)
    model = _make(run, "model", bases=_MODULES, trusted=trusted, overrides=overrides)
    if state is None:
        with tempfile.TemporaryDirectory(prefix="serotiny-") as folder:
            state = read_checkpoint(run.checkpoint(str(checkpoint), Path(folder)))
    # in the trainer's order, since layers that are made in this hook have weights in the checkpoint too
    model.configure_model()
    model.on_load_checkpoint(state)
    try:
        model.load_state_dict(state["state_dict"], strict=strict)
    except (RuntimeError, TypeError, ValueError, AttributeError) as error:
        raise LoadError(f"the weights of run `{run_id}` do not fit the model: {error}") from error
    return model.eval()


def load_datamodule(tracking_uri: str, run_id: str, *, trusted: Sequence[str] = (), **overrides: Any) -> Any:
    """A new instance of the LightningDataModule of a run; arguments as of `load_model_from_checkpoint`.

    Raises:
        TrackingError: there is no such store, run or config.
        StoredTargetError: a target is not trusted, not installed, or has changed.
        InstantiationError: the data module's own code failed.
    """
    return _make(
        _stored_run(tracking_uri, run_id), "data", bases=_DATAMODULES, trusted=trusted, overrides=overrides
    )


def _stored_run(tracking_uri: str, run_id: str) -> StoredRun:
    with suppress(ProjectError):
        trust_hosts(find_project(Path.cwd()).trusted_hosts)
    return StoredRun.open(tracking_uri, run_id)


def _make(
    run: StoredRun, key: str, bases: Sequence[str], trusted: Sequence[str], overrides: Mapping[str, Any]
) -> Any:
    config = run.config()
    if not isinstance(config.get(key), dict):
        raise LoadError(f"the config of run `{run.record.name}` has no `{key}`")
    if len(list(islice(leaves(config[key]), MAX_STORED_VALUES + 1))) > MAX_STORED_VALUES:
        raise LoadError(f"`{key}` of the stored config has more than {MAX_STORED_VALUES:,} values")
    node = {**config[key], **overrides}
    # values that are overridden need not be resolvable here
    plain = {name: value for name, value in node.items() if name not in overrides}
    final = {**_resolved(plain, key), **overrides}
    return instantiate(final, key, judge_targets(final, key, trusted, bases))


def _resolved(node: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The node with its `${oc.env:…}` resolved in this environment."""
    for fault in resolving_faults(node, os.environ):
        # other faults are left to OmegaConf, which knows more resolvers
        if fault.code in _ENDLESS:
            raise LoadError(f"`{key}` of the stored config cannot be resolved: {fault.message}")
    try:
        resolved = OmegaConf.to_container(OmegaConf.create(dict(node)), resolve=True)
    except OmegaConfBaseException as error:
        reason = str(error).splitlines()[0]
        raise LoadError(f"`{key}` of the stored config cannot be resolved here: {reason}") from error
    assert isinstance(resolved, dict)
    return {str(name): value for name, value in resolved.items()}
