"""Options that several commands share, and the project that they describe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from serotiny.compiler.project import Project, find_project
from serotiny.compiler.project.leniency import codes_of
from serotiny.compiler.project.search import left_out_in_words
from serotiny.diagnostics.counts import first_of
from serotiny.reads import Answering
from serotiny.schemas.rules.user_hosts import trust_hosts

Command = TypeVar("Command", bound=Callable[..., Any])


def project_options(command: Command) -> Command:
    """Add `--config-dir` and `--trust`."""
    options = (
        click.option(
            "--config-dir",
            type=click.Path(path_type=Path),
            help="A folder of configs, searched behind the project's own; works without a project.",
        ),
        click.option(
            "--trust",
            "trusted",
            multiple=True,
            metavar="PACKAGE",
            help="Let a `_target_` come from this package too; may be repeated.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def no_cache_option(command: Command) -> Command:
    """Add `--no-cache`, which `cache.verdict` reads before there is a command."""
    return click.option(
        "--no-cache",
        is_flag=True,
        expose_value=False,
        help="Do it anew, also when nothing has changed since the same call.",
    )(command)


def format_option(formats: Iterable[str], help_text: str) -> Callable[[Command], Command]:
    """Add `--format`, whose first value is the default."""
    names = list(formats)
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(names),
        default=names[0],
        show_default=True,
        help=help_text,
    )


def open_project(config_dir: Path | None, trusted: tuple[str, ...]) -> Project:
    """The project that the current folder is in, whose hosts this process trusts from then on.

    Packages that `--trust` names without effect are told. Those of the project's table need not be installed here.
    """
    project = find_project(Path.cwd(), config_dir, trusted)
    trust_hosts(project.trusted_hosts)
    if trusted:
        # nothing else that every command does needs to find modules
        from serotiny.targets.modules.finder import ModuleFinder
        from serotiny.targets.policy.trust import is_forbidden

        finder = ModuleFinder((*project.import_paths, *project.script_folders))
        for name in trusted:
            if is_forbidden(name):
                click.echo(f"warning: --trust: no config may ever name what `{name}` holds", err=True)
            elif finder.find(name) is None:
                fix = "install it, or name the module that is imported"
                click.echo(f"warning: --trust: there is no package `{name}` here; {fix}", err=True)
    return project


def with_selection(project: Project, selected: Sequence[str], ignored: Sequence[str]) -> Project:
    """The project with the codes of `--select` and `--ignore`; each value may hold several, separated by commas.

    Raises:
        LeniencyError: a value is not the beginning of any code.
    """
    select = codes_of([code for text in selected for code in text.split(",")], "--select")
    ignore = codes_of([code for text in ignored for code in text.split(",")], "--ignore")
    own = project.leniency
    return replace(project, leniency=replace(own, select=select, ignore=(*own.ignore, *ignore)))


def tell_recognised(project: Project, *, checks_others: bool) -> None:
    """Print one line about the project that was recognised without a `[tool.serotiny]` table.

    Args:
        project: the project.
        checks_others: the other folders of configs are checked too.
    """
    if project.recognised is not None:
        from serotiny.compiler.usage.inner_folders import inner_folders_in_words

        with Answering():  # the line is written anew by each check, and no job depends on it
            inner = inner_folders_in_words(project)
        others = left_out_in_words(project, project.other_folders)
        if others and checks_others:
            names = first_of([project.shown(folder) for folder in project.other_folders])
            others = f"; those in {names} are checked too, each by itself"
        click.echo(f"{project.recognised}{others}{inner}; `serotiny init` writes it down", err=True)
