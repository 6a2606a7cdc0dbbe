"""Whether somebody else has started the processes of this job: torchrun, or Slurm's `srun`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LaunchedRank:
    """Which of the processes this one is; counted from 0, over all hosts."""

    rank: int
    world_size: int


def launched_rank(variables: Mapping[str, str] = os.environ) -> LaunchedRank | None:
    """This process among those that were started together; None when it was started alone.

    As Lightning tells them: by torchrun's variables, or else by Slurm's, unless the Slurm job is an
    interactive one.
    """
    if "TORCHELASTIC_RUN_ID" in variables:
        names = ("RANK", "WORLD_SIZE")
    elif variables.get("SLURM_JOB_NAME") not in ("bash", "interactive"):
        names = ("SLURM_PROCID", "SLURM_NTASKS")
    else:
        return None
    rank, world_size = (variables.get(name, "") for name in names)
    # torchrun and srun may also start one alone
    if not (rank.isdecimal() and world_size.isdecimal()) or int(world_size) < 2:
        return None
    return LaunchedRank(int(rank), int(world_size))
