"""Make the objects of a job from its plan."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any

from serotiny.collector import collect_as_usual
from serotiny.compiler.plan.plan import Plan
from serotiny.compiler.validation.judge import TargetJudge
from serotiny.credentials.known import KnownSecrets
from serotiny.ml_ops.checkpoints.file import AtomicCheckpointIO
from serotiny.ml_ops.checkpoints.store import CheckpointStore
from serotiny.ml_ops.job import BuiltJob
from serotiny.ml_ops.lightning.package import LightningPackage, lightning_of
from serotiny.ml_ops.parts import make_datamodule, make_model, seed
from serotiny.ml_ops.predictions.gathered import WholeBatchesLoader
from serotiny.ml_ops.ranks.control_group import ControlGroup
from serotiny.ml_ops.ranks.followers import Followers
from serotiny.ml_ops.ranks.launcher import install_launcher
from serotiny.ml_ops.record.signature import SignatureRecorder
from serotiny.ml_ops.resume.exact_resume import ExactResume
from serotiny.ml_ops.resume.replayed_loader import ReplayedLoader, ReplayPoint, ValidationLoader
from serotiny.ml_ops.resume.stamp import RunStamp
from serotiny.ml_ops.resume.stop_request import StopRequest
from serotiny.ml_ops.run_logger import RunLogger
from serotiny.ml_ops.trainer import make_trainer, named_callbacks, writes_checkpoints
from serotiny.tracking import layout
from serotiny.tracking.session import RunSession


def build_job(
    plan: Plan, run_dir: Path, session: RunSession, stop: StopRequest, followers: Followers
) -> BuiltJob:
    """Seed, then make the data module, the model and the trainer, in this order.

    Raises:
        RefusedTargetError: a target may not be called.
        InstantiationError: one of them could not be instantiated.
    """
    config, judge = plan.config, TargetJudge.of_plan(plan)
    lightning = lightning_of(config)
    # torch, Lightning and MLflow are imported; what follows is the project's own code
    collect_as_usual()
    seed(config, lightning)
    # relative paths count from there, also where the job runs in a folder of its own (`hydra.job.chdir`)
    with chdir(plan.project_root):
        datamodule = make_datamodule(config, judge)
        model = make_model(config, judge)
    checkpoints = CheckpointStore(
        run_dir / layout.CHECKPOINT_FOLDER, session, lightning.get("callbacks.ModelCheckpoint")
    )
    logger = lightning.adopt(RunLogger, "loggers.Logger")(session)
    point = ReplayPoint()
    # a process that has joined the group has read the handover
    group = ControlGroup(on_joined=followers.all_joined)
    source = datamodule if datamodule is not None else model
    _prepare_loaders(source, lightning, point)
    if callable(getattr(model, "save_predictions", None)):
        _prepare(
            source, "predict_dataloader", hooks=WholeBatchesLoader, mode="sequential", lightning=lightning
        )
    info = session.info
    exact_resume = lightning.adopt(ExactResume, "callbacks.Callback")(
        checkpoints.last if writes_checkpoints(config) else None,
        point=point,
        stop=stop,
        stamp=RunStamp(info.run_id, info.run_name, identity=plan.identity, has_drifted=info.has_drifted),
        group=group,
        on_saved=checkpoints.on_last_written,
    )
    signature = lightning.adopt(SignatureRecorder, "callbacks.Callback")(session)
    callbacks = named_callbacks(config, judge)
    checkpoints.adopt(callbacks)
    trainer = make_trainer(
        config, judge, run_dir, callbacks=[exact_resume, signature, *callbacks], loggers=[logger]
    )
    if isinstance(plugin := trainer.strategy.checkpoint_io, AtomicCheckpointIO):
        plugin.secrets = KnownSecrets.between(config, plan.logged_config)
    install_launcher(trainer, lightning, followers)
    return BuiltJob(
        plan=plan,
        run_dir=run_dir,
        session=session,
        lightning=lightning,
        model=model,
        datamodule=datamodule,
        trainer=trainer,
        logger=logger,
        checkpoints=checkpoints,
        stop=stop,
        group=group,
    )


def _prepare_loaders(source: Any, lightning: LightningPackage, point: ReplayPoint) -> None:
    """Wrap the loader hooks of `source` so that they return loaders that a resumed run can repeat."""
    _prepare(
        source,
        "train_dataloader",
        hooks=ReplayedLoader,
        mode="max_size_cycle",
        lightning=lightning,
        point=point,
    )
    _prepare(
        source,
        "val_dataloader",
        hooks=ValidationLoader,
        mode="sequential",
        lightning=lightning,
        point=point,
    )


def _prepare(
    source: Any, name: str, *, hooks: type[Any], mode: str, lightning: LightningPackage, **attributes: Any
) -> None:
    made = lightning.adopt(hooks, "utilities.CombinedLoader")
    combined = lightning.get("utilities.CombinedLoader")
    given = getattr(source, name)
    setattr(source, name, _wrapped(given, made, combined=combined, mode=mode, attributes=attributes))


def _wrapped(
    given: Callable[[], Any], made: Any, combined: type[Any], mode: str, attributes: Mapping[str, Any]
) -> Callable[[], Any]:
    # `wraps`, since Lightning checks the wrapped function to find whether the hook is overridden
    @functools.wraps(given)
    def dataloader() -> Any:
        loaders = given()
        if isinstance(loaders, combined):
            loader = made(loaders.iterables, loaders._mode)
        else:
            # the mode that Lightning itself uses for loaders that are not combined yet
            loader = made(loaders, mode)
        for name, value in attributes.items():
            setattr(loader, name, value)
        return loader

    return dataloader
