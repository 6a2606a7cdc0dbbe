"""Pass jobs from rank 0 to the other processes that torchrun or Slurm has started."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

from lightning_fabric.plugins.environments.slurm import SLURMEnvironment
from lightning_fabric.plugins.environments.torchelastic import TorchElasticEnvironment
from torch.distributed import DistError, PrefixStore, TCPStore  # type: ignore[attr-defined]  # defined in C++

from serotiny.diagnostics import JobError
from serotiny.ml_ops.ranks.launched import LaunchedRank

_PATIENCE = timedelta(minutes=30)
_FAREWELL_S = 5.0


class RankZeroLostError(JobError):
    """Rank 0 has ended without a message, or cannot be reached."""


class Rendezvous:
    """A series of messages from rank 0: the handover file of each job, and in the end an exit status.

    They are in the key-value store at the job's main address, which torch.distributed uses too. torchrun runs the
    store; without torchrun rank 0 does, as long as this object exists.
    """

    def __init__(self, launched: LaunchedRank) -> None:
        """Connect to the store.

        Raises:
            RankZeroLostError: rank 0 runs no store at the address.
        """
        elastic = TorchElasticEnvironment.detect()
        environment = TorchElasticEnvironment() if elastic else SLURMEnvironment()
        kept_by_agent = os.environ.get("TORCHELASTIC_USE_AGENT_STORE") == "True"
        self._others = launched.world_size - 1
        self._heard = 0
        try:
            store = TCPStore(
                environment.main_address,
                environment.main_port,
                is_master=launched.rank == 0 and not kept_by_agent,
                timeout=_PATIENCE,
                wait_for_workers=False,
                multi_tenant=True,  # torch.distributed uses the same address later
            )
        except (DistError, ValueError) as error:
            raise RankZeroLostError(
                f"the processes of this job cannot meet at {environment.main_address}:{environment.main_port}: {error}"
            ) from error
        # torchrun may restart all processes with the same store, which still contains the earlier messages
        self._store = PrefixStore(f"serotiny/{os.environ.get('TORCHELASTIC_RESTART_COUNT', '0')}", store)

    def hand_over(self, file: Path) -> None:
        """On rank 0: let the others run the job in `file`."""
        self._say(str(file))

    def end(self, exit_status: int) -> None:
        """On rank 0: let the others end, and wait until they have read it."""
        self._say(f"end {exit_status}")
        deadline = time.monotonic() + _FAREWELL_S
        # adding 0 reads the number without waiting; `get` would wait until the first process has left
        while self._store.add("left", 0) < self._others and time.monotonic() < deadline:
            time.sleep(0.05)

    def wait(self) -> Path | int:
        """On other ranks: the file of the next job, or the exit status to end with.

        Raises:
            RankZeroLostError: rank 0 has ended.
        """
        self._heard += 1
        try:
            said = self._store.get(str(self._heard)).decode()
            if said.startswith("end "):
                self._store.add("left", 1)
                return int(said.removeprefix("end "))
        except DistError as error:
            raise RankZeroLostError(f"rank 0 of this job does not answer any more: {error}") from error
        return Path(said)

    def _say(self, message: str) -> None:
        self._store.set(str(self._store.add("said", 1)), message)
