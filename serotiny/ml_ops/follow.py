"""Run a job in a process of a rank other than 0: `python -m serotiny.ml_ops.follow FILE RANK PARENT`."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
import traceback
from pathlib import Path

from serotiny.credentials.known import KnownSecrets
from serotiny.diagnostics.errors import Interruption, JobError, SerotinyError
from serotiny.ml_ops.build import build_job
from serotiny.ml_ops.checkpoints.choice import ChosenCheckpoint
from serotiny.ml_ops.failure import raised_by_code
from serotiny.ml_ops.lightning.package import lightning_of
from serotiny.ml_ops.lightning.quiet import quiet_lightning
from serotiny.ml_ops.operations import work
from serotiny.ml_ops.ranks.followers import (
    Followers,
    is_lost_connection,
    leave_distributed,
    traceback_file,
)
from serotiny.ml_ops.ranks.handover import Handover
from serotiny.ml_ops.ranks.silent_session import SilentSession
from serotiny.ml_ops.resume.stop_request import StopRequest
from serotiny.tracking.session import RunInfo

_log = logging.getLogger(__name__)

_GLANCE_S = 1.0


def follow(file: Path, rank: int) -> int:
    """Run this rank's part of the job that rank 0 has written to `file`; returns the exit status of the process.

    A failure is written beside the job's own traceback, for rank 0 to report. A lost connection to another rank is
    not, since that rank reports its failure itself.
    """
    run_dir: Path | None = None
    secrets = KnownSecrets(iter(()))
    with StopRequest(follows=True) as stop:
        try:
            handover = Handover.read(file)
            run_dir = handover.run_dir
            secrets = KnownSecrets.between(handover.plan.config, handover.plan.logged_config)
            with stop.until_failure():
                _work(handover, stop)
        except Interruption:
            return JobError.exit_status
        except BaseException as raised:
            error = raised_by_code(raised)
            if stop.requested and is_lost_connection(error):
                return JobError.exit_status
            _log.error("rank %d: %s: %s", rank, type(error).__name__, secrets.mask(str(error)))
            if run_dir is not None and not is_lost_connection(error):
                _leave_traceback(error, traceback_file(run_dir, rank), secrets)
            return error.exit_status if isinstance(error, SerotinyError) else JobError.exit_status
    return 0


def _work(handover: Handover, stop: StopRequest) -> None:
    sys.path[:] = dict.fromkeys((*handover.import_paths, *sys.path))
    plan = handover.plan
    info = RunInfo(
        run_id=handover.run_id,
        run_name=handover.run_name,
        experiment_id="",
        experiment_name="",
        run_dir=handover.run_dir,
        has_drifted=handover.has_drifted,
    )
    followers = Followers(on_stuck=lambda _: os._exit(JobError.exit_status))
    well = False
    try:
        with quiet_lightning(lightning_of(plan.config), verbose=_log.isEnabledFor(logging.DEBUG)):
            job = build_job(plan, handover.run_dir, SilentSession(info), stop, followers)
            path = handover.checkpoint
            work(job, None if path is None else ChosenCheckpoint.read(path))
        well = True
    finally:
        leave_distributed(well=well)


def _leave_traceback(error: BaseException, file: Path, secrets: KnownSecrets) -> None:
    try:
        file.write_text(secrets.mask("".join(traceback.format_exception(error))), encoding="utf-8")
    except OSError as reason:
        _log.warning("the traceback could not be written: %s", reason)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_GLANCE_S)
    # `sys.exit` would end only this thread
    os._exit(JobError.exit_status)


def main() -> int:
    """The entry point of a process that rank 0 has started; it ends when rank 0, its parent, ends."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    file, rank, parent = sys.argv[1:]
    # given, since rank 0 may have died while this process was importing
    threading.Thread(target=_end_with, args=(int(parent),), daemon=True).start()
    return follow(Path(file), int(rank))


if __name__ == "__main__":
    sys.exit(main())
