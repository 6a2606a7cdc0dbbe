"""Make the model, the data module or the trainer of a config."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any, Final, Literal

from serotiny.compiler.plan.plan import Plan
from serotiny.compiler.resolution.grammar import is_interpolated
from serotiny.compiler.validation.judge import TargetJudge
from serotiny.diagnostics import JobError
from serotiny.ml_ops.instantiation import instantiate
from serotiny.ml_ops.lightning.package import LightningPackage, lightning_of
from serotiny.ml_ops.lightning.quiet import quiet_lightning
from serotiny.ml_ops.trainer import make_trainer, named_callbacks

_log = logging.getLogger(__name__)

Part = Literal["model", "data", "trainer"]

_RUN_ALONE: Final = "is known only inside a job: give it a value, or run the plan"


class PartError(JobError):
    """A part of a job cannot be made without the job."""


def make_part(plan: Plan, part: Part) -> Any:
    """Seed, and make one part as in its job, without a run.

    The trainer has only the callbacks, loggers and plugins that the config names, so it records nothing in MLflow.
    While the part is made, the working directory is the project's root.

    Raises:
        PartError: the config has no such part, or a value of it is known only inside a job.
        RefusedTargetError: a target may not be called.
        InstantiationError: the target raised an exception.
    """
    config, judge = plan.config, TargetJudge.of_plan(plan)
    if part != "trainer" and not config.get(part):
        raise PartError(f"the config of this `{plan.operation}` has no `{part}`")
    _refuse_unknown(config.get(part), part)
    lightning = lightning_of(config)
    seed(config, lightning)
    with chdir(plan.project_root), quiet_lightning(lightning, verbose=_log.isEnabledFor(logging.DEBUG)):
        if part == "model":
            return make_model(config, judge)
        if part == "data":
            return make_datamodule(config, judge)
        callbacks = named_callbacks(config, judge)
        return make_trainer(config, judge, Path(plan.project_root), callbacks=callbacks, loggers=())


def seed(config: Mapping[str, Any], lightning: LightningPackage) -> None:
    """Seed every generator with the config's `seed`, if it has one."""
    if config.get("seed") is not None:
        lightning.get("seed_everything")(config["seed"], workers=True, verbose=False)


def make_model(config: Mapping[str, Any], judge: TargetJudge) -> Any:
    """The config's model, with newly initialised weights."""
    return instantiate(config["model"], "model", judge)


def make_datamodule(config: Mapping[str, Any], judge: TargetJudge) -> Any:
    """The config's data module; None if the model has its own loaders."""
    return instantiate(config["data"], "data", judge) if config.get("data") else None


def _refuse_unknown(value: Any, key: str) -> None:
    if isinstance(value, Mapping):
        for name, item in value.items():
            _refuse_unknown(item, f"{key}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_unknown(item, f"{key}[{index}]")
    elif is_interpolated(value):
        raise PartError(f"`{key}` is `{value}`, which {_RUN_ALONE}")
