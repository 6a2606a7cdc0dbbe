"""`serotiny runs`: list the runs of an experiment, send what is left of one, clear up what died."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from serotiny.cli.options import format_option
from serotiny.cli.run_store import journal_store, reading_runs, run_store
from serotiny.cli.runs_table import runs_table
from serotiny.diagnostics import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

    from serotiny.tracking.reservation.run_record import RunRecord


_WIDTH = 80
"""Columns of the table where the output is no terminal."""


def _store_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--experiment", help="Another experiment than the config's."),
        click.option("--tracking-uri", help="Another store than the config's."),
    ):
        command = option(command)
    return command


@click.group("runs")
def command() -> None:
    """List, send and clear up runs."""


@command.command("list")
@_store_options
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="The newest N alone.")
@click.option("--filter", "pattern", metavar="PATTERN", help="A state (`failed`), or names (`vae-*`).")
@format_option(("text", "json"), "How to answer.")
@reading_runs()
def list_command(
    tracking_uri: str | None,
    experiment: str | None,
    limit: int | None,
    pattern: str | None,
    output_format: str,
) -> None:
    """List the runs of the experiment, the newest first."""
    from serotiny.tracking.maintenance import NothingRecordedError, list_runs

    settings, root = run_store(tracking_uri, experiment)
    try:
        runs = list_runs(settings, root, pattern, limit)
    except NothingRecordedError as error:
        if tracking_uri is not None or experiment is not None:
            raise
        click.echo("[]" if output_format == "json" else str(error))
        return
    if output_format == "json":
        click.echo(json.dumps([asdict(run) for run in runs], indent=2, ensure_ascii=False))
    elif runs:
        columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDTH
        click.echo(runs_table(runs, columns), nl=False)
    else:
        click.echo(_none_of(pattern, settings.experiment_name))


def _none_of(pattern: str | None, experiment: str) -> str:
    from serotiny.tracking.maintenance import STATES

    if pattern is None:
        return f"no runs in experiment `{experiment}`"
    nothing = f"no runs that `{pattern}` fits in experiment `{experiment}`"
    if pattern in STATES or any(sign in pattern for sign in "*?["):
        return nothing
    states = f"the states are {', '.join(STATES)}, and a part of a name is written `*{pattern}*`"
    return f"{nothing}; {did_you_mean(pattern, STATES) or states}"


@command.command("sync")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--tracking-uri", help="The store with its credentials, which are never written down.")
@reading_runs()
def sync_command(folder: Path, tracking_uri: str | None) -> int:
    """Send what the journals in FOLDER still hold; points that are there already are not sent again."""
    from serotiny.tracking.maintenance import sync

    uri, root = (tracking_uri, Path.cwd()) if tracking_uri is not None else journal_store(folder)
    left = sync(folder, uri, root=root)
    for item in left:
        click.echo(f"not sent: {item}", err=True)
    if not left:
        click.echo("everything is in the store")
    return 2 if left else 0


@command.command("clean")
@_store_options
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@reading_runs()
def clean_command(tracking_uri: str | None, experiment: str | None, yes: bool) -> None:
    """Delete abandoned claims and mark runs that died as FAILED; name runs that share a name."""
    from serotiny.tracking.maintenance import NothingRecordedError, plan_clean

    settings, root = run_store(tracking_uri, experiment)
    try:
        plan = plan_clean(settings, root)
    except NothingRecordedError as error:
        if tracking_uri is not None or experiment is not None:
            raise
        click.echo(f"nothing to clear up: {error}")
        return
    for runs in plan.duplicates:
        ids = ", ".join(run.run_id for run in runs)
        click.echo(f"{len(runs)} runs have the name `{runs[0].name}`: {ids}; choose with `mlflow.run_id=`")
    for claim in plan.abandoned_claims:
        click.echo(f"abandoned claim {_named(claim)}: will be deleted")
    for run in plan.stale_runs:
        click.echo(f"run {_named(run)} shows no sign of life: will be marked FAILED")
    if not plan.abandoned_claims and not plan.stale_runs:
        click.echo("nothing to clear up")
        return
    if yes or click.confirm("go on?"):
        plan.apply()
        click.echo("done")


def _named(run: RunRecord) -> str:
    return f"`{run.name}` ({run.run_id})"
