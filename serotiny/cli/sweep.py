"""The record of a sweep around its jobs: the run in which they are nested, and the table at the end."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click

from serotiny.cli.job_task import Where
from serotiny.cli.run_names import Outlook, settings_of_job
from serotiny.compiler.job import Compilation
from serotiny.credentials.detection import mask_source
from serotiny.schemas.mlflow import MlflowConfig
from serotiny.sweeps.files import write_sweep
from serotiny.sweeps.notes import noted_outcomes
from serotiny.sweeps.outcome import JobOutcome, JobStatus, SweepTable
from serotiny.sweeps.table import render_table
from serotiny.tracking import TrackingError
from serotiny.tracking.session import EndStatus
from serotiny.tracking.sweep_run import SweepRun, open_sweep_run

_log = logging.getLogger(__name__)

_LEFT: Final = frozenset(
    {JobStatus.FAILED, JobStatus.INTERRUPTED, JobStatus.NOT_STARTED, JobStatus.NO_RESULT}
)
"""How a job ended that a later call goes on with."""


@dataclass(frozen=True)
class SweepRecord:
    """The record of a running sweep.

    Attributes:
        runs: one run of the sweep in each store and experiment in which its jobs are recorded.
        outlook: what was known of the jobs' run names at the start; None where the store was not asked.
        title: the command, with credentials masked.
    """

    runs: dict[Where, SweepRun]
    outlook: Outlook | None
    title: str

    @classmethod
    def open(
        cls,
        compilation: Compilation,
        operation: str,
        overrides: Sequence[str],
        root: Path,
        outlook: Outlook | None,
    ) -> SweepRecord:
        """Open the runs of the sweep; there are none for `test` and `predict`, whose jobs use existing runs.

        Raises:
            TrackingError: a store cannot be reached or refuses.
        """
        title = shlex.join(["serotiny", operation, "-m", *(mask_source(text).text for text in overrides)])
        asked: dict[Where, tuple[MlflowConfig, list[str | None]]] = {}
        for job in compilation.jobs if operation == "train" else ():
            settings = settings_of_job(job)
            if settings.tracking_uri is not None:
                where = (settings.tracking_uri, settings.experiment_name)
                asked.setdefault(where, (settings, []))[1].append(settings.run_name)
        runs = {
            where: open_sweep_run(settings, names, root, title) for where, (settings, names) in asked.items()
        }
        return cls(runs, outlook, title)

    @property
    def parents(self) -> dict[Where, str]:
        """The ids of its runs."""
        return {where: run.run_id for where, run in self.runs.items()}

    def end(
        self, returned: Sequence[JobOutcome], folder: Path | None, status: EndStatus | None
    ) -> SweepTable:
        """Write the result of the sweep to its folder and its runs.

        Args:
            returned: the outcomes that the launcher returned; those of other jobs are read from `folder`.
            folder: the folder of the sweep.
            status: the status of the sweep's runs; None derives it from the jobs.
        """
        outcomes = {outcome.number: outcome for outcome in (noted_outcomes(folder) if folder else ())}
        outcomes |= {outcome.number: outcome for outcome in returned}
        table = SweepTable.of([self._with_what_was_known(outcome) for outcome in outcomes.values()])
        files: list[Path] = []
        if folder is not None and table.outcomes:
            try:
                files = write_sweep(table, folder, self.title)
            except OSError as error:
                _log.warning("the table of the sweep cannot be written to %s: %s", folder, error)
        was_interrupted = any(outcome.status is JobStatus.INTERRUPTED for outcome in table.outcomes)
        ended: EndStatus = status or (
            "KILLED" if was_interrupted else "FINISHED" if table.is_sound else "FAILED"
        )
        for run in self.runs.values():
            try:
                run.close(ended, files)
            except TrackingError as error:
                _log.warning("%s; it lies in %s", error, folder)
        return table

    def how_to_go_on(self, table: SweepTable) -> str | None:
        """What to do about the jobs that have not ended well; None where none can be gone on with."""
        left = [outcome for outcome in table.outcomes if outcome.status in _LEFT]
        if not left or not self.runs:
            return None
        if all(outcome.run_name is not None for outcome in left):
            return "the same command goes on with what is left"
        return "the same command starts every job anew: `++mlflow.run_name` with a name for each job lets it go on with what is left"

    def _with_what_was_known(self, outcome: JobOutcome) -> JobOutcome:
        """The outcome; for a job that had nothing left to do, with metric and duration of its finished run."""
        found = self.outlook.names.get(outcome.number) if self.outlook is not None else None
        run = found.run if found is not None else None
        if outcome.status is not JobStatus.SKIPPED or run is None or run.run_id != outcome.run_id:
            return outcome
        took_ms = None if run.end_ms is None else run.end_ms - run.start_ms
        return replace(
            outcome,
            value=run.metrics.get(outcome.metric or "", outcome.value),
            duration_s=None if took_ms is None else took_ms / 1000,
        )


def tell_sweep(table: SweepTable, folder: Path | None) -> None:
    """Print the table, and where the pictures are."""
    if table.outcomes:
        click.echo(render_table(table))
        if folder is not None:
            click.echo(f"pictures and table in {folder}")
