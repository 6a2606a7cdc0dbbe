"""Recognise a process of a job that torchrun or Slurm's `srun` has started."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LaunchedRank:
    """The rank of this process, counted from 0 over all hosts, and the number of processes."""

    rank: int
    world_size: int


def launched_rank(variables: Mapping[str, str] = os.environ) -> LaunchedRank | None:
    """The rank of this process among those that were started together; None if it was started alone.

    Recognised as by Lightning: by torchrun's variables, or else by Slurm's, unless the Slurm job is interactive.
    """
    if "TORCHELASTIC_RUN_ID" in variables:
        names = ("RANK", "WORLD_SIZE")
    elif variables.get("SLURM_JOB_NAME") not in ("bash", "interactive"):
        names = ("SLURM_PROCID", "SLURM_NTASKS")
    else:
        return None
    rank, world_size = (variables.get(name, "") for name in names)
    # torchrun and srun may also start a single process
    if not (rank.isdecimal() and world_size.isdecimal()) or int(world_size) < 2:
        return None
    return LaunchedRank(int(rank), int(world_size))
