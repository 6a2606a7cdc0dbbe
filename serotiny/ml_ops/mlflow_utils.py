"""Load a trained model from MLflow, for example in a notebook, without the project's config folder."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from serotiny.collector import NoCollection
from serotiny.compiler.limits import MAX_STORED_VALUES
from serotiny.compiler.project import ProjectError, find_project
from serotiny.compiler.resolution.resolve import resolving_faults
from serotiny.compiler.validation.judge import TargetJudge
from serotiny.diagnostics import SerotinyError
from serotiny.filesystem import is_file
from serotiny.ml_ops.checkpoints.candidates import refuse_unreadable
from serotiny.ml_ops.instantiation import instantiate
from serotiny.ml_ops.stored_targets import judge_targets
from serotiny.plain_config import leaves
from serotiny.schemas.rules.user_hosts import trust_hosts
from serotiny.tracking.errors import TrackingError
from serotiny.tracking.mlflow.sqlite.filed_run import FiledRun, filed_run
from serotiny.tracking.mlflow.store import resolve_tracking_uri, sqlite_file
from serotiny.tracking.mlflow.stored_run import StoredRun, filed_config

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
    given = Path(checkpoint) if is_file(Path(checkpoint)) else None
    if given is not None:
        refuse_unreadable(given)
    asked = _Asked("model", _MODULES, trusted, overrides)
    filed = _filed_run(tracking_uri, run_id)
    _refuse_filed(filed, asked)
    if filed is not None and given is None and (stored := filed.checkpoint(str(checkpoint))) is not None:
        refuse_unreadable(stored)
    run = _stored_run(tracking_uri, run_id)
    final, judge = asked.judged(run.config(), run.record.name)
    with tempfile.TemporaryDirectory(prefix="serotiny-") as folder:
        file = given
        if file is None:
            file = run.checkpoint(str(checkpoint), Path(folder))
            refuse_unreadable(file)
        model = instantiate(final, asked.key, judge)
        from serotiny.ml_ops.checkpoints.file import read_checkpoint  # imports torch

        state = read_checkpoint(file)
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
    asked = _Asked("data", _DATAMODULES, trusted, overrides)
    _refuse_filed(_filed_run(tracking_uri, run_id), asked)
    run = _stored_run(tracking_uri, run_id)
    final, judge = asked.judged(run.config(), run.record.name)
    return instantiate(final, asked.key, judge)


@dataclass(frozen=True)
class _Asked:
    """The part of a stored config that is made, with what the caller gives for it."""

    key: str
    bases: Sequence[str]
    trusted: Sequence[str]
    overrides: Mapping[str, Any]

    def judged(self, config: Mapping[str, Any], run_name: str) -> tuple[dict[str, Any], TargetJudge]:
        """The part with its values resolved, of which every target may be called, and the judge that found so.

        Raises:
            LoadError: there is no such part, or it is too large or cannot be resolved.
            StoredTargetError: a target may not be called.
        """
        part = config.get(self.key)
        if not isinstance(part, dict):
            raise LoadError(f"the config of run `{run_name}` has no `{self.key}`")
        if len(list(islice(leaves(part), MAX_STORED_VALUES + 1))) > MAX_STORED_VALUES:
            raise LoadError(f"`{self.key}` of the stored config has more than {MAX_STORED_VALUES:,} values")
        node = {**part, **self.overrides}
        # values that are overridden need not be resolvable here
        plain = {name: value for name, value in node.items() if name not in self.overrides}
        final = {**_resolved(plain, self.key), **self.overrides}
        return final, judge_targets(final, self.key, self.trusted, self.bases)


def _refuse_filed(run: FiledRun | None, asked: _Asked) -> None:
    """Judge what lies in the files of a sqlite store, before MLflow is imported to open it."""
    config = None if run is None else filed_config(run)
    if run is not None and config is not None:
        asked.judged(config, run.record.name)


def _filed_run(tracking_uri: str, run: str) -> FiledRun | None:
    _refuse_no_texts(tracking_uri, run)
    database = sqlite_file(resolve_tracking_uri(tracking_uri, Path.cwd()))
    if database is None:
        return None
    return filed_run(database, run_id=run) or filed_run(database, name=run)


def _refuse_no_texts(tracking_uri: Any, run: Any) -> None:
    """Refuse what is given in the place of a store or a run, such as the None of a variable that is not set.

    Raises:
        TrackingError: one of them is no text, or an empty one.
    """
    if not isinstance(tracking_uri, str) or not tracking_uri:
        raise TrackingError(
            f"the address of a tracking store is a text, not {tracking_uri!r}: such as `sqlite:///mlflow.db`"
        )
    if not isinstance(run, str) or not run:
        raise TrackingError(
            f"a run is given by its id or name, not by {run!r}; `serotiny runs list` shows those of the experiment"
        )


def _stored_run(tracking_uri: str, run_id: str) -> StoredRun:
    _refuse_no_texts(tracking_uri, run_id)
    with suppress(ProjectError):
        trust_hosts(find_project(Path.cwd()).trusted_hosts)
    with NoCollection():  # importing MLflow makes many objects that stay
        return StoredRun.open(tracking_uri, run_id)


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
    except RecursionError:
        raise LoadError(f"`{key}` of the stored config is nested too deeply to be resolved") from None
    assert isinstance(resolved, dict)
    return {str(name): value for name, value in resolved.items()}
