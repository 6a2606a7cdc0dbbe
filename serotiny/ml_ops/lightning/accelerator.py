"""Whether this machine has the accelerator that a job asks for."""

from __future__ import annotations

from typing import Final

from serotiny.diagnostics import JobError
from serotiny.ml_ops.lightning.package import LightningPackage

_HARDWARE: Final = {"gpu": ("cuda", "mps"), "cuda": ("cuda",), "mps": ("mps",), "tpu": ("tpu",)}
"""Accelerators by the words for them, each with those of Lightning's that may be meant."""


class MissingAcceleratorError(JobError):
    """The job asks for hardware that this machine does not have."""


def refuse_missing_accelerator(asked: object, lightning: LightningPackage) -> None:
    """Check for the hardware of `trainer.accelerator` before a run is reserved for the job.

    The check of a config says nothing of it: that is often made on another machine than the one that trains.

    Raises:
        MissingAcceleratorError: it is not there.
    """
    names = _HARDWARE.get(asked, ()) if isinstance(asked, str) else ()
    if not names:
        return
    registry = lightning.get("accelerators.AcceleratorRegistry")
    if not any(registry[name]["accelerator"].is_available() for name in names if name in registry):
        raise MissingAcceleratorError(
            f"nothing was started: `trainer.accelerator` is `{asked}`, and no such device can be used here; start the "
            "job where there is one, or write `trainer.accelerator=auto` for whatever there is"
        )
