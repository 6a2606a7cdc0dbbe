"""Start the processes that follow rank 0, watch them, forward signals to them, and end them with it."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import torch.distributed as dist

from serotiny.diagnostics.errors import Interruption, JobError
from serotiny.ml_ops.ranks.handover import Handover
from serotiny.ml_ops.ranks.launched import launched_rank
from serotiny.ml_ops.ranks.rendezvous import Rendezvous
from serotiny.ml_ops.ranks.stop_signals import held_back
from serotiny.tracking.reservation.owner import is_gone

_log = logging.getLogger(__name__)

_FOLLOWER = "serotiny.ml_ops.follow"
_GLANCE_S = 0.5
_TO_FAIL_S = 20.0
"""The time for rank 0 to fail after another process has died; NCCL itself would wait for minutes."""
_TO_END_S = 30.0
_TO_DIE_S = 2.0

_TRACEBACKS = "traceback-rank-*.txt"
_VARIABLES = ("MASTER_ADDR", "MASTER_PORT", "NODE_RANK", "LOCAL_RANK", "WORLD_SIZE", "PL_GLOBAL_SEED")


class RankFailedError(JobError):
    """Another process of the job has failed or died."""


class WorldSizeError(JobError):
    """The number of started processes is not that of the config."""

    def __init__(self, started: int, wanted: int) -> None:
        super().__init__(
            f"{started} processes of this job were started, and its trainer makes {wanted} of them: set "
            f"`trainer.devices` and `trainer.num_nodes` so that there are {started}, and `trainer.strategy` to `ddp`"
        )


def traceback_file(run_dir: Path, rank: int) -> Path:
    """The file in which a rank other than 0 writes the reason of its failure."""
    return run_dir / f"traceback-rank-{rank}.txt"


class Followers:
    """The other processes of a job on this host, if rank 0 has to start them; they end with rank 0."""

    def __init__(self, on_stuck: Callable[[RankFailedError], None]) -> None:
        """`on_stuck` is called in a thread when rank 0 hangs, since another process has died."""
        self._on_stuck = on_stuck
        self._handover: Handover | None = None
        self._file: Path | None = None
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._joined: Sequence[str] = ()
        self._gone_before: str | None = None
        self._closed = threading.Event()
        self._environment: dict[str, str | None] = {}

    @contextmanager
    def led(self, handover: Handover, world_size: int) -> Iterator[None]:
        """A context in which the trainer may start them for this job; processes of torchrun or Slurm get the job now.

        Args:
            handover: the job.
            world_size: the number of processes that the trainer expects.

        Raises:
            RankFailedError: another process has failed; it replaces the error that this causes in rank 0.
            WorldSizeError: torchrun or Slurm has started another number of processes.
        """
        self._lead(handover, world_size)
        patience_s = 0.0
        try:
            yield
            patience_s = _TO_END_S
        except Interruption as interruption:
            patience_s = _TO_DIE_S
            # torchrun stops the other processes when one has failed, with the same signal as a user
            if (failure := self._told_failure() or self._failure_before_signal()) is not None:
                raise failure from interruption
            raise
        except BaseException as error:
            failure = self._failure_behind(error)
            if failure is not None:
                raise failure from error
            raise
        finally:
            self._close(patience_s)

    def _lead(self, handover: Handover, world_size: int) -> None:
        self._handover = handover
        self._environment = {name: os.environ.get(name) for name in _VARIABLES}
        for file in handover.run_dir.glob(_TRACEBACKS):
            file.unlink()  # left by an earlier start in the same folder
        launched = launched_rank()
        if launched is None:
            return
        if launched.world_size != world_size:
            raise WorldSizeError(launched.world_size, world_size)
        Rendezvous(launched).hand_over(self._written())

    def _written(self) -> Path:
        """The file with the handover, which is written once."""
        assert self._handover is not None
        if self._file is None:
            self._file = self._handover.write()
        return self._file

    def start(self, variables: Mapping[str, str], processes: int) -> None:
        """Start the ranks from 1 on of this host, unless an earlier stage of the job has started them."""
        if self._processes or processes < 2:
            return
        os.environ.update(variables)
        file = self._written()
        first = int(variables["NODE_RANK"]) * processes
        for local_rank in range(1, processes):
            own = {
                **os.environ,
                "LOCAL_RANK": str(local_rank),
                # an empty entry would mean the working directory
                "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            }
            rank = first + local_rank
            # `-P`, since with `-m` Python would put the working directory before all of these
            command = [sys.executable, "-P", "-m", _FOLLOWER, str(file), str(rank), str(os.getpid())]
            with held_back():
                self._processes[rank] = subprocess.Popen(command, env=own)
        threading.Thread(target=self._watch, name="serotiny-ranks", daemon=True).start()

    def all_joined(self, processes: Sequence[str]) -> None:
        """Note the identity of each process, by rank, when all have read the handover."""
        self._joined = processes
        self._delete_handover()

    def _delete_handover(self) -> None:
        """Delete it, since it contains secrets."""
        if self._file is not None:
            with suppress(OSError):
                self._file.unlink()

    def forward(self, signal_number: int) -> None:
        """Send the processes a signal that rank 0 has received."""
        self._note_gone()
        for process in self._processes.values():
            process.send_signal(signal_number)

    def end_at_once(self) -> None:
        """End the processes where they are, so that rank 0 waits for none of them."""
        self._note_gone()
        for process in self._processes.values():
            process.kill()

    def _note_gone(self) -> None:
        """Note which processes were gone when the first signal came: what ends later is no failure of its own."""
        if self._gone_before is None:
            self._gone_before = self._gone()

    def _failure_behind(self, error: BaseException) -> RankFailedError | None:
        if not is_lost_connection(error):
            return None
        deadline = time.monotonic() + _TO_DIE_S
        while time.monotonic() < deadline:
            if (failure := self._failure()) is not None:
                return failure
            time.sleep(0.05)
        return RankFailedError(f"another process of the job has ended: {_first_line(error)}")

    def _close(self, patience_s: float) -> None:
        deadline = time.monotonic() + patience_s
        for process in self._processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
        self._closed.set()
        self._delete_handover()
        for process in self._processes.values():
            process.kill()
            process.wait()
        leave_distributed(well=patience_s == _TO_END_S)
        for name, value in self._environment.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    def _watch(self) -> None:
        while not self._closed.wait(_GLANCE_S):
            # exit status 0: it has done its part
            if any(process.poll() for process in self._processes.values()):
                if not self._closed.wait(_TO_FAIL_S):
                    self._on_stuck(self._failure() or RankFailedError("another process of the job has ended"))
                return

    def _failure(self) -> RankFailedError | None:
        """The error of the first process that failed, with its own report or its exit status; None if none failed."""
        if (told := self._told_failure()) is not None:
            return told
        for rank, process in self._processes.items():
            if code := process.poll():
                how = (
                    f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
                )
                return RankFailedError(f"rank {rank} {how}")
        if gone := self._failure_before_signal():
            return gone
        return RankFailedError(gone_now) if not self._processes and (gone_now := self._gone()) else None

    def _told_failure(self) -> RankFailedError | None:
        """The error that a process has left in its own report."""
        assert self._handover is not None
        for file in sorted(self._handover.run_dir.glob(_TRACEBACKS)):
            lines = file.read_text("utf-8", errors="replace").strip().splitlines()
            if lines:
                failed = file.stem.rpartition("-")[2]
                return RankFailedError(f"rank {failed} failed: {lines[-1]}; its traceback is in {file}")
        return None

    def _failure_before_signal(self) -> RankFailedError | None:
        """The error of a process that was gone when the first signal came, which ended the others."""
        return RankFailedError(self._gone_before) if self._gone_before else None

    def _gone(self) -> str:
        """The processes on this host that do not run any more, in words; "" if all do."""
        ranks = [str(rank) for rank, process in enumerate(self._joined) if is_gone(process)]
        if not ranks:
            return ""
        return f"rank {ranks[0]} has died" if len(ranks) == 1 else f"ranks {', '.join(ranks)} have died"


def is_lost_connection(error: BaseException) -> bool:
    """Whether an error means that another process does not answer any more."""
    if isinstance(error, dist.DistError):
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and any(
        word in text for word in ("gloo", "NCCL", "Connection closed")
    )


def leave_distributed(*, well: bool) -> None:
    """Reset torch.distributed for the next job of this process.

    An NCCL group is left as it is after a failure, since destroying it would wait for dead processes.
    """
    if dist.is_available() and dist.is_initialized() and (well or dist.get_backend() == "gloo"):
        dist.destroy_process_group()


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
