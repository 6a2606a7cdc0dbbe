"""The objects of a job, from its plan."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from serotiny.compiler.plan.plan import Plan
from serotiny.compiler.validation.judge import TargetJudge
from serotiny.ml_ops.checkpoints.store import CheckpointStore
from serotiny.ml_ops.job import BuiltJob
from serotiny.ml_ops.lightning.package import LightningPackage
from serotiny.ml_ops.parts import lightning_of, make_datamodule, make_model, seed
from serotiny.ml_ops.resume.exact_resume import ExactResume
from serotiny.ml_ops.resume.replayed_loader import FreshWorkersLoader, ReplayedLoader, ReplayPoint
from serotiny.ml_ops.resume.stamp import RunStamp
from serotiny.ml_ops.resume.stop_request import StopRequest
from serotiny.ml_ops.run_logger import RunLogger
from serotiny.ml_ops.trainer import make_trainer, named_callbacks, writes_checkpoints
from serotiny.tracking.session import RunSession

CHECKPOINT_FOLDER = "checkpoints"


def build_job(plan: Plan, run_dir: Path, session: RunSession, stop: StopRequest) -> BuiltJob:
    """Seed, then make the data module, the model and the trainer, in this order.

    Raises:
        RefusedTargetError: a target may not be called.
        InstantiationError: one of them could not be made.
    """
    config, judge = plan.config, TargetJudge.of_plan(plan)
    lightning = lightning_of(config)
    seed(config, lightning)
    datamodule = make_datamodule(config, judge)
    model = make_model(config, judge)
    checkpoints = CheckpointStore(
        run_dir / CHECKPOINT_FOLDER, session, lightning.get("callbacks.ModelCheckpoint")
    )
    logger = lightning.adopt(RunLogger, "loggers.Logger")(session)
    point = ReplayPoint()
    _prepare_loaders(datamodule if datamodule is not None else model, lightning, point)
    info = session.info
    exact_resume = lightning.adopt(ExactResume, "callbacks.Callback")(
        checkpoints.last if writes_checkpoints(config) else None,
        point=point,
        stop=stop,
        stamp=RunStamp(info.run_id, info.run_name, identity=plan.identity, has_drifted=info.has_drifted),
        on_saved=checkpoints.on_last_written,
    )
    callbacks = named_callbacks(config, judge)
    checkpoints.adopt(callbacks)
    trainer = make_trainer(config, judge, run_dir, callbacks=[exact_resume, *callbacks], loggers=[logger])
    return BuiltJob(
        plan,
        run_dir,
        session=session,
        lightning=lightning,
        model=model,
        datamodule=datamodule,
        trainer=trainer,
        logger=logger,
        checkpoints=checkpoints,
        stop=stop,
    )


def _prepare_loaders(source: Any, lightning: LightningPackage, point: ReplayPoint) -> None:
    """Let `source` give loaders that a resumed run can repeat; nothing else of it changes."""
    combined = lightning.get("utilities.CombinedLoader")
    for name, hooks, mode in (
        ("train_dataloader", ReplayedLoader, "max_size_cycle"),
        ("val_dataloader", FreshWorkersLoader, "sequential"),
    ):
        setattr(
            source,
            name,
            _wrapped(
                getattr(source, name),
                lightning.adopt(hooks, "utilities.CombinedLoader"),
                combined=combined,
                mode=mode,
                point=point,
            ),
        )


def _wrapped(
    given: Callable[[], Any], made: Any, combined: type[Any], mode: str, point: ReplayPoint
) -> Callable[[], Any]:
    # wraps: Lightning tells by the wrapped function whether the hook is overridden at all
    @functools.wraps(given)
    def dataloader() -> Any:
        loaders = given()
        if isinstance(loaders, combined):
            loader = made(loaders.iterables, loaders._mode)
        else:
            loader = made(loaders, mode)  # Lightning's own mode for loaders that are not combined yet
        loader.point = point
        return loader

    return dataloader
