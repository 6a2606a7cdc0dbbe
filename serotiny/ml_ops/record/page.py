"""Write the report page of a training."""

from __future__ import annotations

import logging
from pathlib import Path

from serotiny.filesystem import replace_file
from serotiny.ml_ops.record.environment import environment_text
from serotiny.report.html.runs.one import render_run
from serotiny.tracking import layout
from serotiny.tracking.session import EndStatus, RunSession

_log = logging.getLogger(__name__)


def record_page(session: RunSession, status: EndStatus) -> Path | None:
    """Write `report.html` into the run's folder and its artifacts.

    An error here does not fail the job.

    Args:
        session: the session, which must be open.
        status: the status with which the run will end.

    Returns:
        The path of the page; None, with a warning, if it could not be written.
    """
    file = session.info.run_dir / layout.REPORT
    try:
        session.log_text(environment_text(), layout.ENVIRONMENT)
        replace_file(file, render_run(session.contents(status)))
        session.upload(file)
    except Exception as error:
        _log.warning("%s was not written: %s: %s", layout.REPORT, type(error).__name__, error)
        _log.debug("why", exc_info=True)
        return None
    return file
