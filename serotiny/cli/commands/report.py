"""`serotiny report`: a run, or two side by side, on one page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from serotiny.cli.run_store import reading_runs, run_store
from serotiny.diagnostics import SerotinyError

if TYPE_CHECKING:
    from serotiny.tracking.contents import RunContents


_LONGEST_NAME = 60
"""Characters of a run's name in the name of its page, which a folder holds whatever they take."""


class PageError(SerotinyError):
    """The page cannot be written."""


@click.command("report")
@click.argument("run")
@click.argument("other", required=False)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; by default RUN.html here.",
)
@click.option("--tracking-uri", help="Another store than the config's.")
@reading_runs()
def command(run: str, other: str | None, output: Path | None, tracking_uri: str | None) -> None:
    """Write a page about RUN, or about RUN and OTHER side by side: what differs, curves over each other.

    A run is given by its name or id, or by its folder. The page holds all that it shows.
    """
    from serotiny.filesystem import replace_alike
    from serotiny.report.html.runs.one import render_run
    from serotiny.report.html.runs.two import render_two_runs

    shown = _contents(run, tracking_uri)
    second = None if other is None else _contents(other, tracking_uri)
    html = render_run(shown) if second is None else render_two_runs(shown, second)
    names = [item.run_name for item in (shown, second) if item is not None]
    file = output or Path(f"{'-'.join(map(_for_file, names))}.html")
    try:
        replace_alike(file, html)
    except OSError as error:
        raise PageError(f"{file} cannot be written: {error.strerror or error}") from error
    click.echo(f"wrote {file}")


def _contents(run: str, tracking_uri: str | None) -> RunContents:
    from serotiny.credentials.masking import mask_credentials
    from serotiny.tracking.folder_contents import folder_contents, is_run_folder

    if is_run_folder(Path(run)):
        return folder_contents(Path(run))
    from serotiny.tracking.mlflow.contents import stored_contents
    from serotiny.tracking.mlflow.store import resolve_tracking_uri
    from serotiny.tracking.mlflow.stored_run import StoredRun

    settings, root = run_store(tracking_uri, None)
    assert settings.tracking_uri is not None
    uri = resolve_tracking_uri(settings.tracking_uri, root)
    return stored_contents(StoredRun.open(uri, run, root), mask_credentials(uri))


def _for_file(name: str) -> str:
    return re.sub(r"[^\w.=-]+", "_", name)[:_LONGEST_NAME] or "run"
