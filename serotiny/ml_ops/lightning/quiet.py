"""Silence Lightning's tips."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from serotiny.ml_ops.lightning.package import LightningPackage

# of both packages, since they share the logger of rank 0's messages, and the one imported last names it
_LOGGERS = ("pytorch_lightning", "lightning_fabric", "lightning.pytorch", "lightning.fabric")

# these loggers print the output of `trainer.profiler` and `trainer.enable_model_summary`
_ASKED_FOR = ("profilers.profiler", "callbacks.model_summary")

# Lightning's advice that serotiny follows already or replaces by its own messages, and warnings that it causes in torch
_SETTLED_WARNINGS = (
    r"Checkpoint directory .* exists and is not empty",
    r"You're resuming from a checkpoint that ended before the epoch ended",
    r"The dirpath has changed from",
    r"Be aware that when using `ckpt_path`, callbacks used .*\['Timer'\]",  # after `max_time` was removed
    r"`isinstance\(treespec, LeafSpec\)` is deprecated",
)


@contextmanager
def quiet_lightning(lightning: LightningPackage, verbose: bool) -> Iterator[None]:
    """A context in which Lightning logs only errors, and its advice (`PossibleUserWarning`) is not shown.

    Other warnings, also Lightning's, are shown, since they mean that something is wrong.
    """
    if verbose:
        yield
        return
    import_module(lightning.name)  # first, since the import sets its logger's level
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    asked_for = [logging.getLogger(f"{lightning.name}.{module}") for module in _ASKED_FOR]
    levels = [logger.level for logger in [*loggers, *asked_for]]
    with warnings.catch_warnings():
        category = lightning.get_from_fabric("utilities.warnings.PossibleUserWarning")
        warnings.filterwarnings("ignore", category=category)
        for message in _SETTLED_WARNINGS:
            warnings.filterwarnings("ignore", message=message)
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        for logger in asked_for:
            logger.setLevel(logging.INFO)
        try:
            yield
        finally:
            for logger, level in zip([*loggers, *asked_for], levels, strict=True):
                logger.setLevel(level)
