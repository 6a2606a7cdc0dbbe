"""Kills the processes of a job of two, again and again, and compares what it comes to with an undisturbed run.

Rank 0, rank 1, both, or torchrun with them is killed at a random moment, while rank 1 begins or in the training.
Each time all processes of the job have to end, and the same command has to go on. In the end there is one finished run,
with the weights, optimiser, random states and metrics of a run that nobody disturbed.

    python -m tests.system.ml_ops.rank_kills serotiny --kills 10 --first 0 --count 3
    python -m tests.system.ml_ops.rank_kills torchrun --kills 10

Prints a line for each kill and each difference, and at the end how many runs had a difference.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.fakes.toy_jobs.bits import differences
from tests.fakes.warm_processes import ended
from tests.system.ml_ops.conftest import ToyRun, make_toy_project, started_as

_EPOCHS = 20
_DELAY_S = 0.03
_BEGINNING_S = 8.0
_TRAINING_S = 1.5
_TO_END_S = 120.0
_JOB_FAILED = 3
_CLEAR = ("rank 1 was ended by SIGKILL", "rank 1 has died", "another process of the job has ended")


@dataclass(frozen=True)
class RankKill:
    """Which of `0`, `1` and `torchrun` are killed, and when: so long after rank 1 was started, or the training began."""

    whom: tuple[str, ...]
    after_s: float
    in_training: bool

    @classmethod
    def random(cls, draw: random.Random) -> RankKill:
        in_training = draw.random() < 0.6
        whom = draw.choice([("1",), ("0",), ("0", "1"), ("0", "1", "torchrun")])
        return cls(whom, draw.uniform(0.0, _TRAINING_S if in_training else _BEGINNING_S), in_training)


@dataclass
class TwoRanks(ToyRun):
    """A job in two processes."""

    max_epochs: int = _EPOCHS
    delay_s: float = _DELAY_S

    def __post_init__(self) -> None:
        self.trainer = {"devices": 2, "strategy": "ddp"}


class UnderTorchrun(TwoRanks):
    """The same job, whose processes torchrun starts; it needs a project in its folder."""

    def start(self, **_: object) -> BaseProcess:
        self.starts += 1
        self.run_dir.mkdir(parents=True)
        torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
        train = [sys.executable, "-m", "serotiny.cli.main", "train", f"hydra.run.dir={self.run_dir}"]
        settings = {
            "mlflow.tracking_uri": self.tracking_uri,
            "mlflow.experiment_name": "toys",
            "mlflow.run_name": self.name,
            "model.delay_s": self.delay_s,
            "trainer.max_epochs": self.max_epochs,
            "trainer.log_every_n_steps": 1,
            "trainer.devices": 2,
            "trainer.strategy": "ddp",
        }
        overrides = [f"++{key}={value}" for key, value in settings.items()]
        return started_as(
            [*torchrun, "--no-python", *train, *overrides], self.folder, self.run_dir / "output"
        )


def ranks_below(pid: int) -> dict[str, int]:
    """The processes of the job that `pid` started or is: by `0` and `1`, and torchrun itself by `torchrun`."""
    found = {}
    for process in (pid, *_descendants(pid)):
        with contextlib.suppress(OSError):
            command = Path(f"/proc/{process}/cmdline").read_text().split("\0")
            variables = Path(f"/proc/{process}/environ").read_text().split("\0")
            if "torch.distributed.run" in command:
                found["torchrun"] = process
            elif "serotiny.ml_ops.follow" in command or ("RANK=1" in variables and "train" in command):
                found["1"] = process
            elif process == pid or ("RANK=0" in variables and "train" in command):
                found["0"] = process
    return found


def wait_for_ranks(process: BaseProcess) -> dict[str, int]:
    """The processes of the job, once rank 1 is there or the job has ended."""
    assert process.pid is not None
    while process.is_alive() and "1" not in ranks_below(process.pid):
        time.sleep(0.02)
    return ranks_below(process.pid)


def _descendants(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        children = [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return [*children, *(process for child in children for process in _descendants(child))]
    return []


def _runs(pid: int) -> bool:
    """Whether a process is there and has not ended; what waits to be collected has."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def differences_after_kills(whole: ToyRun, toy: ToyRun, kills: Iterable[RankKill]) -> list[str]:
    """Kill a job so often, let it finish, and compare it with an undisturbed one."""
    found: list[str] = []
    for kill in kills:
        process = toy.start()
        ranks = _ranks_when_it_is_time(toy, process, kill)
        print(f"{toy.name}: {kill}", "" if process.is_alive() else "comes too late", flush=True)
        found += [f"after {kill}: {wrong}" for wrong in _wrong_after(toy, process, ranks, kill)]
    if (status := ended(toy.start())) != 0:
        return [*found, f"ended with {status}: {toy.output()[-1500:]}"]
    statuses = [run.info.status for run in toy.runs()]
    if statuses != ["FINISHED"]:
        found.append(f"its runs are {statuses}")
    found += differences(whole.state(), toy.state())
    found += differences(whole.history(), toy.history(), "metrics")
    return found


def _ranks_when_it_is_time(toy: ToyRun, process: BaseProcess, kill: RankKill) -> dict[str, int]:
    """Wait until the moment of a kill; the processes of the job."""
    wait_for_ranks(process)
    if kill.in_training:
        toy.wait_for_training(process)
    process.join(kill.after_s)
    assert process.pid is not None
    return ranks_below(process.pid)


def _wrong_after(toy: ToyRun, process: BaseProcess, ranks: dict[str, int], kill: RankKill) -> list[str]:
    """Kill, and say what is not as it should be then: each process ends, and rank 0 tells of the death of rank 1."""
    for rank in kill.whom:
        with contextlib.suppress(ProcessLookupError, KeyError):
            os.kill(ranks[rank], signal.SIGKILL)
    process.join(_TO_END_S)
    deadline = time.monotonic() + _TO_END_S
    while any(map(_runs, ranks.values())) and time.monotonic() < deadline:
        time.sleep(0.05)
    wrong = [f"{rank} runs on" for rank, pid in ranks.items() if _runs(pid)]
    for pid in filter(_runs, ranks.values()):
        os.kill(pid, signal.SIGKILL)
    if kill.whom == ("1",) and "torchrun" not in ranks and process.exitcode != 0:
        text = toy.output()
        is_told = process.exitcode == _JOB_FAILED and any(word in text for word in _CLEAR)
        wrong += [] if is_told else [f"ended with {process.exitcode}: {text[-1500:]}"]
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("by", choices=("serotiny", "torchrun"))
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=1)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="serotiny-rank-kills-"))
    store = f"sqlite:///{folder}/mlflow.db"
    whole = TwoRanks(folder / "whole", store, name="whole")
    assert 0 == ended(whole.start()), whole.output()
    different = 0
    for seed in range(asked.first, asked.first + asked.count):
        root = folder / f"kills-{seed}"
        kind = UnderTorchrun if asked.by == "torchrun" else TwoRanks
        if asked.by == "torchrun":
            make_toy_project(root)
        draw = random.Random(seed)
        kills = [RankKill.random(draw) for _ in range(asked.kills)]
        found = differences_after_kills(whole, kind(root, store, name=root.name), kills)
        for finding in found:
            print(f"{seed}: {finding}", flush=True)
        different += bool(found)
    print(f"{asked.count} runs, {different} with a difference; {folder}", flush=True)
    if not different:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
