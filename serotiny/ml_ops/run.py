"""Run a plan: open the run, build the job, do its work, close the run."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from serotiny.compiler.plan.plan import Plan
from serotiny.compiler.validation.judge import TargetJudge
from serotiny.credentials.known import KnownSecrets
from serotiny.diagnostics.errors import Interruption, JobError, JobInterruptedError, SerotinyError
from serotiny.ml_ops.checkpoints.candidates import Candidate, candidates, no_whole_checkpoint
from serotiny.ml_ops.checkpoints.filed import refuse_filed_run
from serotiny.ml_ops.extras import applied_extras
from serotiny.ml_ops.failure import (
    add_what_is_known,
    deepest_frame,
    failure_text,
    raised_by_code,
)
from serotiny.ml_ops.instantiation import RefusedTargetError
from serotiny.ml_ops.job import BuiltJob, JobResult
from serotiny.ml_ops.lightning.accelerator import refuse_missing_accelerator
from serotiny.ml_ops.lightning.package import lightning_of, trainer_node
from serotiny.ml_ops.lightning.quiet import quiet_lightning
from serotiny.ml_ops.next_step import after_interruption
from serotiny.ml_ops.ranks.handover import Handover
from serotiny.ml_ops.record.outcome import close, record_failure, record_log
from serotiny.ml_ops.record.page import record_page
from serotiny.ml_ops.record.plan import record_plan
from serotiny.ml_ops.record.request import request_of, settings_of
from serotiny.ml_ops.resume.stop_request import StopRequest
from serotiny.tracking import layout, open_run
from serotiny.tracking.session import FROM_THE_START, Finished, Refusal, RunRefusedError, RunSession

if TYPE_CHECKING:
    from serotiny.ml_ops.checkpoints.choice import ChosenCheckpoint
    from serotiny.ml_ops.ranks.followers import RankFailedError

_log = logging.getLogger(__name__)


def run(
    plan: Plan,
    run_dir: Path,
    on_built: Callable[[BuiltJob], None] | None = None,
    parent_run_id: str | None = None,
) -> JobResult:
    """Reserve or resume the plan's run, do its work, and close it.

    Args:
        plan: a plan without errors, whose targets have been judged.
        run_dir: the job's folder, which is created if it does not exist.
        on_built: called with the built job before its work begins.
        parent_run_id: the run of the sweep that the job belongs to.

    Returns:
        The result; if nothing was left to do, `notes` says so.

    Raises:
        RunRefusedError: a target that became known in the job may not be called (SER5xx), the name is taken, the
            config has changed, or there is nothing to test (SER4xx).
        JobError: the job failed or was interrupted (then its run is KILLED, or not made at all), or asks for hardware
            that this machine does not have.
        SerotinyError: the tracking store cannot be reached, or a checkpoint cannot be used.
    """
    refused = tuple(TargetJudge.of_plan(plan).config_faults(plan.config))
    if refused:
        raise RunRefusedError(refused)
    refuse_missing_accelerator(trainer_node(plan.config), lightning_of(plan.config))
    refuse_filed_run(plan, settings_of(plan))
    with StopRequest() as stop:
        # a run that was claimed and not closed would count as alive
        stop.hold()
        try:
            opened = open_run(settings_of(plan), request_of(plan, run_dir, parent_run_id), stop.let_through)
        except Interruption as interruption:
            text = f"{interruption}, and nothing was recorded: the same command starts the job"
            raise JobInterruptedError(text) from None
        if isinstance(opened, Refusal):
            raise RunRefusedError(opened.diagnostics)
        if isinstance(opened, Finished):
            return JobResult(
                operation=plan.operation,
                run_id=opened.run_id,
                run_name=opened.run_name,
                status="FINISHED",
                run_dir=run_dir,
                final_metrics=dict(opened.metrics),
                is_skipped=True,
                notes=(opened.reason,),
            )
        result = _OpenJob(plan, run_dir, opened, stop, on_built).result()
    return replace(result, notes=(*opened.info.notes, *result.notes))


@dataclass(frozen=True)
class _OpenJob:
    """A job whose run is open.

    Attributes:
        plan: the plan.
        run_dir: the job's folder.
        session: the open run.
        stop: the signals that ask the job to stop.
        on_built: called with the built job before its work begins.
    """

    plan: Plan
    run_dir: Path
    session: RunSession
    stop: StopRequest
    on_built: Callable[[BuiltJob], None] | None

    def result(self) -> JobResult:
        """Run the job, and close its run however the job ends, also when a second signal comes while it is closed.

        Raises:
            JobError: the job failed or was interrupted; the run has the status FAILED or KILLED, and the traceback is in
                `traceback.txt` in `run_dir`.
            SerotinyError: a checkpoint that it needs cannot be used.
        """
        try:
            return self._closed()
        except Interruption as interruption:
            close(self.session, "KILLED", at_once=True)
            raise self._interrupted(interruption) from None

    def _closed(self) -> JobResult:
        try:
            self.stop.release()
            result = self._done()
            self.stop.job_ends()
        except Interruption as interruption:
            self.stop.job_ends()
            if self.plan.operation == "train":
                record_page(self.session, "KILLED")
            close(self.session, "KILLED")
            raise self._interrupted(interruption) from None
        except (
            BaseException
        ) as raised:  # a signal is an `Interruption`: any other one comes from the job's code
            self.stop.job_ends()
            error = raised_by_code(raised)
            self._record_failure(error)
            told = self._told(error)
            if told is error:
                raise
            raise told from error
        record_log(self.run_dir, self.session, self._secrets())
        page = record_page(self.session, "FINISHED") if self.plan.operation == "train" else None
        notes = close(self.session, "FINISHED")
        return replace(result, page=page, notes=(*result.notes, *notes))

    def _done(self) -> JobResult:
        plan, session = self.plan, self.session
        record_plan(plan, session)
        found = self._judged_checkpoints()
        # here: they import torch and Lightning, for which a checkpoint that is refused has not to wait
        from serotiny.ml_ops.build import build_job
        from serotiny.ml_ops.operations import work
        from serotiny.ml_ops.ranks.followers import Followers

        with (
            applied_extras(plan, self.run_dir),
            quiet_lightning(lightning_of(plan.config), verbose=_log.isEnabledFor(logging.DEBUG)),
        ):
            followers = Followers(on_stuck=self._end_at_once)
            self.stop.tell(followers.forward)
            job = build_job(plan, self.run_dir, session, self.stop, followers)
            if job.trainer.world_size > 1:
                self.stop.when_stuck(followers.end_at_once)
            if self.on_built is not None:
                self.on_built(job)
            checkpoint = self._chosen(found, job)
            handover = self._handover(checkpoint)
            # torchrun sends the others a signal when a process has died: the failure has to be known by then, or to stay
            with followers.led(handover, job.trainer.world_size), self.stop.until_failure():
                try:
                    result = work(job, checkpoint)
                except Exception as error:
                    parts = (job.model, job.datamodule, *job.trainer.callbacks)
                    add_what_is_known(error, parts, Path(plan.project_root))
                    raise
        is_again = plan.operation == "train" and session.info.generation > 1 and checkpoint is None
        return replace(result, notes=(FROM_THE_START, *result.notes)) if is_again else result

    def _judged_checkpoints(self) -> Iterator[Candidate]:
        """The checkpoints to start from, the first of which has been fetched and judged.

        Raises:
            CheckpointError: the one that the user named cannot be used, or there is none to test or to predict with.
        """
        found = candidates(self.plan, self.session, self.run_dir / layout.CHECKPOINT_FOLDER)
        first = next(found, None)
        if first is None and self.plan.operation != "train":
            raise no_whole_checkpoint(self.session.info.run_name)
        return found if first is None else chain([first], found)

    def _chosen(self, found: Iterator[Candidate], job: BuiltJob) -> ChosenCheckpoint | None:
        from serotiny.ml_ops.checkpoints.choice import choose

        if self.plan.operation == "train":
            return choose(found, self.session, goes_on_in=job.checkpoints.folder)
        used = choose(found, self.session, goes_on_in=None)
        if used is None:
            raise no_whole_checkpoint(self.session.info.run_name)
        job.logger.evaluated_step = used.step
        return used

    def _handover(self, checkpoint: ChosenCheckpoint | None) -> Handover:
        info = self.session.info
        return Handover.of(
            self.plan,
            run_dir=self.run_dir,
            run_id=info.run_id,
            run_name=info.run_name,
            has_drifted=info.has_drifted,
            checkpoint=None if checkpoint is None else checkpoint.path,
            import_paths=tuple(sys.path),
        )

    def _secrets(self) -> KnownSecrets:
        return KnownSecrets.between(self.plan.config, self.plan.logged_config)

    def _record_failure(self, error: BaseException) -> None:
        record_failure(error, self.plan, self.run_dir, self.session, self._secrets())

    def _interrupted(self, interruption: Interruption) -> JobInterruptedError:
        return JobInterruptedError(f"{interruption}; {after_interruption(self.plan, self.session.info)}")

    def _told(self, error: BaseException) -> SerotinyError:
        """The error as the user is told of it, with secrets masked; one of ours keeps its class and so its exit status."""
        mask = self._secrets().mask
        if not isinstance(error, SerotinyError):
            headline = f"the job failed: {type(error).__name__}: {error}".removesuffix(": ")
            return JobError(mask(self._text(error, headline)))
        if deepest_frame(error, Path(self.plan.project_root)) is not None:
            return JobError(mask(self._text(error, str(error))))
        is_of_job = isinstance(error, JobError) and not isinstance(error, RefusedTargetError)
        error.args = (mask(self._text(error, str(error)) if is_of_job else str(error)),)
        return error

    def _text(self, error: BaseException, headline: str) -> str:
        return failure_text(error, headline, self.plan, self.run_dir, self.session.info)

    def _end_at_once(self, failure: RankFailedError) -> None:
        """Record the failure and end the process, from a thread, while rank 0 hangs waiting for a dead process."""
        _log.error("%s", failure)
        self._record_failure(failure)
        os._exit(failure.exit_status)
