"""The objects of a job, from its plan."""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from serotiny.compiler.plan.plan import Plan
from serotiny.ml_ops.checkpoints.file import AtomicCheckpointIO
from serotiny.ml_ops.checkpoints.store import CheckpointStore
from serotiny.ml_ops.instantiation import instantiate
from serotiny.ml_ops.job import BuiltJob
from serotiny.ml_ops.lightning.epoch_lines import EpochLines
from serotiny.ml_ops.lightning.package import LightningPackage
from serotiny.ml_ops.resume.exact_resume import ExactResume
from serotiny.ml_ops.resume.replayed_loader import FreshWorkersLoader, ReplayedLoader, ReplayPoint
from serotiny.ml_ops.resume.stop_request import StopRequest
from serotiny.ml_ops.run_logger import RunLogger
from serotiny.tracking.session import RunSession

_log = logging.getLogger(__name__)

DEFAULT_TRAINER = "pytorch_lightning.Trainer"
CHECKPOINT_FOLDER = "checkpoints"


def build_job(plan: Plan, run_dir: Path, session: RunSession, stop: StopRequest) -> BuiltJob:
    """Seed, then make the data module, the model and the trainer, in this order.

    Raises:
        InstantiationError: one of them could not be made.
    """
    config = plan.config
    trainer_node = {"_target_": DEFAULT_TRAINER, **(config.get("trainer") or {})}
    lightning = LightningPackage.of_target(str(trainer_node["_target_"]))
    if config.get("seed") is not None:
        lightning.get("seed_everything")(config["seed"], workers=True, verbose=False)
    datamodule = instantiate(config["data"], "data") if config.get("data") else None
    model = instantiate(config["model"], "model")
    checkpoints = CheckpointStore(
        run_dir / CHECKPOINT_FOLDER, session, lightning.get("callbacks.ModelCheckpoint")
    )
    logger = lightning.adopt(RunLogger, "loggers.Logger")(session)
    point = ReplayPoint()
    _prepare_loaders(datamodule if datamodule is not None else model, lightning, point)
    trainer = _build_trainer(
        trainer_node,
        run_dir,
        lightning=lightning,
        logger=logger,
        checkpoints=checkpoints,
        point=point,
        stop=stop,
    )
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


def _build_trainer(
    node: Mapping[str, Any],
    run_dir: Path,
    lightning: LightningPackage,
    logger: RunLogger,
    checkpoints: CheckpointStore,
    point: ReplayPoint,
    stop: StopRequest,
) -> Any:
    rest = {key: value for key, value in node.items() if key not in ("callbacks", "logger", "plugins")}
    callbacks = _instantiate_each(node.get("callbacks"), "trainer.callbacks")
    checkpointing = rest.pop("enable_checkpointing", None) is not False
    # `enable_checkpointing: false` with a ModelCheckpoint in the list is Lightning's error to report
    writes_checkpoints = checkpointing and not rest.get("fast_dev_run")
    exact_resume = lightning.adopt(ExactResume, "callbacks.Callback")(
        checkpoints.last if writes_checkpoints else None, point, stop, checkpoints.on_last_written
    )
    checkpoints.adopt(callbacks)
    progress = _progress_callbacks(rest, callbacks, lightning)
    checkpoint_base = lightning.get("callbacks.Checkpoint")
    arguments: dict[str, Any] = {
        "callbacks": [exact_resume, *callbacks, *progress],
        "logger": [logger, *_loggers(node.get("logger"))],
        "plugins": _plugins(node.get("plugins"), lightning),
        # ours is written in any case; Lightning's flag only adds an unmonitored ModelCheckpoint of its own
        "enable_checkpointing": checkpointing
        and any(isinstance(callback, checkpoint_base) for callback in callbacks),
    }
    if rest.get("default_root_dir") is None:
        arguments["default_root_dir"] = str(run_dir)
    if rest.get("enable_progress_bar") is None:
        bar = lightning.get("callbacks.ProgressBar")
        arguments["enable_progress_bar"] = any(
            isinstance(callback, bar) for callback in [*callbacks, *progress]
        )
    if rest.get("enable_model_summary") is None:
        arguments["enable_model_summary"] = False
    return instantiate(rest, "trainer", _partial_=True)(**arguments)


def _instantiate_each(nodes: Any, key: str) -> list[Any]:
    """A list of nodes or a mapping of named ones; nulls are skipped."""
    if not nodes:
        return []
    if isinstance(nodes, Mapping) and "_target_" in nodes:
        return [instantiate(nodes, key)]
    pairs = nodes.items() if isinstance(nodes, Mapping) else enumerate(nodes)
    return [instantiate(node, f"{key}.{name}") for name, node in pairs if node is not None]


def _loggers(node: Any) -> list[Any]:
    """The user's own loggers, which come in addition; `true` and `false` speak of Lightning's default one."""
    return [] if node is None or isinstance(node, bool) else _instantiate_each(node, "trainer.logger")


def _plugins(node: Any, lightning: LightningPackage) -> list[Any]:
    plugins = (
        [node] if isinstance(node, str) or (isinstance(node, Mapping) and "_target_" in node) else node or []
    )
    made = [instantiate(item, "trainer.plugins") if isinstance(item, Mapping) else item for item in plugins]
    if any(isinstance(plugin, lightning.get("plugins.io.CheckpointIO")) for plugin in made):
        _log.info(
            "`trainer.plugins` brings a checkpoint plugin of its own; how checkpoints are written is its matter"
        )
        return made
    return [*made, lightning.adopt(AtomicCheckpointIO, "plugins.io.TorchCheckpointIO")()]


def _progress_callbacks(
    rest: Mapping[str, Any], callbacks: Sequence[Any], lightning: LightningPackage
) -> list[Any]:
    """Rich's bar on a terminal, a line an epoch elsewhere, unless the config wants a bar of its own or none."""
    own = any(isinstance(callback, lightning.get("callbacks.ProgressBar")) for callback in callbacks)
    if own or rest.get("enable_progress_bar") is False:
        return []
    if _on_terminal() or rest.get("enable_progress_bar"):
        return [lightning.get("callbacks.RichProgressBar")()]
    return [lightning.adopt(EpochLines, "callbacks.Callback")()]


def _on_terminal() -> bool:
    return sys.stdout.isatty() and sys.stderr.isatty()


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
