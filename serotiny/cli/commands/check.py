"""`serotiny check config`: everything that is wrong, at once, in place; nothing is run."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from serotiny.cli.options import format_option, open_compiler, open_project, project_options
from serotiny.report.formats import Format, renderer_of
from serotiny.report.report import Report
from serotiny.schemas.names import OPERATIONS


@click.group("check")
def command() -> None:
    """Say what is wrong, without running anything."""


@command.command("config")
@click.argument("arguments", nargs=-1, metavar="[train|test|predict [OVERRIDE]...]")
@click.option("-m", "--multirun", is_flag=True, help="Check every job of the sweep.")
@click.option("--runs", is_flag=True, help="Ask MLflow about the run names too.")
@format_option((name.value for name in Format), "How to report.")
@project_options
@click.pass_context
def config(
    context: click.Context,
    arguments: tuple[str, ...],
    multirun: bool,
    runs: bool,
    output_format: str,
    config_dir: Path | None,
    trusted: tuple[str, ...],
) -> int:
    """Compile the configs of this project and report all that is wrong.

    Without arguments: train, test and predict, and every option of every group. With an operation
    and overrides: exactly that call.
    """
    operation = _operation(arguments, multirun)
    project = open_project(config_dir, trusted)
    compiler = open_compiler(project)
    if operation is None:
        compilation = compiler.compile_project()
    else:
        compilation = compiler.compile_call(operation, arguments[1:], multirun)
    report = Report(len(compilation.jobs), compilation.diagnostics, project.root)
    if runs:
        from serotiny.cli.run_names import with_outlook

        report = with_outlook(report, compilation)
    _show(report, Format(output_format), quiet=context.obj["quiet"])
    return 1 if report.errors else 0


def _operation(arguments: tuple[str, ...], multirun: bool) -> str | None:
    if not arguments:
        if multirun:
            raise click.UsageError("-m needs an operation and overrides to sweep over")
        return None
    if arguments[0] not in OPERATIONS:
        raise click.UsageError(f"`{arguments[0]}` is no operation: name train, test or predict first")
    return arguments[0]


def _show(report: Report, report_format: Format, quiet: bool) -> None:
    if report_format is Format.TEXT:
        from serotiny.report.terminal import style_for
        from serotiny.report.text import render_text

        if report.diagnostics or not quiet:
            sys.stdout.write(render_text(report, style_for(sys.stdout)))
    else:
        sys.stdout.write(renderer_of(report_format)(report))
