"""`serotiny init`: write the `[tool.serotiny]` table of a repository that has none."""

from __future__ import annotations

import json
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from serotiny.api.compile import project_report
from serotiny.cli.options import open_project, project_options
from serotiny.compiler.project import Project, ProjectError, projects_beside
from serotiny.compiler.project.layout import HYDRA, KNOWN, PARTS
from serotiny.compiler.sources.named_targets import named_targets
from serotiny.compiler.sources.roots import find_roots
from serotiny.compiler.sources.sources import Sources
from serotiny.diagnostics.counts import counted
from serotiny.filesystem import is_file, replace_file
from serotiny.report.text import summary
from serotiny.targets.policy.trust import TRUSTED_PACKAGES

FILE = "pyproject.toml"

_JUDGED_ALONE: Final = frozenset({"builtins", "hydra"})
"""Of these, each function is trusted or is not, whatever the table says."""


@click.command("init")
@click.option("--yes", is_flag=True, help="Write the table without asking.")
@project_options
@click.pass_context
def command(context: click.Context, yes: bool, config_dir: Path | None, trusted: tuple[str, ...]) -> int:
    """Write what `check` makes out of this repository into its pyproject.toml.

    The table says which package and config folder the project has, which configs jobs start from, how
    they are laid out, and which packages a `_target_` may come from. It is shown first; nothing else is changed.
    """
    project = open_project(config_dir, trusted)
    if project.recognised is None or has_table(project):
        click.echo(f"{project.root / FILE} has a [tool.serotiny] table: nothing to do")
    else:
        draft = Draft.of_project(project)
        click.echo(f"{project.recognised}\n\nto {project.root / FILE}:\n\n{draft.text}")
        for line in draft.reasons:
            click.echo(line)
        if not yes:
            _ask(f"{project.root / FILE}")
        draft.write(project.root / FILE)
    if not context.obj["quiet"]:
        click.echo(_first_check())
    return 0


def _ask(file: str) -> None:
    """Ask whether to write the table.

    Raises:
        ProjectError: there is nobody to answer.
        click.Abort: the answer is no.
    """
    unanswered = ProjectError(
        f"{file} is as it was: the question has no answer, since the input is at its end; "
        "`serotiny init --yes` writes the table without asking"
    )
    if sys.stdin is None:  # closed by the shell, as with `<&-`
        raise unanswered
    try:
        click.confirm("write it?", abort=True)
    except click.Abort as error:
        raise (unanswered if isinstance(error.__context__, EOFError) else error) from None


def has_table(project: Project) -> bool:
    """Whether the project's `pyproject.toml` has the table."""
    file = project.root / FILE
    return is_file(file) and "serotiny" in tomllib.loads(file.read_text("utf-8")).get("tool", {})


@dataclass(frozen=True)
class Draft:
    """The table to write, and the reason for each trusted package in it."""

    text: str
    reasons: tuple[str, ...]

    @classmethod
    def of_project(cls, project: Project) -> Draft:
        """What was recognised of a project, as a table.

        Raises:
            ProjectError: it has no package of its own, which a table must name.
        """
        if project.package is None:
            raise ProjectError(
                f"no Python package of this repository reads the configs of {project.config_folders[0]}; "
                "write the [tool.serotiny] table yourself, with `package` and `config`"
            )
        sources = Sources(project)
        every = (project, *projects_beside(project))
        named = [target for each in every for target in named_targets(Sources(each))]
        counts = Counter(target.partition(".")[0] for target in named if "." in target)
        known = {project.package, *_JUDGED_ALONE, *TRUSTED_PACKAGES}
        trusted = dict.fromkeys(name for each in every for name in each.trusted)
        own = [name for name in trusted if counts[name] and name not in known]
        others = sorted(name for name in counts if name.isidentifier() and name not in {*known, *own})
        beside = tuple(project.shown(folder) for folder in project.other_folders)
        lines = [
            "[tool.serotiny]",
            f"package = {_toml(project.package)}",
            f"config = {_toml(project.shown(project.config_folders[0]))}",
            *([f"other_configs = {_toml(beside)}"] if beside else []),
            *(f"roots = {_toml(names)}" for names in [find_roots(sources)] if names),
            f"trusted = {_toml((*own, *others))}",
        ]
        tables = [_layout(project), _operations(project)]
        lines += [table[0] for table in tables if len(table) == 1]
        for table in tables:
            lines += ["", *table] if len(table) > 1 else []
        reasons = [f"trusted: `{name}`, of this repository" for name in own]
        reasons += [
            f"trusted: `{name}`, which the configs name {counted(counts[name], 'time')}" for name in others
        ]
        return cls("\n".join(lines) + "\n", tuple(reasons))

    def write(self, file: Path) -> None:
        """Append the table to a file, which is created if needed.

        Raises:
            ProjectError: the file cannot be written, or would no longer be valid TOML.
        """
        before = file.read_bytes().decode("utf-8") if is_file(file) else ""
        newline = "\r\n" if "\r\n" in before else "\n"
        gap = newline if not before or before.endswith("\n") else newline * 2
        added = self.text.replace("\n", newline)
        whole = f"{before}{gap if before else ''}{added}"
        try:
            tomllib.loads(whole)
        except tomllib.TOMLDecodeError as error:
            raise ProjectError(f"{file}: the table cannot be added: {error}") from error
        try:
            replace_file(file, whole)
        except OSError as error:
            raise ProjectError(f"{file} cannot be written: {error.strerror or error}") from error


def _toml(value: str | tuple[str, ...]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _layout(project: Project) -> list[str]:
    """The lines for the layout: a name or a table; none where each primary config has a layout of its own."""
    layout = project.layout
    if layout.name == HYDRA.name and project.wired:
        return []
    known = KNOWN[layout.name]
    if layout == known:
        return [f"layout = {_toml(layout.name)}"]
    changed = {part: getattr(layout, part) for part in PARTS if getattr(layout, part) != getattr(known, part)}
    rows = [f"{part} = {'false' if key is None else _toml(key)}" for part, key in changed.items()]
    return ["[tool.serotiny.layout]", f"kind = {_toml(layout.name)}", *rows]


def _operations(project: Project) -> list[str]:
    if project.layout.is_own or not project.operations:
        return []
    rows = [f"{name} = {_toml(root)}" for name, root in project.operations.items()]
    return ["[tool.serotiny.operations]", *rows]


def _first_check() -> str:
    """The result of a check of the project, in one line."""
    project = open_project(None, ())
    report = project_report(project, None, projects_beside(project))
    shows = "; `serotiny check config` shows them" if report.diagnostics else ""
    return f"the first check: {summary(report)}{shows}"
