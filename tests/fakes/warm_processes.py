"""Processes that begin with everything imported, in hundredths of a second: jobs, and calls of the command line."""

from __future__ import annotations

import atexit
import functools
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

TOY_JOBS = str(Path(__file__).parent / "toy_jobs")
_PRELOADED = [
    "run_toy",
    "toy_job",
    "mlflow.store.tracking.sqlalchemy_store",
    "serotiny.launch.hydra_app",
    "serotiny.launch.job",
]
_LIMIT_S = 240


@functools.cache
def warm() -> ForkServerContext:
    """What such processes are made by; it has forked from nothing that a test has touched."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    # the server itself knows our path only by the environment, and silently does without what it cannot import
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", TOY_JOBS)
        forkserver.ensure_running()
    return context


def ended(process: BaseProcess) -> int | None:
    """The exit status, once the process has ended."""
    process.join(timeout=_LIMIT_S)
    return process.exitcode


class WarmCall:
    """A call of the command line, with what it prints."""

    def __init__(self, folder: Path, arguments: Sequence[str], **variables: str) -> None:
        """It runs in the folder, in a session of its own, with these variables beside those of this process."""
        self._printed = Path(tempfile.mkdtemp(dir=folder.parent, prefix="printed-"))
        call = (list(arguments), str(folder), {**os.environ, **variables}, str(self._printed))
        self._process = warm().Process(target=_call, args=call)
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        return not self._process.is_alive()

    def wait(self) -> subprocess.CompletedProcess[str]:
        """Its exit status and what it has printed, once it has ended."""
        status = ended(self._process)
        out, err = ((self._printed / name).read_text("utf-8") for name in ("out", "err"))
        assert status is not None, out + err
        return subprocess.CompletedProcess("serotiny", status, out, err)


def _call(arguments: list[str], folder: str, variables: dict[str, str], printed: str) -> None:
    os.setsid()
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(Path(printed) / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    from serotiny.cli.main import main

    status = main(arguments)
    # as an interpreter ends: a process of multiprocessing waits first for joblib's workers, which wait for their parent
    threading._shutdown()  # type: ignore[attr-defined]  # what no other call does
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status)
