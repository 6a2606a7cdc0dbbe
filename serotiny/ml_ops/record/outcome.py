"""Record how a job ended, and close its run."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

from serotiny.compiler.plan.plan import Plan
from serotiny.credentials.known import KnownSecrets
from serotiny.diagnostics.errors import Interruption, SerotinyError
from serotiny.filesystem import leads_out, read_plain_file, replace_file
from serotiny.ml_ops.record.page import record_page
from serotiny.tracking import layout
from serotiny.tracking.session import EndStatus, RunSession

TRACEBACK_FILE = "traceback.txt"

_log = logging.getLogger(__name__)

_LARGEST_LOG = 100_000_000


def close(session: RunSession, status: EndStatus, *, at_once: bool = False) -> tuple[str, ...]:
    """Close the run; returns notes on what was not sent to the store and is in the run's folder."""
    report = session.close(status, at_once=at_once)
    for line in report.left:
        _log.warning("%s", line)
    return report.left


def record_log(run_dir: Path, session: RunSession, secrets: KnownSecrets) -> None:
    """Upload the log that Hydra writes in the run's folder, with secrets masked."""
    for file in sorted(run_dir.glob("*.log")):
        if leads_out(file, run_dir):
            continue
        try:
            text = read_plain_file(file, _LARGEST_LOG).decode("utf-8", "replace")
        except OSError as reason:
            _log.warning("the log %s is not uploaded: %s", file, reason.strerror or reason)
            continue
        if text:
            session.log_text(secrets.mask(text), f"{layout.LOG_FOLDER}/{file.name}")


def record_failure(
    error: BaseException, plan: Plan, run_dir: Path, session: RunSession, secrets: KnownSecrets
) -> None:
    """Record why the job failed, with secrets masked.

    An error in here, such as a full disk, must not replace the job's own error. If `test` or `predict` fails, the
    trained run is not changed.
    """
    text = secrets.mask("".join(traceback.format_exception(error)))
    try:
        replace_file(run_dir / TRACEBACK_FILE, text)
    except OSError as reason:
        _log.warning("the traceback could not be written: %s", reason)
    try:
        if plan.operation == "train":
            session.set_tags({layout.TAG_ERROR: secrets.mask(f"{type(error).__name__}: {error}")[:500]})
            session.log_text(text, layout.TRACEBACK)
            record_log(run_dir, session, secrets)
            record_page(session, "FAILED")
        close(session, "FAILED")
    except Interruption:
        close(session, "FAILED", at_once=True)
    except SerotinyError as reason:
        _log.warning("the run could not be marked as failed: %s", reason)
