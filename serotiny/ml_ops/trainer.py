"""Make the trainer of a job, from its config and serotiny's additions."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from serotiny.compiler.validation.judge import TargetJudge
from serotiny.ml_ops.checkpoints.file import AtomicCheckpointIO
from serotiny.ml_ops.instantiation import InstantiationError, instantiate
from serotiny.ml_ops.lightning.epoch_lines import EpochLines
from serotiny.ml_ops.lightning.package import LightningPackage, trainer_node

_log = logging.getLogger(__name__)


def writes_checkpoints(config: Mapping[str, Any]) -> bool:
    """Whether checkpoints are enabled in the config.

    `enable_checkpointing: false` together with a ModelCheckpoint is an error that Lightning reports.
    """
    node = trainer_node(config)
    return node.get("enable_checkpointing") is not False and not node.get("fast_dev_run")


def named_callbacks(config: Mapping[str, Any], judge: TargetJudge) -> list[Any]:
    """The callbacks that the config names, one by one or by a function that gives a list of them.

    Raises:
        InstantiationError: one could not be made, or is none.
    """
    made = _instantiate_each(trainer_node(config).get("callbacks"), "trainer.callbacks", judge)
    if len(made) == 1 and isinstance(made[0], list | tuple):
        made = [*made[0]]
    for callback in made:
        # the trainer of either Lightning package takes a callback of the other that has these methods
        if not callable(getattr(callback, "on_fit_start", None)):
            what = type(callback).__name__
            raise InstantiationError(
                f"`trainer.callbacks` holds a `{what}`, which is no Callback of Lightning's"
            )
    return made


def make_trainer(
    config: Mapping[str, Any],
    judge: TargetJudge,
    folder: Path,
    *,
    callbacks: Sequence[Any],
    loggers: Sequence[Any],
) -> Any:
    """The config's trainer, with its own loggers and plugins.

    Args:
        config: the whole config of a job.
        judge: decides what may be called.
        folder: the trainer's folder for files, unless the config names one.
        callbacks: all callbacks, including those that the config names.
        loggers: loggers to put before the config's own; if there are none at all, nothing is logged.

    Raises:
        RefusedTargetError: a target may not be called.
        InstantiationError: a target raised an exception.
    """
    node = trainer_node(config)
    lightning = LightningPackage.of_target(str(node["_target_"]))
    rest = {key: value for key, value in node.items() if key not in ("callbacks", "logger", "plugins")}
    checkpointing = rest.pop("enable_checkpointing", None) is not False
    progress = _progress_callbacks(rest, callbacks, lightning)
    checkpoint_base = lightning.get("callbacks.Checkpoint")
    arguments: dict[str, Any] = {
        "callbacks": [*callbacks, *progress],
        "logger": [*loggers, *_loggers(node.get("logger"), judge)] or False,
        "plugins": _plugins(node.get("plugins"), judge, lightning),
        # serotiny writes its own checkpoint anyhow; Lightning's flag would only add an unmonitored ModelCheckpoint
        "enable_checkpointing": checkpointing
        and any(isinstance(callback, checkpoint_base) for callback in callbacks),
    }
    if rest.get("default_root_dir") is None:
        arguments["default_root_dir"] = str(folder)
    if rest.get("enable_progress_bar") is None:
        bar = lightning.get("callbacks.ProgressBar")
        arguments["enable_progress_bar"] = any(
            isinstance(callback, bar) for callback in [*callbacks, *progress]
        )
    if rest.get("enable_model_summary") is None:
        arguments["enable_model_summary"] = False
    # objects are not passed through Hydra, which would merge them into the node as values
    return instantiate(rest, "trainer", judge, _partial_=True)(**arguments)


def _instantiate_each(nodes: Any, key: str, judge: TargetJudge) -> list[Any]:
    """Instantiate a list of nodes, or a mapping of named nodes; nulls are skipped."""
    if not nodes:
        return []
    if isinstance(nodes, Mapping) and "_target_" in nodes:
        return [instantiate(nodes, key, judge)]
    pairs = nodes.items() if isinstance(nodes, Mapping) else enumerate(nodes)
    return [instantiate(node, f"{key}.{name}", judge) for name, node in pairs if node is not None]


def _loggers(node: Any, judge: TargetJudge) -> list[Any]:
    """The user's own loggers, which are added; `true` and `false` are about Lightning's default logger: none."""
    return [] if node is None or isinstance(node, bool) else _instantiate_each(node, "trainer.logger", judge)


def _plugins(node: Any, judge: TargetJudge, lightning: LightningPackage) -> list[Any]:
    plugins = (
        [node] if isinstance(node, str) or (isinstance(node, Mapping) and "_target_" in node) else node or []
    )
    made = [
        instantiate(item, "trainer.plugins", judge) if isinstance(item, Mapping) else item for item in plugins
    ]
    if any(isinstance(plugin, lightning.get("plugins.io.CheckpointIO")) for plugin in made):
        _log.info(
            "`trainer.plugins` brings a checkpoint plugin of its own; how checkpoints are written is its matter"
        )
        return made
    return [*made, lightning.adopt(AtomicCheckpointIO, "plugins.io.TorchCheckpointIO")()]


def _progress_callbacks(
    rest: Mapping[str, Any], callbacks: Sequence[Any], lightning: LightningPackage
) -> list[Any]:
    """Rich's bar on a terminal, otherwise a line for an epoch; nothing if the config has its own bar or disables it."""
    own = any(isinstance(callback, lightning.get("callbacks.ProgressBar")) for callback in callbacks)
    if own or rest.get("enable_progress_bar") is False:
        return []
    if _on_terminal() or rest.get("enable_progress_bar"):
        return [lightning.get("callbacks.RichProgressBar")()]
    return [lightning.adopt(EpochLines, "callbacks.Callback")()]


def _on_terminal() -> bool:
    return sys.stdout.isatty() and sys.stderr.isatty()
