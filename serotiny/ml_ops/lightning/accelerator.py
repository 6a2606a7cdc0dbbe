"""Whether this machine has the accelerator that a job asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from serotiny.diagnostics import JobError
from serotiny.ml_ops.lightning.package import LightningPackage

_HARDWARE: Final = {"gpu": ("cuda", "mps"), "cuda": ("cuda",), "mps": ("mps",), "tpu": ("tpu",)}
"""Accelerators by the words for them, each with those of Lightning's that may be meant."""
_ON_GPUS: Final = ("fsdp", "deepspeed")
"""How the strategies begin that work on GPUs alone."""


class MissingAcceleratorError(JobError):
    """The job asks for hardware that this machine does not have."""


def refuse_missing_accelerator(trainer: Mapping[str, Any], lightning: LightningPackage) -> None:
    """Check for the hardware of `trainer.accelerator`, and of its strategy, before a run is reserved for the job.

    The check of a config says nothing of it: that is often made on another machine than the one that trains.

    Raises:
        MissingAcceleratorError: it is not there.
    """
    asked, strategy = trainer.get("accelerator"), trainer.get("strategy")
    names = _HARDWARE.get(asked, ()) if isinstance(asked, str) else ()
    setting = "accelerator"
    if asked in (None, "auto") and isinstance(strategy, str) and strategy.startswith(_ON_GPUS):
        names, setting = ("cuda",), "strategy"
    if names and not _is_there(names, lightning):
        raise MissingAcceleratorError(
            f"nothing was started: `trainer.{setting}` is `{trainer[setting]}`, and no device for it can be used here; "
            f"start the job where there is one, or write `trainer.{setting}=auto` for whatever there is"
        )


def _is_there(names: tuple[str, ...], lightning: LightningPackage) -> bool:
    registry = lightning.get("accelerators.AcceleratorRegistry")
    return any(registry[name]["accelerator"].is_available() for name in names if name in registry)
