"""`serotiny config TARGET`: a ready YAML block, printed or added to the project."""

from __future__ import annotations

from pathlib import Path

import click

from serotiny.cli.options import open_project, project_options
from serotiny.compiler.project import Project, ProjectError
from serotiny.compiler.project.config_files import SUFFIX
from serotiny.compiler.validation.causes.mistaken_targets import full_path, path_slip
from serotiny.diagnostics import SerotinyError, did_you_mean
from serotiny.filesystem import create_file
from serotiny.report.config_block import config_block, indented, snake_case
from serotiny.targets import SignatureCache, SignatureReader, TargetNotFound, TargetSignature, Trust

_NAMED_BY_KEY = "trainer/callbacks"
"""The group whose options are mappings of names to targets."""


class AddConfigError(SerotinyError):
    """The config could not be added; nothing was written."""


@click.command("config")
@click.argument("target", metavar="TARGET")
@click.option(
    "--add",
    "option",
    metavar="GROUP/OPTION",
    help="Write the block as this option of the project instead of printing it; never over a file.",
)
@project_options
def command(target: str, option: str | None, config_dir: Path | None, trusted: tuple[str, ...]) -> int:
    """Print what TARGET accepts as a YAML block: parameters, defaults, types and descriptions."""
    project = _project(config_dir, trusted, needed=option is not None)
    reader = SignatureReader(
        project.import_paths if project else (),
        SignatureCache(),
        lambda: project.script_folders if project else (),
    )
    signature = reader.read(target)
    if isinstance(signature, TargetNotFound):
        click.echo(f"error: {_unfound(target, signature, project, reader)}", err=True)
        return 1
    _note_trust(target, signature, project, trusted)
    block = config_block(target, signature)
    if option is None or project is None:
        click.echo(block, nl=False)
        return 0
    path = option_path(project, option)
    if option.rpartition("/")[0].strip("/") == _NAMED_BY_KEY:
        block = indented(block, snake_case(target))
    write_new(path, block)
    click.echo(f"wrote {project.shown(path)}" + (": fill in each `???`" if "???" in block else ""))
    return 0


def option_path(project: Project, option: str) -> Path:
    """The file of a group's option, in the project's own config folder.

    Raises:
        AddConfigError: it is not GROUP/OPTION, or leads out of the folder.
    """
    parts = option.removesuffix(SUFFIX).split("/")
    if len(parts) < 2 or any(part in ("", ".", "..") or "\\" in part or "\0" in part for part in parts):
        raise AddConfigError(f"`{option}` is not GROUP/OPTION, such as `model/my_model`")
    return project.config_folders[-1].joinpath(*parts[:-1], parts[-1] + SUFFIX)


def write_new(path: Path, text: str) -> None:
    """Create a file atomically: of two processes one fails, and no reader sees a part of it.

    Raises:
        AddConfigError: it exists, or the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        create_file(path, text)
    except FileExistsError as error:
        raise AddConfigError(f"{path} exists and was left as it is; choose another name") from error
    except OSError as error:
        raise AddConfigError(f"{path} cannot be written: {error.strerror or error}") from error


def _project(config_dir: Path | None, trusted: tuple[str, ...], *, needed: bool) -> Project | None:
    """The project, whose modules are read before installed ones; None without one, unless it is `needed`."""
    try:
        return open_project(config_dir, trusted)
    except ProjectError:
        if needed or config_dir is not None:
            raise
        return None


def _unfound(target: str, missing: TargetNotFound, project: Project | None, reader: SignatureReader) -> str:
    """What is not there, and what was probably meant."""
    close = did_you_mean(missing.missing, missing.candidates) if missing.installed else None
    if close is None:
        own = (project.package,) if project is not None and project.package is not None else ()
        meant = path_slip(target) or full_path(target, own, reader)
        close = f"write `{meant}`" if meant is not None else missing.held()
    if close is None:
        close = "write the whole path of a class or function, as in `torch.optim.Adam`"
    return f"{missing.headline()}; {close}"


def _note_trust(
    target: str, signature: TargetSignature, project: Project | None, trusted: tuple[str, ...]
) -> None:
    """Print a note when a config may not name the target."""
    own = (project.package,) if project is not None and project.package is not None else ()
    trust = Trust(
        own,
        trusted if project is None else (*project.trusted, *trusted),
        () if project is None else project.allowed,
    )
    match trust.judge(target, signature):
        case "untrusted":
            package = signature.path.partition(".")[0]
            click.echo(
                f"note: `{package}` is not trusted; a config may name it with `--trust {package}`", err=True
            )
        case "forbidden" | "unlisted" | "unclear":
            click.echo(f"note: a config may not name `{target}`", err=True)
