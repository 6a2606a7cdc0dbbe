"""The diagnostics of reserving: SER401 and SER403 to SER407."""

from __future__ import annotations

from collections.abc import Sequence

from serotiny.diagnostics import NOWHERE, Diagnostic, closest
from serotiny.schemas.mlflow import MlflowConfig
from serotiny.schemas.rules.names import NAME_RULES
from serotiny.tracking import layout
from serotiny.tracking.clock import now_ms
from serotiny.tracking.reservation.drift import Change
from serotiny.tracking.reservation.owner import is_alive_here
from serotiny.tracking.reservation.run_record import RunRecord

_RUN_NAME = "mlflow.run_name"
_RUN_ID = "mlflow.run_id"
_LONGEST_VALUE = 120


def malformed(key: str, name: str, fault: str) -> Diagnostic:
    """SER401 for a run's or an experiment's name."""
    return Diagnostic(
        "SER401",
        f"the name {name!r} {fault}",
        NOWHERE,
        key=key,
        help="choose another name: letters of any script, digits, spaces, `-`, `_`, `.` are all fine",
    )


def taken(run: RunRecord, finished: bool) -> Diagnostic:
    """SER404 or SER403: the run exists, and `mlflow.on_existing=error`."""
    return _refusal(
        "SER404" if finished else "SER403",
        f"run `{run.name}` {'has finished' if finished else 'exists already'}",
        help="choose another `mlflow.run_name`, or `++mlflow.on_existing=resume`",
        notes=(_run_note(run), "`mlflow.on_existing` is `error`"),
    )


def foreign(run: RunRecord) -> Diagnostic:
    """SER403: another tool made a run of that name."""
    return _refusal(
        "SER403",
        f"the run name `{run.name}` is taken by a run that serotiny did not make",
        help=f"choose another `mlflow.run_name`; to go on with that run all the same: `++mlflow.run_id={run.run_id}`",
        notes=(_run_note(run),),
    )


def of_sweep(run: RunRecord) -> Diagnostic:
    """SER403: the run is that of a sweep, in which those of its jobs are nested."""
    return _refusal(
        "SER403",
        f"`{run.name}` is the run of a sweep, whose jobs have runs of their own",
        help="name the run of one of its jobs, which `serotiny runs list` shows, or choose another name",
        notes=(_run_note(run),),
    )


def several(name: str, runs: Sequence[RunRecord]) -> Diagnostic:
    """SER403: more than one run has the name."""
    return _refusal(
        "SER403",
        f"{len(runs)} runs are called `{name}`",
        help=f"choose one, such as `++mlflow.run_id={runs[0].run_id}`, or rename the others",
        notes=tuple(_run_note(run) for run in runs),
    )


def alive(run: RunRecord) -> Diagnostic:
    """SER405: another process is training the run, or is about to; one elsewhere may also have died just now."""
    doing = "is being claimed" if run.is_pending else "is alive"
    return _refusal(
        "SER405",
        f"run `{run.name}` {doing} on {run.holder()}",
        help="wait for it to end, or choose another `mlflow.run_name`",
        notes=(_run_note(run), *_sign_notes(run)),
    )


def drift(run: RunRecord, changes: Sequence[Change]) -> Diagnostic:
    """SER406: the config differs from the one the run was started with."""
    differences = tuple(_shortened(str(change)) for change in changes)
    unknown = ("the config that it was started with is not stored; its identity differs",)
    return _refusal(
        "SER406",
        f"run `{run.name}` was started with another config",
        help="choose another `mlflow.run_name`, or resume it all the same with `++mlflow.on_drift=allow`",
        notes=(*(differences or unknown), _run_note(run)),
    )


def no_such_run(run_id: str, was_deleted: bool) -> Diagnostic:
    """SER407: there is no run with the given id, or not any more."""
    if was_deleted:
        message = f"run `{run_id}` was deleted"
        fix = f"restore it with `mlflow runs restore --run-id {run_id}`, or leave `mlflow.run_id` out"
    else:
        message = f"there is no run `{run_id}`"
        fix = "`serotiny runs list` shows the runs of the experiment"
    return _refusal("SER407", message, key=_RUN_ID, help=fix)


def elsewhere(run: RunRecord, asked: str, actual: str) -> Diagnostic:
    """SER407: the run with the given id is in another experiment, where others claim it."""
    return _refusal(
        "SER407",
        f"run `{run.run_id}` is in the experiment `{actual}`, not in `{asked}`",
        key=_RUN_ID,
        help=f"set `mlflow.experiment_name` to `{actual}`",
        notes=(_run_note(run),),
    )


def no_run_named(operation: str) -> Diagnostic:
    """SER407: `test` or `predict` without a run or a checkpoint."""
    return _refusal(
        "SER407",
        f"`{operation}` needs a trained run or a checkpoint, and none is named",
        help=f"name it: `serotiny {operation} ++mlflow.run_name=NAME`, or give `++ckpt_path=FILE`",
    )


def no_checkpoint_here(operation: str) -> Diagnostic:
    """SER407: `test` or `predict` without MLflow, in a folder without checkpoints."""
    return _refusal(
        "SER407",
        f"`{operation}` needs a checkpoint, and none is named",
        key="mlflow.tracking_uri",
        help="give one: `++ckpt_path=FILE`; with `mlflow.tracking_uri: null` no run is found by its name",
    )


def nothing_to_resume(name: str, operation: str) -> Diagnostic:
    """SER407: `test` or `predict` of a name that no run has."""
    return _refusal(
        "SER407",
        f"there is no run `{name}` to {operation}",
        help=f"`serotiny runs list` shows the runs there are; train it first, or give a checkpoint: "
        f"`serotiny {operation} ++ckpt_path=FILE`",
    )


def no_checkpoint(run: RunRecord, operation: str) -> Diagnostic:
    """SER407: the run has no checkpoint, since it ended before its first one, or writes none."""
    first = "train it with `++trainer.enable_checkpointing=True`"
    if not run.is_ours:
        first = f"train into it with `serotiny train ++mlflow.run_id={run.run_id}`"
    elif run.status != "FINISHED":
        first = "call `serotiny train` with its name again: it ended before its first checkpoint"
    return _refusal(
        "SER407",
        f"run `{run.name}` has no checkpoint to {operation}",
        help=f"{first}, or give one: `++ckpt_path=FILE`",
        notes=(_run_note(run),),
    )


def checkpoint_gone(run: RunRecord, name: str) -> Diagnostic:
    """SER407: a checkpoint of the run is recorded, and its file is not among the artifacts any more."""
    again = f", train it again under another name: `serotiny train ++mlflow.run_name={run.name}-2`"
    return _refusal(
        "SER407",
        f"the checkpoint `{name}` of run `{run.name}` is recorded, but its file is gone",
        help=f"put it back among the run's artifacts, give a file: `++ckpt_path=FILE`{again}",
        notes=(_run_note(run),),
    )


def no_checkpoint_named(run_name: str, given: str, known: Sequence[str]) -> Diagnostic:
    """SER407: `ckpt_path` is neither a file nor the name of a checkpoint of the run."""
    meant = closest(given.removesuffix(".ckpt"), known)
    has = f"it has {', '.join(known)}" if known else "it has none"
    return _refusal(
        "SER407",
        f"run `{run_name}` has no checkpoint `{given}`",
        key="ckpt_path",
        help=None if meant else f"{has}; a file is named by its path, relative to the project's folder",
        suggestion=meant,
        notes=(has,) if meant else (),
    )


def no_checkpoint_file(given: str) -> Diagnostic:
    """SER407: `ckpt_path` is no file, and there is no run whose checkpoint it could name."""
    return _refusal(
        "SER407",
        f"there is no checkpoint `{given}`",
        key="ckpt_path",
        help="a relative path counts from the project's folder; `best` and `last` name those of a run",
    )


def several_best(run_name: str, names: Sequence[str]) -> Diagnostic:
    """SER407: `ckpt_path` is `best`, and several metrics are monitored."""
    return _refusal(
        "SER407",
        f"`best` may mean several checkpoints of run `{run_name}`",
        key="ckpt_path",
        help=f"choose one of {', '.join(names)}, as in `++ckpt_path={names[0]}`",
    )


def _refusal(
    code: str,
    message: str,
    *,
    help: str | None,
    key: str = _RUN_NAME,
    notes: tuple[str, ...] = (),
    suggestion: str | None = None,
) -> Diagnostic:
    """A diagnostic about the run that the config names; it has no place in a file."""
    return Diagnostic(code, message, NOWHERE, key=key, help=help, notes=notes, suggestion=suggestion)


def _run_note(run: RunRecord) -> str:
    metric = f", {run.holder()}" if run.is_ours else ""
    return f"run {run.run_id} ({run.status}{metric})"


def _sign_notes(run: RunRecord) -> tuple[str, ...]:
    """Until when a process that cannot be looked up from here may be dead without anybody's knowing."""
    age_s = (now_ms() - run.last_sign_ms) / 1000
    left_s = run.stale_after_ms / 1000 - age_s
    if is_alive_here(run.tags.get(layout.TAG_PROCESS, "")) or age_s < 0 or left_s < 0:
        return ()
    return (
        f"its last sign of life is {age_s:.0f} s old; if its process has died, the name can be had in {left_s:.0f} s",
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def faults_of_names(settings: MlflowConfig, run_name: str | None) -> tuple[Diagnostic, ...]:
    """SER401 for an invalid name of the run, of the experiment, or both."""
    names = {"run_name": run_name, "experiment_name": settings.experiment_name}
    return tuple(
        malformed(f"mlflow.{field}", name, fault)
        for field, name in names.items()
        if name is not None and (fault := NAME_RULES[field](name))
    )
