"""`serotiny diff`: the values that differ between two calls, plans or recorded runs."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from serotiny.api.compile import compile_call
from serotiny.cli.faults import tell_faults
from serotiny.cli.options import format_option, open_project, project_options
from serotiny.compiler.plan.plan_file import read_plan
from serotiny.compiler.project import Project
from serotiny.compiler.queries.diff import Side, diff
from serotiny.compiler.syntax.document import read_document
from serotiny.diagnostics import SerotinyError
from serotiny.diagnostics.suggestions import closest
from serotiny.filesystem import is_file
from serotiny.schemas.names import OPERATIONS

_FORMS = (
    'what can be compared is a call in quotes ("train model=vae"), a plan file, and the name or id of a run'
)


@click.command("diff")
@click.argument("left", metavar="A")
@click.argument("right", metavar="B")
@format_option(("text", "json"), "How to answer.")
@project_options
def command(
    left: str, right: str, output_format: str, config_dir: Path | None, trusted: tuple[str, ...]
) -> int:
    """Say which values differ between A and B, and what set each.

    A and B are each a call in quotes ("train model=vae"), a plan file that `serotiny compile` wrote,
    or the name or id of an MLflow run. Spelling is no difference: 1e-3 is 0.001.
    """
    project = open_project(config_dir, trusted)
    sides: list[Side] = []
    for text in (left, right):
        side = _Inputs(project).side(text)
        if side is None:
            return 1
        sides.append(side)
    found = diff(*sides)
    if output_format == "json":
        from serotiny.report.diff import render_diff_json

        sys.stdout.write(render_diff_json(left, right, found))
    else:
        from serotiny.report.diff import render_diff
        from serotiny.report.terminal import style_for

        sys.stdout.write(render_diff(left, right, found, style_for(sys.stdout)))
    return 0


@dataclass(frozen=True)
class _Inputs:
    """Turns the arguments of the command into configs."""

    project: Project

    def side(self, text: str) -> Side | None:
        """One side; None when its configuration has errors, which are then printed.

        Raises:
            SerotinyError: it is neither a call, nor a plan, nor a run.
        """
        words = _words(text)
        if words and words[0] in OPERATIONS:
            return self._call(text, words[0], words[1:])
        if is_file(Path(text)):
            return _plan(text)
        return self._run(text)

    def _call(self, text: str, operation: str, overrides: list[str]) -> Side | None:
        options = [word for word in overrides if word.startswith("-")]
        if options:
            raise click.UsageError(
                f"`{options[0]}` cannot stand in a side: it is one job, an operation with its overrides"
            )
        compilation = compile_call(self.project, operation, overrides)
        if not compilation.is_sound:
            tell_faults(compilation)
            return None
        if len(compilation.jobs) > 1:
            raise click.UsageError(
                f"`{text}` asks for a sweep of {len(compilation.jobs)} jobs: name one of them"
            )
        job = compilation.jobs[0]
        return Side(text, job.plan().logged_config, job.resolved.root)

    def _run(self, run: str) -> Side:
        from serotiny.tracking.errors import TrackingError
        from serotiny.tracking.mlflow.store import resolve_tracking_uri, sqlite_file
        from serotiny.tracking.mlflow.stored_run import StoredRun, stored_config

        uri = resolve_tracking_uri(self._tracking_uri(), self.project.root)
        file = sqlite_file(uri)
        if file is not None and not file.exists():
            raise SerotinyError(f"there is no run `{run}`: nothing was recorded in {file} yet; {_meant(run)}")
        try:
            stored = StoredRun.open(uri, run, self.project.root)
        except TrackingError as error:
            raise SerotinyError(f"{error}; {_meant(run)}") from error
        for operation in OPERATIONS:
            config = stored_config(stored.artifacts, stored.record.run_id, operation)
            if config is not None:
                return Side(run, config)
        raise SerotinyError(f"run `{run}` has no stored config: it was not recorded by serotiny")

    def _tracking_uri(self) -> str:
        """The store of this project's runs, as the config of `train` names it."""
        from serotiny.cli.run_store import run_store

        uri = run_store(None, None)[0].tracking_uri
        assert uri is not None
        return uri


def _plan(text: str) -> Side:
    plan = read_plan(Path(text))
    root = read_document(Path(text), text).root.get("logged_config")
    return Side(text, plan.logged_config, root)


def _meant(text: str) -> str:
    """What to write for a side that is no run, and not quite a call."""
    words = _words(text)
    if not words and text.strip():
        return "a quote is left open in it"
    if words[:1] == ["serotiny"] and words[1:]:
        return f'a call is given without `serotiny`: "{text.strip().removeprefix("serotiny").strip()}"'
    if words and "=" in words[0]:
        return f'a call begins with its operation: "train {text}"'
    meant = closest(words[0], OPERATIONS) if words else None
    return (
        f'as a call it begins with `{meant}`: "{meant}{text.strip().removeprefix(words[0])}"'
        if meant
        else _FORMS
    )


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # an open quote: no call, but perhaps the name of a file
        return []
