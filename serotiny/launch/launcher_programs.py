"""The programs that a launcher calls, which must be there before a sweep makes anything."""

from __future__ import annotations

import shutil
from typing import Final

from serotiny.compiler.job import Job
from serotiny.compiler.tree import select
from serotiny.diagnostics import SerotinyError

_SLURM: Final = "hydra_plugins.hydra_submitit_launcher.submitit_launcher.SlurmLauncher"
_PROGRAMS: Final = ("sbatch", "srun")
"""What submitit hands jobs to Slurm with."""


class LauncherError(SerotinyError):
    """The launcher of a sweep cannot work on this machine."""


def refuse_missing_programs(job: Job) -> None:
    """Check that the launcher of a sweep finds its programs; a check says nothing of them, as jobs may start elsewhere.

    Args:
        job: the first one of the sweep.

    Raises:
        LauncherError: Slurm is to be used, and is not there.
    """
    hydra = job.resolved.hydra
    target = select(hydra, ("launcher", "_target_")) if hydra is not None else None
    if target is None or target.value != _SLURM:
        return
    missing = next((name for name in _PROGRAMS if shutil.which(name) is None), None)
    if missing is not None:
        raise LauncherError(
            f"nothing was started: `hydra/launcher=submitit_slurm` hands jobs to Slurm, whose `{missing}` is not on "
            "this machine; start the sweep where it is, or write `hydra/launcher=submitit_local`"
        )
