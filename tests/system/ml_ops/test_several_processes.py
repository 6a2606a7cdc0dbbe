"""One job in two processes on the CPU (gloo): recorded once, stopped together, resumed to the bit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import torch

from serotiny.ml_ops.checkpoints.file import read_checkpoint
from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking.maintenance import list_runs
from tests.fakes.slurm import install
from tests.fakes.toy_jobs.bits import differences, state_of
from tests.fakes.warm_processes import WarmCall, ended

from .conftest import ToyRun, make_toy_project
from .rank_kills import RankKill, differences_after_kills, wait_for_ranks

# MLflow's own use of SQLAlchemy
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")


def toy_of_two(store: str, folder: Path, strategy: str = "ddp", **arguments: Any) -> ToyRun:
    toy = ToyRun(folder, store, name=folder.name, **arguments)
    toy.trainer = {"devices": 2, "strategy": strategy}
    return toy


@pytest.fixture(scope="module")
def whole(store: str, tmp_path_factory: pytest.TempPathFactory) -> ToyRun:
    """An uninterrupted run, whose scheduler looks at a metric that is the mean over both processes."""
    model = {"_target_": "toy_job.ToyModel", "scheduler": "plateau"}
    toy = toy_of_two(store, tmp_path_factory.mktemp("whole-of-two"), extra={"predict": True, "model": model})
    toy.finish()
    return toy


def test_two_processes_record_one_run_and_agree_on_the_weights(whole: ToyRun) -> None:
    """One run, one set of checkpoints, one journal; equal weights in both; each row is predicted once, in order."""
    weights = [torch.load(whole.run_dir / f"weights-{rank}.pt") for rank in (0, 1)]
    rows = pyarrow.parquet.read_table(whole.run_dir / "predictions" / "predictions.parquet")
    first_column = [row[0] for row in rows["input"].to_pylist()]

    assert ["FINISHED"] == [run.info.status for run in whole.runs()]
    assert 1 == len(list(whole.run_dir.rglob("journal.jsonl")))
    assert [] == list(whole.run_dir.glob(".handover*"))
    assert [] == differences(*weights)
    assert 8 == len(first_column)
    assert sorted(first_column) == first_column
    # of 26 rows each process has 13, in batches of 4, of which the last is short
    assert 3 * 4 == whole.state()["global_step"]


def test_killed_process_fails_the_run_and_the_same_command_has_the_same_bits(
    whole: ToyRun, tmp_path: Path
) -> None:
    """Rank 1 is killed: the run is FAILED, and says so; rank 0 is killed, also while rank 1 still imports.

    Then no process is left, and the run ends as an undisturbed one. `rank_kills.py` kills at random moments.
    """
    toy = toy_of_two(whole.tracking_uri, tmp_path, extra=whole.extra)
    status = ended(toy.start(at="1,1", rank=1))
    (failed,) = toy.runs()
    assert 3 == status, toy.output()
    assert "FAILED" == failed.info.status
    assert "RankFailedError: rank 1 was ended by SIGKILL" == failed.data.tags["serotiny.error"]

    assert -signal.SIGKILL == ended(toy.start(at="2,1", rank=0))

    assert [] == differences_after_kills(whole, toy, [RankKill(("0",), 0.0, in_training=False)])


def test_signal_stops_both_processes_after_the_same_batch(whole: ToyRun, tmp_path: Path) -> None:
    """SIGTERM to rank 0 leaves a checkpoint of both; one process refuses it in mid-epoch, two end with the same bits.

    SIGTERM to rank 1 alone, while it still imports, stops both before the first batch.
    """
    toy = toy_of_two(whole.tracking_uri, tmp_path, extra=whole.extra)
    process = toy.start()
    os.kill(wait_for_ranks(process)["1"], signal.SIGTERM)
    assert 3 == ended(process), toy.output()
    assert 1 == toy.output().count("interrupted by SIGTERM: ending after this batch"), toy.output()
    assert ["KILLED"] == [run.info.status for run in toy.runs()]
    assert not (toy.run_dir / "checkpoints" / "last.ckpt").exists()

    toy.trainer = {"devices": 2, "strategy": "ddp_spawn"}
    status = ended(toy.start(at="1,0", by=signal.SIGTERM))
    (killed,) = toy.runs()
    checkpoint = read_checkpoint(toy.run_dir / "checkpoints" / "last.ckpt")
    assert 3 == status, toy.output()
    assert "KILLED" == killed.info.status
    assert 4 < checkpoint["global_step"] < 8
    assert 1 == len(checkpoint["serotiny"]["other_ranks"])

    toy.trainer = {"devices": 1}
    assert 3 == ended(toy.start())
    assert "was written in mid-epoch by 2 process(es), and 1 cannot tell" in toy.output()

    toy.trainer = {"devices": 2, "strategy": "ddp_fork"}
    toy.finish()
    assert [] == differences(whole.state(), toy.state())


def _torchrun(command: list[str]) -> list[tuple[list[str], dict[str, str]]]:
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    return [([*launcher, "--no-python", *command], {})]


def _srun(command: list[str]) -> list[tuple[list[str], dict[str, str]]]:
    """What `srun --ntasks-per-node=2` gives its processes."""
    common = {
        "SLURM_JOB_ID": str(os.getpid()),
        "SLURM_JOB_NAME": "toy",
        "SLURM_NTASKS": "2",
        "SLURM_NTASKS_PER_NODE": "2",
        "SLURM_NNODES": "1",
        "SLURM_NODEID": "0",
        "SLURM_NODELIST": "127.0.0.1",
    }
    return [(command, {**common, "SLURM_PROCID": rank, "SLURM_LOCALID": rank}) for rank in ("0", "1")]


def _ended_together(
    calls: list[tuple[list[str], dict[str, str]]], folder: Path, **variables: str
) -> tuple[list[int], str]:
    """The exit statuses of processes that were started at once, and all that they said."""
    processes = [
        subprocess.Popen(
            call,
            cwd=folder,
            env=os.environ | own | variables,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for call, own in calls
    ]
    outputs = [process.communicate(timeout=200)[0] for process in processes]
    return [process.returncode for process in processes], "".join(outputs)


@pytest.mark.parametrize(
    ("started", "distributes"), [(_torchrun, "true"), (_srun, "false")], ids=["torchrun", "srun"]
)
def test_processes_that_others_start_record_one_run(
    started: Callable[[list[str]], list[tuple[list[str], dict[str, str]]]],
    distributes: str,
    toy_project: Path,
    whole: ToyRun,
) -> None:
    """Under torchrun and Slurm rank 0 alone compiles and reserves; killed, they go on, to the bits of a whole run.

    Predictions are in order, each once; without Lightning's samplers both ranks have all, and their batches alternate.
    """
    command = [
        *(sys.executable, "-m", "serotiny.cli.main", "train", "hydra.run.dir=out"),
        *("++mlflow.run_name=two", "++trainer.devices=2", "++trainer.strategy=ddp", "++predict=true"),
        *("++trainer.max_epochs=3", "++model.scheduler=plateau"),
        f"++trainer.use_distributed_sampler={distributes}",
    ]
    killed, said = _ended_together(
        started(command), toy_project, TOY_KILL_AT="1,1", TOY_KILL_RANK="1", TOY_KILL_BY="9"
    )
    assert "rank 1 has died" in said
    assert '"status": "FAILED"' in (toy_project / "out" / "run.json").read_text()
    statuses, output = _ended_together(started(command), toy_project)
    assert 0 not in killed
    assert {0} == set(statuses), output
    weights = [torch.load(toy_project / "out" / f"weights-{rank}.pt") for rank in (0, 1)]

    assert 1 == output.count("train finished")
    assert '"status": "FINISHED"' in (toy_project / "out" / "run.json").read_text()
    assert [] == differences(*weights)
    if distributes == "true":
        assert [] == differences(whole.state(), state_of(toy_project / "out" / "checkpoints" / "last.ckpt"))
    batches = torch.load(toy_project / "out" / "predictions" / "first.pt")
    of_ranks = [batches] if distributes == "true" else [batches[0::2], batches[1::2]]
    rows = [torch.cat(part).tolist() for part in of_ranks]
    assert {4} == {len(batch) for batch in batches}
    assert [8] * len(of_ranks) == [len(part) for part in rows]
    assert [sorted(part) for part in rows] == rows
    assert ["last.ckpt"] == [file.name for file in (toy_project / "out" / "checkpoints").iterdir()]


@pytest.mark.parametrize(
    ("launcher", "jobs"),
    [
        (["hydra/launcher=basic"], 2),
        (["hydra/launcher=submitit_local", "hydra.launcher.tasks_per_node=2"], 1),
        (["hydra/launcher=submitit_slurm", "hydra.launcher.tasks_per_node=2"], 2),
    ],
)
def test_each_job_of_a_sweep_in_two_processes_is_one_run(
    launcher: list[str], jobs: int, toy_project: Path, store: str
) -> None:
    """Started by rank 0, or as tasks of submitit, they reserve once and agree; the second job is none of the first's."""
    experiment = f"sweep by {launcher[0].partition('=')[2]}"
    process = _sweep(
        toy_project,
        *(*launcher, "++mlflow.run_name=seed-${seed}", f"seed={','.join(map(str, range(jobs)))}"),
        *(f"++mlflow.tracking_uri={store}", f"++mlflow.experiment_name={experiment}"),
    )
    assert 0 == process.returncode, process.stdout + process.stderr

    found = list_runs(MlflowConfig(tracking_uri=store, experiment_name=experiment), toy_project)
    names = [(f"seed-{seed}", "finished") for seed in range(jobs)]
    assert names == sorted((run.name, run.state) for run in found if run.name.startswith("seed-"))
    for number in range(jobs):
        folder = toy_project / "out" / str(number)
        assert [] == differences(*(torch.load(folder / f"weights-{rank}.pt") for rank in (0, 1)))
        assert ["config.yaml", "hydra.yaml", "overrides.yaml"] == sorted(
            file.name for file in (folder / ".hydra").iterdir()
        )


def test_job_on_slurm_is_put_back_into_the_queue_before_its_limit(toy_project: Path) -> None:
    """SIGUSR2 ends all tasks with a checkpoint, and the job goes on when it is started again.

    Slurm starts the tasks without the caller's variables: those that `hydra.job.env_copy` names send the signal.
    """
    process = _sweep(
        toy_project,
        *("hydra/launcher=submitit_slurm", "hydra.launcher.tasks_per_node=2"),
        "hydra.job.env_copy=[TOY_KILL_AT,TOY_KILL_RANK,TOY_KILL_BY]",
        TOY_KILL_AT="0,1",
        TOY_KILL_RANK="0",
        TOY_KILL_BY=f"{signal.SIGUSR2.value}",
    )
    (log,) = (toy_project / "out").glob(".submitit/*/*_0_log.out")
    assert 0 == process.returncode, process.stdout + process.stderr + log.read_text()
    assert "resumed from" in log.read_text()
    assert "Requeued job" in log.read_text()
    assert '"status": "FINISHED"' in (toy_project / "out" / "0" / "run.json").read_text()


def _sweep(project: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A sweep whose jobs have two processes each, on a machine with a Slurm of its own."""
    slurm = install(project / "bin")
    return WarmCall(
        project,
        ["train", "-m", "hydra.sweep.dir=out", "++trainer.devices=2", "++trainer.strategy=ddp", *arguments],
        PATH=f"{slurm}{os.pathsep}{os.environ['PATH']}",
        **variables,
    ).wait()


@pytest.fixture
def toy_project(tmp_path: Path) -> Path:
    make_toy_project(tmp_path)
    return tmp_path
