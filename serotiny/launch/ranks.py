"""Commands that torchrun or Slurm has started as several processes."""

from __future__ import annotations

from collections.abc import Callable

from serotiny.diagnostics import SerotinyError
from serotiny.ml_ops.ranks.launched import LaunchedRank, launched_rank


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
    return _lead(work, launched) if launched.rank == 0 else _follow(launched)


def _lead(work: Callable[[], int], launched: LaunchedRank) -> int:
    # imported here: a process that is started alone needs no torch to find that out
    from serotiny.ml_ops.ranks.rendezvous import Rendezvous

    rendezvous = Rendezvous(launched)
    status = SerotinyError.exit_status
    try:
        status = work()
    except SerotinyError as error:
        status = error.exit_status
        raise
    finally:
        rendezvous.end(status)
    return status


def _follow(launched: LaunchedRank) -> int:
    from serotiny.ml_ops.follow import follow
    from serotiny.ml_ops.ranks.rendezvous import Rendezvous

    rendezvous = Rendezvous(launched)
    while not isinstance(heard := rendezvous.wait(), int):
        if status := follow(heard, launched.rank):
            return status
    return heard
