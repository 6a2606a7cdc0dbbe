"""`serotiny rehearse`: try a training in small before it is queued."""

from __future__ import annotations

from pathlib import Path

import click

from serotiny.cli.call import Call, project_that_runs
from serotiny.cli.options import project_options


@click.command("rehearse")
@click.argument("operation", type=click.Choice(["train"]))
@click.argument("overrides", nargs=-1, metavar="[OVERRIDE]...")
@click.option(
    "--largest-batch", is_flag=True, help="Tell the largest batch for which there is memory here, too."
)
@project_options
@click.pass_context
def command(
    context: click.Context,
    operation: str,
    overrides: tuple[str, ...],
    largest_batch: bool,
    config_dir: Path | None,
    trusted: tuple[str, ...],
) -> int:
    """Try a training in small before it is queued.

    Two batches of each loop; a checkpoint is written and read again, predictions too. Nothing is recorded,
    and nothing is left. Tells parameters, memory, rows a second, and how long the job will take here.
    """
    call = Call(
        project=project_that_runs(operation, config_dir, trusted),
        operation=operation,
        overrides=overrides,
        multirun=False,
        quiet=context.obj["quiet"],
    )
    return call.rehearse(largest_batch)
