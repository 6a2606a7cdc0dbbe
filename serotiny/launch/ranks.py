"""Commands, and jobs of sweeps, that torchrun, Slurm or submitit has started as several processes."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, MutableMapping
from typing import TypeVar

from serotiny.diagnostics import SerotinyError
from serotiny.ml_ops.ranks.launched import LaunchedRank, launched_rank

T = TypeVar("T")

_LOWEST_PORT, _HIGHEST_PORT = 20_000, 32_000
"""Below the ports that systems give to connections (from 32,768 on Linux), of which one may be in use."""


def once_for_all_ranks(work: Callable[[], int]) -> int:
    """Compile and run in rank 0 alone; the other ranks join each job that rank 0 hands over.

    Returns:
        The exit status of this process.

    Raises:
        RankZeroLostError: rank 0 is gone.
        SerotinyError: what `work` raises.
    """
    launched = launched_rank()
    if launched is None:
        return work()
    return _lead(work, launched, int) if launched.rank == 0 else _follow(launched)


def once_for_all_tasks(work: Callable[[], T]) -> T | None:
    """Run a job of a sweep in the first of the tasks that submitit has started for it; the others do their part.

    The process of a sweep knows nothing of them: it gets the first one's answer.

    Returns:
        What `work` returned; None in the others, which tell their failures in the job's folder.

    Raises:
        RankZeroLostError: the first one is gone.
        SerotinyError: what `work` raises.
    """
    launched = _task()
    if launched is None:
        return work()
    if launched.rank == 0:
        return _lead(work, launched, lambda _: 0)
    _follow(launched)
    return None


def is_another_task() -> bool:
    """Whether this process is one that submitit has started for a job beside the first."""
    launched = _task()
    return launched is not None and launched.rank > 0


def _task() -> LaunchedRank | None:
    """Which of several tasks that submitit has started this process is."""
    if not os.environ.get("SUBMITIT_EXECUTOR"):
        return None
    _translate_local_tasks(os.environ)
    return launched_rank()


def _translate_local_tasks(variables: MutableMapping[str, str]) -> None:
    """Say in torchrun's words what submitit's local executor says in its own, which Lightning does not know."""
    tasks = variables.get("SUBMITIT_LOCAL_NTASKS", "1")
    if variables["SUBMITIT_EXECUTOR"] != "local" or tasks == "1":
        return
    job, rank = variables["SUBMITIT_LOCAL_JOB_ID"], variables["SUBMITIT_LOCAL_GLOBALID"]
    # by the job's id, as submitit chooses it for torch, so that all tasks of a job find the same
    port = random.Random(job).randint(_LOWEST_PORT, _HIGHEST_PORT)
    variables.update(
        TORCHELASTIC_RUN_ID=f"submitit-{job}",
        MASTER_ADDR="127.0.0.1",
        MASTER_PORT=str(port),
        WORLD_SIZE=tasks,
        RANK=rank,
        LOCAL_RANK=variables["SUBMITIT_LOCAL_LOCALID"],
    )


def _lead(work: Callable[[], T], launched: LaunchedRank, status_of: Callable[[T], int]) -> T:
    # imported here: a process that is started alone needs no torch to find that out
    from serotiny.ml_ops.ranks.rendezvous import Rendezvous

    rendezvous = Rendezvous(launched)
    status = SerotinyError.exit_status
    try:
        result = work()
        status = status_of(result)
    except SerotinyError as error:
        status = error.exit_status
        raise
    finally:
        rendezvous.end(status)
    return result


def _follow(launched: LaunchedRank) -> int:
    from serotiny.ml_ops.follow import follow
    from serotiny.ml_ops.ranks.rendezvous import Rendezvous

    rendezvous = Rendezvous(launched)
    while not isinstance(heard := rendezvous.wait(), int):
        if status := follow(heard, launched.rank):
            return status
    return heard
