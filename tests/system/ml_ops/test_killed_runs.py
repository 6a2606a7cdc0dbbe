from __future__ import annotations

import random
import shutil
import signal
from pathlib import Path

import pytest

from serotiny.tracking import layout
from tests.fakes.toy_jobs.bits import differences
from tests.fakes.warm_processes import ended

from .conftest import ToyRun

# MLflow's own use of SQLAlchemy
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")

_DELAY_S = 0.02
_TRAINING_S = 3 * 7 * 1.5 * _DELAY_S
_CHANGES = 150
"""Fewer than the changes that a run makes to files: it writes its journal, checkpoints, and what it uploads."""


@pytest.fixture(scope="module", params=[0, 1, 2], ids=lambda workers: f"{workers} workers")
def whole(request: pytest.FixtureRequest, store: str, tmp_path_factory: pytest.TempPathFactory) -> ToyRun:
    """An uninterrupted run."""
    folder = tmp_path_factory.mktemp("whole")
    toy = ToyRun(folder, store, request.param, delay_s=_DELAY_S, name=f"whole-{request.param}")
    toy.finish()
    return toy


def same_but_killed(whole: ToyRun, folder: Path) -> ToyRun:
    return ToyRun(folder, whole.tracking_uri, whole.num_workers, delay_s=whole.delay_s, name=folder.name)


def assert_one_equal_run(whole: ToyRun, toy: ToyRun) -> None:
    assert ["FINISHED"] == [run.info.status for run in toy.runs()]
    assert [] == differences(whole.state(), toy.state())
    assert whole.history() == toy.history()


@pytest.mark.parametrize("place", ["1,0", "2,4"])
def test_run_killed_in_an_epoch_and_started_again_has_the_same_bits(
    place: str, whole: ToyRun, tmp_path: Path
) -> None:
    """After SIGKILL the same command finishes the same run: every weight and every point of every metric."""
    toy = same_but_killed(whole, tmp_path)
    status = ended(toy.start(at=place))
    toy.finish()

    assert -signal.SIGKILL == status
    assert_one_equal_run(whole, toy)


def test_run_killed_while_a_checkpoint_is_written_has_the_same_bits(whole: ToyRun, tmp_path: Path) -> None:
    """The file that was being written is not taken for a checkpoint; the one before it is whole."""
    toy = same_but_killed(whole, tmp_path)
    status = ended(toy.start(in_write=3))
    killed_in = toy.run_dir
    toy.finish()

    assert -signal.SIGKILL == status
    assert list((killed_in / "checkpoints").glob(".*.partial"))
    assert_one_equal_run(whole, toy)


def test_run_killed_while_a_checkpoint_is_uploaded_has_the_same_bits(whole: ToyRun, tmp_path: Path) -> None:
    """What was half uploaded is not taken for a checkpoint; the next start uploads a whole one."""
    toy = same_but_killed(whole, tmp_path)
    status = ended(toy.start(in_upload=1))
    toy.finish()

    assert -signal.SIGKILL == status
    assert_one_equal_run(whole, toy)


def test_run_whose_folder_is_gone_goes_on_from_the_store(whole: ToyRun, tmp_path: Path) -> None:
    """As on another machine: what the stored checkpoint follows from is there, and nothing is there twice."""
    toy = same_but_killed(whole, tmp_path)
    status = ended(toy.start(waits_at="1,3", after_tag=f"{layout.TAG_CHECKPOINT_PREFIX}last"))
    shutil.rmtree(toy.run_dir)
    toy.finish()

    assert -signal.SIGKILL == status
    assert '"step":0,' not in (toy.run_dir / "tracking" / "journal.jsonl").read_text()
    assert_one_equal_run(whole, toy)


def test_run_stopped_while_its_checkpoint_is_fetched_keeps_it(store: str, tmp_path: Path) -> None:
    """Nothing is trained or stored by that start; the next one goes on where the run was."""
    toy = ToyRun(tmp_path, store, max_epochs=2, name="fetched")
    toy.finish()
    before = toy.runs()[0].data.tags["serotiny.checkpoint.last"]
    shutil.rmtree(toy.run_dir)
    toy.max_epochs = 3
    status = ended(toy.start(in_download=True, by=signal.SIGTERM))
    (stopped,) = toy.runs()
    toy.finish()

    assert (3, "KILLED") == (status, stopped.info.status)
    assert before == stopped.data.tags["serotiny.checkpoint.last"]
    assert 3 * 7 == toy.state()["global_step"]
    assert '"step":0,' not in (toy.run_dir / "tracking" / "journal.jsonl").read_text()


def test_run_killed_at_a_random_moment_twice_has_the_same_bits(
    whole: ToyRun, tmp_path: Path, moments: random.Random
) -> None:
    """Whatever the moments, the third start ends as an uninterrupted run."""
    toy = same_but_killed(whole, tmp_path)
    for _ in range(2):
        toy.start_and_kill_after(moments.uniform(0, _TRAINING_S))
    toy.finish()

    assert_one_equal_run(whole, toy)


def test_run_killed_before_a_random_change_to_files_twice_has_the_same_bits(
    whole: ToyRun, tmp_path: Path, moments: random.Random
) -> None:
    """Between any write, rename and removal of the journal, checkpoints and uploads nothing is lost or there twice."""
    toy = same_but_killed(whole, tmp_path)
    first = ended(toy.start(before_change=moments.randint(1, _CHANGES)))
    second = ended(toy.start(before_change=moments.randint(1, _CHANGES)))
    toy.finish()

    assert -signal.SIGKILL == first
    assert second in (-signal.SIGKILL, 0)  # it had less left to do
    assert_one_equal_run(whole, toy)
