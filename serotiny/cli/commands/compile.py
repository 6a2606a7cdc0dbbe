"""`serotiny compile`: write the plan of a job."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from serotiny.api.compile import compile
from serotiny.cli.faults import tell_faults
from serotiny.cli.options import no_cache_option, project_options
from serotiny.compiler.plan.plan_file import write_plan
from serotiny.schemas.names import OPERATIONS


@click.command("compile")
@click.argument("operation", type=click.Choice(OPERATIONS))
@click.argument("overrides", nargs=-1, metavar="[OVERRIDE]...")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; stdout without.",
)
@no_cache_option
@project_options
def command(
    operation: str,
    overrides: tuple[str, ...],
    output: Path | None,
    config_dir: Path | None,
    trusted: tuple[str, ...],
) -> int:
    """Compile one job and write its plan, for `serotiny OPERATION --plan FILE`."""
    compilation = compile(operation, overrides, config_dir, trusted=trusted)
    tell_faults(compilation)
    if not compilation.is_sound:
        return 1
    if len(compilation.jobs) > 1:
        raise click.UsageError(
            f"a plan is of one job, and this call asks for a sweep of {len(compilation.jobs)}"
        )
    plan = compilation.plan
    if output is None:
        sys.stdout.write(plan.to_json())
    else:
        write_plan(plan, output)
    return 0
