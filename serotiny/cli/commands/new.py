"""`serotiny new`: make a project from the bundled template."""

from __future__ import annotations

import json
import keyword
import re
import shlex
import sys
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from serotiny.diagnostics import SerotinyError, did_you_mean
from serotiny.filesystem import is_there
from serotiny.targets.policy.trust import TRUSTED_PACKAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

_RESERVED = frozenset({"data", "tests", "hydra", "mlflow", "omegaconf", *TRUSTED_PACKAGES})
"""Folders beside the package in a project, and packages that a project works with."""


class NewProjectError(SerotinyError):
    """The project could not be made; nothing was left behind."""


@click.command("new")
@click.argument("values", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--no-input", is_flag=True, help="Ask nothing; take the defaults and the values given.")
@click.option(
    "--output-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The folder to make the project in; the current one by default.",
)
def command(values: tuple[str, ...], no_input: bool, output_dir: Path) -> None:
    """Make a project: asks project_name, package_name and project_description."""
    project = create_project(_parse(values), no_input=no_input, output_dir=output_dir)
    wire_editor(project)
    click.echo(
        f"Made {project}. Next:\n\n"
        f"  {shlex.join(['cd', str(project)])}\n"
        "  pip install -e .\n"
        "  serotiny check config\n"
        "  serotiny train\n"
    )


def create_project(values: dict[str, str], *, no_input: bool, output_dir: Path) -> Path:
    """Render the template into `output_dir` and return the project's folder.

    Args:
        values: of `project_name`, `package_name`, `project_description`; what is missing has a default.
        no_input: take the defaults instead of asking.
        output_dir: made when it is not there.

    Raises:
        NewProjectError: the folder exists or cannot be written, the package name cannot be used, a
            key is unknown, or the questions were broken off.
    """
    with resources.as_file(resources.files("serotiny") / "template") as template:
        context = _answers(template, values, no_input=no_input)
        if fault := package_name_fault(context["package_name"]):
            raise NewProjectError(f"{fault}; write `package_name={usable_name(context['package_name'])}`")
        project: Path = output_dir / context["package_name"]
        if is_there(project) or project.is_symlink():
            raise NewProjectError(f"`{project}` exists; choose another package_name or --output-dir")
        _generate(template, context, output_dir)
    return project


def wire_editor(project: Path) -> None:
    """Export a new project's schemas and let VS Code use them; this takes seconds while the cache is empty."""
    from serotiny.cli.commands.schema import write_project
    from serotiny.cli.editor_wiring.wire import wire
    from serotiny.compiler.project import find_project

    found = find_project(project)
    _, written = write_project(found)
    wire("vscode", found, written[0].parent)


def package_name_fault(name: str) -> str | None:
    """Say why a package cannot have this name; the template's own hook refuses the same names."""
    if not re.fullmatch(r"[A-Za-z]([A-Za-z0-9_]*[A-Za-z0-9])?", name):
        return f"`{name}` is not a package name: use letters, digits and underscores, and begin with a letter"
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        return f"`{name}` is a word of Python's grammar and cannot name a package"
    if name in _RESERVED or name in sys.stdlib_module_names:
        return f"`{name}` would hide another module or folder of that name"
    return None


def usable_name(name: str) -> str:
    """A name like that one which a package can have."""
    plain = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")
    for like in (plain, f"{plain}_project", f"project_{plain}"):
        if package_name_fault(like) is None:
            return like
    return "my_project"


def _parse(values: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for value in values:
        key, equals, text = value.partition("=")
        if not equals:
            meant = shlex.join(["serotiny", "new", f"project_name={value}"])
            raise NewProjectError(f"`{value}` is not KEY=VALUE: `{meant}` makes a project of that name")
        pairs[key] = text
    return pairs


def _answers(template: Path, values: dict[str, str], *, no_input: bool) -> dict[str, Any]:
    from cookiecutter.exceptions import CookiecutterException
    from cookiecutter.generate import generate_context
    from cookiecutter.prompt import prompt_for_config
    from jinja2 import TemplateError

    context_file = template / "cookiecutter.json"
    known = [key for key in json.loads(context_file.read_text("utf-8")) if not key.startswith("_")]
    for key in values:
        if key not in known:
            hint = did_you_mean(key, known) or f"the keys are {', '.join(known)}"
            raise NewProjectError(f"`{key}` is not a question of the template; {hint}")
    try:
        context = generate_context(context_file=str(context_file), extra_context=values)
        return dict(prompt_for_config(context, no_input=no_input))
    except (KeyboardInterrupt, EOFError) as error:
        raise NewProjectError(
            "broken off before all was answered; nothing was made (--no-input asks nothing)"
        ) from error
    except (CookiecutterException, TemplateError) as error:
        raise NewProjectError(f"an answer cannot be used in the template: {error}") from error


def _generate(template: Path, context: dict[str, Any], output_dir: Path) -> None:
    from cookiecutter.generate import generate_files

    with _removed_when_broken_off(output_dir / context["package_name"]):
        generate_files(str(template), context={"cookiecutter": context}, output_dir=str(output_dir))


@contextmanager
def _removed_when_broken_off(project: Path) -> Iterator[None]:
    """Leave no half-made project behind: the next call would say that it exists."""
    import shutil

    from cookiecutter.exceptions import CookiecutterException

    try:
        yield
    except BaseException as error:
        shutil.rmtree(project, ignore_errors=True)
        if isinstance(error, OSError | CookiecutterException | KeyboardInterrupt):
            reason = "broken off" if isinstance(error, KeyboardInterrupt) else str(error)
            advice = "" if isinstance(error, KeyboardInterrupt) else "; --output-dir names another folder"
            raise NewProjectError(f"`{project}` was not made: {reason}{advice}") from error
        raise
