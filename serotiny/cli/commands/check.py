"""`serotiny check config`: everything that is wrong, at once, in place; nothing is run."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from serotiny.api.compilation import Compilation
from serotiny.api.compile import check_project, compile_call, project_report
from serotiny.cache.parts import Parts
from serotiny.cli.options import (
    format_option,
    no_cache_option,
    open_project,
    project_options,
    tell_recognised,
    with_selection,
)
from serotiny.compiler.project import Project, projects_beside
from serotiny.diagnostics import closest
from serotiny.diagnostics.counts import counted
from serotiny.report.formats import Format, renderer_of
from serotiny.report.report import Report


class _Group(click.Group):
    """Takes an operation or an override for what `check config` is to be asked about."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            first, *others = args
            asked = others if closest(first, self.commands) else ["train", *args] if "=" in first else args
            call = shlex.join(["serotiny", "check", "config", *asked])
            raise click.UsageError(f"there is no command `check {first}`; did you mean `{call}`?", ctx)
        return super().resolve_command(ctx, args)


@click.group("check", cls=_Group)
def command() -> None:
    """Say what is wrong, without running anything."""


@command.command("config")
@click.argument("arguments", nargs=-1, metavar="[train|test|predict|CONFIG [OVERRIDE]...]")
@click.option("-m", "--multirun", is_flag=True, help="Check every job of the sweep.")
@click.option("--runs", is_flag=True, help="Ask MLflow about the run names too.")
@no_cache_option
@click.option(
    "--select", "selected", multiple=True, metavar="CODE", help="Tell only these codes: SER303, or SER3."
)
@click.option("--ignore", "ignored", multiple=True, metavar="CODE", help="Do not tell these codes.")
@click.option(
    "--baseline", type=click.Path(path_type=Path), help="Tell only what this file does not know to be wrong."
)
@click.option(
    "--write-baseline",
    type=click.Path(path_type=Path),
    help="Write what is wrong now to a file for --baseline, and exit with status 0.",
)
@format_option((name.value for name in Format), "How to report.")
@project_options
@click.pass_context
def config(
    context: click.Context,
    arguments: tuple[str, ...],
    multirun: bool,
    runs: bool,
    selected: tuple[str, ...],
    ignored: tuple[str, ...],
    baseline: Path | None,
    write_baseline: Path | None,
    output_format: str,
    config_dir: Path | None,
    trusted: tuple[str, ...],
) -> int:
    """Compile the configs of this project and report all that is wrong.

    Without arguments: every primary config (train, test and predict, or those of another project),
    and every option of every group. With an operation, or a primary config, and overrides: exactly that call.
    """
    if multirun and not arguments:
        raise click.UsageError("-m needs an operation and overrides to sweep over")
    project = with_selection(open_project(config_dir, trusted), selected, ignored)
    if not context.obj["quiet"]:
        tell_recognised(project, checks_others=not arguments)
    parts: Parts | None = context.obj["parts"]
    compilation: Compilation | None = None
    if arguments:
        asked, name = _with_folder(project, arguments[0])
        compilation = compile_call(asked, name, arguments[1:], multirun=multirun)
    elif parts is None and not project.other_folders:
        compilation = check_project(project)
    report = (
        project_report(project, parts, projects_beside(project))
        if compilation is None
        else compilation.report
    )
    if baseline is not None:
        from serotiny.report.baseline import only_new

        report = only_new(report, baseline)
    if write_baseline is not None:
        from serotiny.report.baseline import write_baseline as write

        count = write(report, write_baseline)
        click.echo(f"{counted(count, 'known fault')} in {write_baseline}", err=True)
        return 0
    if runs and compilation is not None:
        from serotiny.cli.run_names import outlook_on

        report = outlook_on(compilation, report.root).with_runs(report)
    _show(report, Format(output_format), quiet=context.obj["quiet"], verbose=context.obj["verbose"])
    return 1 if report.errors else 0


def _with_folder(project: Project, name: str) -> tuple[Project, str]:
    """The project of a primary config that is named with another folder of configs, and its name there."""
    for other in projects_beside(project) if "/" in name else ():
        folder = f"{other.shown(other.config_folders[0])}/"
        if name.startswith(folder):
            return other, name.removeprefix(folder)
    return project, name


def _show(report: Report, report_format: Format, quiet: bool, verbose: bool) -> None:
    if report_format is Format.TEXT:
        from serotiny.report.terminal import style_for
        from serotiny.report.text import render_text

        if report.diagnostics or not quiet:
            sys.stdout.write(render_text(report, style_for(sys.stdout), each_place=verbose))
    else:
        sys.stdout.write(renderer_of(report_format)(report))
