"""Runs one toy job in a process of its own, which may be killed."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from serotiny.compiler.plan.plan import Plan
from serotiny.diagnostics import SerotinyError
from serotiny.ml_ops.run import run


class Kill(NamedTuple):
    """When the process is killed.

    Attributes:
        at: in this epoch and batch, such as `1,0`.
        rank: of several processes only this one, at that place.
        by: the signal that it is sent there.
        in_write: in its n-th `fsync` of a checkpoint: while the file is written.
        before_change: before it changes files for the n-th time: writes, renames, links or removes one, or makes a folder.
        in_upload: while the n-th checkpoint is copied into a store on the local disk.
        in_download: while a checkpoint is copied from there, by `by`.
        after_call: after its first call of this method of MLflow's client, by `by`.
        after_tag: after its first call that has set this tag of the run.
        waits_at: in this epoch and batch the training waits for the file `go_on` in its folder.
        waits_in: in its first `write` or `upload` of a checkpoint it makes the file `in_` with that word in its folder,
            and stays there.
    """

    at: str | None = None
    in_write: int | None = None
    before_change: int | None = None
    in_upload: int | None = None
    in_download: bool = False
    after_call: str | None = None
    after_tag: str | None = None
    waits_at: str | None = None
    waits_in: str | None = None
    rank: int = 0
    by: int = signal.SIGKILL


def run_toy(plan_text: str, run_dir: str, kill: Kill) -> None:
    """Run a plan and exit as the command line does.

    Args:
        plan_text: the plan as JSON.
        run_dir: the job's folder; what it prints goes to the file `output` there.
        kill: when the process is killed.
    """
    # a process that the fork server made would start its loaders' workers by another one, which takes seconds
    multiprocessing.set_start_method("fork", force=True)
    redirect(Path(run_dir) / "output")
    prepare(kill)
    if kill.waits_in is not None:
        _wait_in(kill.waits_in, Path(run_dir))
    try:
        run(Plan.from_json(plan_text), Path(run_dir))
    except SerotinyError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_status)


def become(command: list[str], folder: str, output: str) -> None:
    """Go on as this command, in this folder; what it prints goes to a file."""
    redirect(Path(output))
    os.chdir(folder)
    os.execv(command[0], command)


def redirect(file: Path) -> None:
    """Let everything that this process prints go to a file."""
    output = os.open(file, os.O_WRONLY | os.O_CREAT)
    os.dup2(output, 1)
    os.dup2(output, 2)


def prepare(kill: Kill) -> None:
    """Let this process be killed where that says."""
    if kill.at is not None:
        os.environ["TOY_KILL_AT"] = kill.at
        os.environ["TOY_KILL_RANK"] = str(kill.rank)
        os.environ["TOY_KILL_BY"] = str(int(kill.by))
    if kill.in_write is not None:
        _kill_in_write(kill.in_write)
    if kill.before_change is not None:
        _kill_before_change(kill.before_change)
    if kill.in_upload is not None:
        _kill_in_upload(kill.in_upload)
    if kill.in_download:
        _signal_in_download(kill.by)
    if kill.after_call is not None:
        _signal_after_call(kill.after_call, kill.by)
    if kill.after_tag is not None:
        _kill_after_tag(kill.after_tag)
    if kill.waits_at is not None:
        os.environ["TOY_WAITS_AT"] = kill.waits_at


def _kill_in_write(number: int) -> None:
    sync = os.fsync
    calls = itertools.count(1)

    def counting_sync(descriptor: int) -> None:
        path = os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115  # a magic link
        if path.endswith(".partial") and next(calls) == number:
            os.ftruncate(descriptor, 100)
            os.kill(os.getpid(), signal.SIGKILL)
        sync(descriptor)

    os.fsync = counting_sync  # type: ignore[assignment]  # called with descriptors alone


_CHANGES = frozenset({"os.link", "os.mkdir", "os.remove", "os.rename", "os.truncate"})
_FOR_WRITING = os.O_WRONLY | os.O_RDWR


def _kill_before_change(number: int) -> None:
    calls, process = itertools.count(1), os.getpid()

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        is_opened = event == "open" and isinstance(arguments[2], int) and bool(arguments[2] & _FOR_WRITING)
        # the workers of a loader have the hook as well
        if (event in _CHANGES or is_opened) and os.getpid() == process and next(calls) == number:
            os.kill(process, signal.SIGKILL)

    sys.addaudithook(hook)


def _wait_in(place: str, run_dir: Path) -> None:
    sync, copy = os.fsync, shutil.copyfileobj

    def wait() -> None:
        (run_dir / f"in_{place}").touch()
        while True:
            time.sleep(0.01)

    def waiting_sync(descriptor: int) -> None:
        path = os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115  # a magic link
        if path.endswith(".partial"):
            os.ftruncate(descriptor, 100)
            wait()
        sync(descriptor)

    def waiting_copy(source: Any, target: Any, length: int = 0) -> None:
        if source.name.endswith(".ckpt"):
            wait()
        copy(source, target, length)

    if place == "write":
        os.fsync = waiting_sync  # type: ignore[assignment]  # called with descriptors alone
    else:
        shutil.copyfileobj = waiting_copy  # type: ignore[assignment]  # of binary files alone


def _kill_in_upload(number: int) -> None:
    copy = shutil.copyfileobj
    calls = itertools.count(1)

    def counting_copy(source: Any, target: Any, length: int = 0) -> None:
        if source.name.endswith(".ckpt") and next(calls) == number:
            target.write(source.read(100))
            target.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        copy(source, target, length)

    shutil.copyfileobj = counting_copy  # type: ignore[assignment]  # of binary files alone


def _signal_in_download(number: int) -> None:
    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal number
        if number and event == "open" and "/.download-" in str(arguments[0]):
            sent, number = number, 0
            os.kill(os.getpid(), sent)

    sys.addaudithook(hook)


def _signal_after_call(method: str, number: int) -> None:
    from mlflow import MlflowClient

    call = getattr(MlflowClient, method)

    def signalling(*arguments: Any, **named: Any) -> Any:
        setattr(MlflowClient, method, call)
        answer = call(*arguments, **named)
        os.kill(os.getpid(), number)
        return answer

    setattr(MlflowClient, method, signalling)


def _kill_after_tag(tag: str) -> None:
    from mlflow import MlflowClient

    log_batch = MlflowClient.log_batch

    def killing(*arguments: Any, **named: Any) -> Any:
        answer = log_batch(*arguments, **named)
        if any(each.key == tag for each in named.get("tags", ())):
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    MlflowClient.log_batch = killing  # type: ignore[method-assign]  # called with `tags` by name
