"""Ask MLflow what compiled jobs would do with the run names that they ask for; nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from serotiny.compiler.hydra.names import HYDRA
from serotiny.compiler.job import Compilation, Job
from serotiny.compiler.tree import Unknown, select
from serotiny.diagnostics import NOWHERE, Diagnostic, Place, merge_jobs
from serotiny.diagnostics.counts import counted
from serotiny.plain_config import join
from serotiny.report.report import Report, RunOutlook
from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking.lookup import Action, NameReport, look_up
from serotiny.tracking.reservation.run_record import NameState
from serotiny.tracking.session import AskedRun


@dataclass(frozen=True)
class Outlook:
    """What each sound job of a call would do, by the job's number."""

    compilation: Compilation
    names: Mapping[int, NameReport]

    @property
    def faults(self) -> Iterator[Diagnostic]:
        """SER401, SER403 to SER407 and SER409, for the jobs that could not start."""
        for index, found in self.names.items():
            if found.diagnostic is not None:
                job = self.compilation.jobs[index]
                key = found.diagnostic.key or ""
                if key == "mlflow.run_name" and settings_of_job(job).run_id is not None:
                    key = "mlflow.run_id"
                yield replace(found.diagnostic, place=_place_of(key, job), key=key, jobs=(index,))

    def summary(self) -> str:
        """One line: how many jobs are new, finished, failed, refused."""
        counts = dict.fromkeys(
            ("new", "finished (skipped)", "failed (resumed)", "finished (go on)", "used", "refused"), 0
        )
        for found in self.names.values():
            counts[_becomes(found)] += 1
        told = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
        return f"{counted(len(self.names), 'job')}: {told}"

    def with_runs(self, report: Report) -> Report:
        """The report with what the jobs would do with each run name."""
        jobs: dict[tuple[str, str], list[int]] = {}
        for index in self.names:
            settings = settings_of_job(self.compilation.jobs[index])
            jobs.setdefault((settings.experiment_name, self.names[index].name), []).append(index)
        runs = [
            RunOutlook(
                name=name,
                experiment=experiment,
                action=self.names[indices[0]].action.value,
                note=self.names[indices[0]].note,
                jobs=tuple(indices),
            )
            for (experiment, name), indices in jobs.items()
        ]
        diagnostics = tuple(merge_jobs([*report.diagnostics, *self.faults]))
        return replace(report, diagnostics=diagnostics, runs=tuple(runs))


def outlook_on(compilation: Compilation, root: Path) -> Outlook:
    """Ask each tracking store about all run names of an experiment at once.

    Raises:
        TrackingError: a store cannot be reached.
    """
    asked: dict[str, tuple[MlflowConfig, list[int]]] = {}
    runs: dict[int, AskedRun] = {}
    for index, job in enumerate(compilation.jobs):
        if job.composed.operation is not None and job.is_sound:
            settings = settings_of_job(job)
            run = _asked_by(job, settings, None if compilation.is_sweep else _folder_of(job))
            if run is None:
                continue
            runs[index] = run
            where = settings.model_copy(update={"run_name": None})
            asked.setdefault(where.model_dump_json(), (where, []))[1].append(index)
    found: dict[int, NameReport] = {}
    for settings, jobs in asked.values():
        reports = look_up(settings, [runs[index] for index in jobs], root)
        found |= dict(zip(jobs, reports, strict=True))
    return Outlook(compilation, dict(sorted(found.items())))


def _asked_by(job: Job, settings: MlflowConfig, run_dir: Path | None) -> AskedRun | None:
    """The run that a job asks for; None if only the running job knows the checkpoint, or the folder, that it uses."""
    plan = job.plan()
    checkpoint = plan.config.get("ckpt_path")
    is_elsewhere = settings.tracking_uri is None and run_dir is None and not _is_in_new_folder(job)
    is_open = is_elsewhere or ("ckpt_path",) in plan.open_keys
    if plan.operation != "train" and is_open:
        return None
    return AskedRun(
        operation=plan.operation,
        run_name=settings.run_name,
        logged_config=plan.logged_config,
        identity=plan.identity,
        project_root=Path(plan.project_root),
        ckpt_path=checkpoint if checkpoint is None else str(checkpoint),
        job_keys=frozenset(map(join, plan.open_keys)),
        run_dir=run_dir,
    )


def _folder_of(job: Job) -> Path | None:
    """The folder that was given for a job; None for one named by the time, and where only the running job knows it."""
    named = select(job.resolved.hydra, ("run", "dir")) if job.resolved.hydra is not None else None
    if named is None or not isinstance(named.value, str) or _is_in_new_folder(job):
        return None
    return job.composed.project.root / named.value


def _is_in_new_folder(job: Job) -> bool:
    """Whether the job's folder is named by the time, so that it holds nothing when the job starts."""
    hydra = job.composed.hydra
    if hydra is None:  # the call says nothing of folders
        return True
    named = select(hydra.tree, ("run", "dir"))
    return named is not None and isinstance(named.value, str) and "${now:" in named.value


def _becomes(found: NameReport) -> str:
    match found.action:
        case Action.CREATE:
            return "new"
        case Action.USE:
            return "used"
        case Action.REFUSE:
            return "refused"
        case Action.SKIP | Action.CONTINUE_IF_LONGER:
            return "finished (skipped)"
        case Action.RESUME:
            return "finished (go on)" if found.state is NameState.FINISHED else "failed (resumed)"


def settings_of_job(job: Job) -> MlflowConfig:
    """The job's `mlflow` group; a run name that only the running job knows is None."""
    node, trainer = job.resolved.root.get("mlflow"), _trainer_of(job)
    content: dict[str, Any] = (node.plain() if node is not None else None) or {}
    settings = MlflowConfig.model_validate(content)
    named = node.get("run_name") if node is not None else None
    is_trial = job.composed.operation == "train" and trainer.get("fast_dev_run")
    nowhere = {"tracking_uri": None} if is_trial else {}
    made_in_the_job = {"run_name": None} if named is not None and isinstance(named.value, Unknown) else {}
    return settings.model_copy(update={**nowhere, **made_in_the_job})


def _trainer_of(job: Job) -> dict[str, Any]:
    node = job.resolved.root.get("trainer")
    return (node.plain() if node is not None else None) or {}


def _place_of(key: str, job: Job) -> Place:
    keys = tuple(key.split("."))
    if keys[0] == HYDRA:
        node = None if job.resolved.hydra is None else select(job.resolved.hydra, keys[1:])
    else:
        node = select(job.resolved.root, keys)
    return NOWHERE if node is None else node.written_at
