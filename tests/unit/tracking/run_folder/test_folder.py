"""Whose a folder is, between real processes."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from serotiny.diagnostics import Diagnostic
from serotiny.tracking.run_folder.aside import with_put_aside
from serotiny.tracking.run_folder.errors import RunFolderError
from serotiny.tracking.run_folder.folder import RunFolder
from serotiny.tracking.run_folder.judgement import foreseen
from serotiny.tracking.run_folder.owner_file import FINISHED, OWNER_FILE, Occupant, owner_of

_FORK = multiprocessing.get_context("fork")


def run_named(name: str | None, is_known: bool = True, checkpoint: Path | None = None) -> Occupant:
    return Occupant(
        operation="train",
        run_name=name,
        experiment="e",
        identity="i",
        is_known=is_known,
        checkpoint=checkpoint,
    )


def claimed(path: Path, name: str) -> RunFolder:
    folder = RunFolder.claim(path, run_named(name), has_begun=False)
    assert isinstance(folder, RunFolder), folder
    folder.hold(f"id of {name}", name)
    (path / "checkpoints").mkdir(exist_ok=True)
    (path / "checkpoints" / "last.ckpt").write_text(name)
    return folder


def in_child(work: object, *arguments: object) -> int:
    process = _FORK.Process(target=work, args=arguments)  # type: ignore[arg-type]
    process.start()
    process.join(60)
    assert process.exitcode is not None
    return process.exitcode


def work_and_die(path: Path, name: str) -> None:
    claimed(path, name)
    os.kill(os.getpid(), signal.SIGKILL)


def code_of(outcome: RunFolder | Diagnostic) -> str:
    assert isinstance(outcome, Diagnostic), outcome
    return outcome.code


def test_folder_of_an_unfinished_run_is_refused_to_another_and_given_to_the_same(tmp_path: Path) -> None:
    """After SIGKILL the run's own name gets the folder with what lies there; another name is told whose it is."""
    assert -signal.SIGKILL == in_child(work_and_die, tmp_path / "out", "a")

    refused = RunFolder.claim(tmp_path / "out", run_named("b"), has_begun=False)
    again = RunFolder.claim(tmp_path / "out", run_named("a"), has_begun=False)

    assert "SER409" == code_of(refused)
    assert isinstance(refused, Diagnostic)
    assert "run `a` (id of a)" in refused.message
    assert isinstance(again, RunFolder)
    assert again.earlier is not None
    assert ("id of a", "a") == (again.earlier.run_id, (tmp_path / "out/checkpoints/last.ckpt").read_text())


def test_what_a_finished_run_has_left_is_put_aside(tmp_path: Path) -> None:
    """The next run gets an empty folder; the finished one's lies beside it and says whose it is."""
    claimed(tmp_path / "out", "a").end(FINISHED)
    (tmp_path / "out" / ".hydra").mkdir()

    second = RunFolder.claim(tmp_path / "out", run_named("b"), has_begun=False)

    assert isinstance(second, RunFolder)
    assert [OWNER_FILE] == [file.name for file in (tmp_path / "out").iterdir()]
    aside = owner_of(tmp_path / "out-1")
    assert aside is not None
    assert ("id of a", "a") == (aside.run_id, (tmp_path / "out-1/checkpoints/last.ckpt").read_text())
    assert (tmp_path / "out-1" / ".hydra").is_dir()
    assert [tmp_path / "out", tmp_path / "out-1"] == list(with_put_aside(tmp_path / "out"))


def test_what_a_finished_run_has_left_behind_a_link_is_put_aside_on_its_disk(tmp_path: Path) -> None:
    """A folder that is a link to another disk is one like any other; what is read through the link stays."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as disk:
        (real := Path(disk) / "real").mkdir()
        (link := tmp_path / "out").symlink_to(real)
        claimed(link, "a").end(FINISHED)
        reading = run_named("b", checkpoint=real / "checkpoints" / "last.ckpt")
        refused = RunFolder.claim(link, reading, has_begun=False)
        claimed(link, "b")

        assert "SER409" == code_of(refused)
        assert [link, Path(disk) / "real-1"] == list(with_put_aside(link))
        assert "a" == (Path(disk) / "real-1/checkpoints/last.ckpt").read_text()


def test_folder_that_holds_the_checkpoint_to_start_from_stays_as_it_is(tmp_path: Path) -> None:
    """A run that reads from a finished one's folder may not put it aside."""
    claimed(tmp_path / "out", "a").end(FINISHED)
    asking = run_named("b", checkpoint=tmp_path / "out" / "checkpoints" / "last.ckpt")

    assert "SER409" == code_of(RunFolder.claim(tmp_path / "out", asking, has_begun=False))
    assert not (tmp_path / "out-1").exists()


def test_folder_of_a_live_process_is_refused_also_to_the_same_run(tmp_path: Path) -> None:
    """While the process that claimed it lives nobody else gets the folder."""
    claimed(tmp_path / "out", "a")

    def attempt() -> None:
        outcome = RunFolder.claim(tmp_path / "out", run_named("a"), has_begun=False)
        os._exit(0 if isinstance(outcome, Diagnostic) else 1)

    assert 0 == in_child(attempt)


def test_claim_that_led_to_no_run_leaves_no_trace(tmp_path: Path) -> None:
    """A claim that is given back, or whose process died before a run began, keeps nobody out."""
    first = RunFolder.claim(tmp_path / "out", run_named("a"), has_begun=False)
    assert isinstance(first, RunFolder)
    first.give_back()
    assert owner_of(tmp_path / "out") is None

    def die() -> None:
        RunFolder.claim(tmp_path / "out", run_named("b"), has_begun=False)
        os.kill(os.getpid(), signal.SIGKILL)

    in_child(die)
    assert isinstance(RunFolder.claim(tmp_path / "out", run_named("c"), has_begun=False), RunFolder)


def test_takeover_that_died_gives_the_folder_back_to_its_run(tmp_path: Path) -> None:
    """Killed between the claim and the run, the folder is still the run's that was there before."""
    in_child(work_and_die, tmp_path / "out", "a")

    def take_over_and_die() -> None:
        RunFolder.claim(tmp_path / "out", run_named("a"), has_begun=False)
        os.kill(os.getpid(), signal.SIGKILL)

    in_child(take_over_and_die)

    assert "SER409" == code_of(RunFolder.claim(tmp_path / "out", run_named("b"), has_begun=False))
    again = RunFolder.claim(tmp_path / "out", run_named("a"), has_begun=False)
    assert isinstance(again, RunFolder)
    assert again.earlier is not None
    assert "id of a" == again.earlier.run_id


def test_damaged_owner_file_is_put_aside(tmp_path: Path) -> None:
    """A folder whose owner file cannot be read is taken, and what runs left there is kept beside it."""
    claimed(tmp_path / "out", "a").end(FINISHED)
    (tmp_path / "out" / OWNER_FILE).write_text("{")

    assert isinstance(RunFolder.claim(tmp_path / "out", run_named("b"), has_begun=False), RunFolder)
    assert "a" == (tmp_path / "out-1/checkpoints/last.ckpt").read_text()


def test_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    """A file in the way, or a disk that takes no more, is told in one line."""
    (tmp_path / "file").write_text("")

    with pytest.raises(RunFolderError, match="cannot be made or written"):
        RunFolder.claim(tmp_path / "file" / "out", run_named("a"), has_begun=False)
    with pytest.raises(RunFolderError, match="cannot be made or written"):
        RunFolder.claim_new(Path("/proc/none/out"), run_named("a"))


def start_runs(root: Path, process: int, runs: int, barrier: object) -> None:
    """Half of the runs ask for a folder named by the second, half for one that was given by hand."""
    barrier.wait()  # type: ignore[attr-defined]
    for number in range(runs):
        name = f"{process}-{number}"
        if number % 2:
            folder: RunFolder | Diagnostic = RunFolder.claim(root / "fixed", run_named(name), has_begun=False)
        else:
            folder = RunFolder.claim_new(root / "09-00-00", run_named(name, is_known=False))
        if isinstance(folder, Diagnostic):
            (root / "told" / name).write_text(folder.message)
            continue
        folder.hold(f"id of {name}", name)
        (folder.path / "name").write_text(name)
        (root / "got" / name).write_text(str(folder.path))
        folder.end(FINISHED)


def test_runs_started_in_one_second_from_many_processes_have_folders_of_their_own(tmp_path: Path) -> None:
    """Of 200 runs from 8 processes, half with one `hydra.run.dir`, each keeps its own files or is told why not."""
    (tmp_path / "told").mkdir()
    (tmp_path / "got").mkdir()
    barrier = _FORK.Barrier(8)
    processes = [_FORK.Process(target=start_runs, args=(tmp_path, n, 25, barrier)) for n in range(8)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)

    got = {file.name for file in (tmp_path / "got").iterdir()}
    told = {file.name: file.read_text() for file in (tmp_path / "told").iterdir()}
    kept = {
        json.loads((folder / OWNER_FILE).read_text())["run_name"]: (folder / "name").read_text()
        for folder in tmp_path.iterdir()
        if (folder / OWNER_FILE).is_file()
    }
    assert [0] * 8 == [process.exitcode for process in processes]
    assert (200, set()) == (len(got) + len(told), got & told.keys())
    assert {name: name for name in got} == kept
    assert Counter() == Counter(text for text in told.values() if "in use by" not in text)


@pytest.mark.parametrize("ended", [None, FINISHED, "KILLED"])
@pytest.mark.parametrize("name", ["one", "another"])
@pytest.mark.parametrize("reads", [False, True])
def test_what_a_claim_will_find_is_foreseen_and_nothing_is_written(
    tmp_path: Path, ended: str | None, name: str, reads: bool
) -> None:
    """For a folder of a run that is alive, finished or killed, `foreseen` says what a claim says afterwards."""
    path = tmp_path / "out"
    folder = claimed(path, "one")
    if ended is not None:
        folder.end(ended)
    asking = run_named(name, checkpoint=path / "checkpoints" / "last.ckpt" if reads else None)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}

    expected = foreseen(path, asking)

    assert before == {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    actual = RunFolder.claim(path, asking, has_begun=False)
    folder.end("KILLED")
    assert expected == (actual if isinstance(actual, Diagnostic) else actual.earlier)
    assert (ended is None or (name == "another" and (reads or ended != FINISHED))) == isinstance(
        expected, Diagnostic
    )


def test_nothing_is_foreseen_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A folder that does not exist has nobody's files, and is not made."""
    assert foreseen(tmp_path / "new", run_named("one")) is None
    assert [] == list(tmp_path.iterdir())
