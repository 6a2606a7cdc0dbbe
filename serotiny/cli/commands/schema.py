"""`serotiny schema export`: JSON Schemas of this project, and an editor that uses them."""

from __future__ import annotations

from pathlib import Path

import click

from serotiny.cli.options import open_project, project_options
from serotiny.compiler.project import Project
from serotiny.compiler.sources.builtin import builtin_documents
from serotiny.compiler.sources.named_targets import named_targets
from serotiny.compiler.sources.sources import Sources

EDITORS = ("vscode", "neovim", "modeline")
DEFAULT_FOLDER = ".serotiny/schemas"


@click.group("schema")
def command() -> None:
    """Make JSON Schemas for editors."""


@command.command("export")
@click.argument("folder", required=False, metavar="[DIR]", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--editor",
    type=click.Choice(EDITORS),
    help="Also wire the editor: VS Code's settings, Neovim's .nvim.lua, or a comment in each config.",
)
@click.option(
    "--builtin", is_flag=True, help="Only serotiny's own targets, Lightning's and torch's: no project."
)
@project_options
@click.pass_context
def export(
    context: click.Context,
    folder: Path | None,
    editor: str | None,
    builtin: bool,
    config_dir: Path | None,
    trusted: tuple[str, ...],
) -> None:
    """Write one schema for each config group and operation into DIR (by default .serotiny/schemas)."""
    if builtin:
        if editor is not None or folder is None:
            raise click.UsageError("--builtin needs a folder, and wires no editor")
        count, written = write_builtin(folder)
    else:
        project = open_project(config_dir, trusted)
        count, written = write_project(project, folder)
        if editor is not None:
            from serotiny.cli.editor_wiring.wire import wire

            for line in wire(editor, project, written[0].parent):
                click.echo(line)
    if not context.obj["quiet"]:
        click.echo(f"wrote {len(written)} schemas of {count} targets to {_shown(written[0].parent)}")


def write_builtin(folder: Path) -> tuple[int, list[Path]]:
    """Write the schemas that belong to no project; returns the number of targets and the files."""
    from serotiny.json_schema.defaults_list import ConfigOptions
    from serotiny.json_schema.export import export_builtin
    from serotiny.json_schema.writing import write_schemas
    from serotiny.targets import SignatureCache, SignatureReader

    none = Sources(Project(root=folder, package=None, config_folders=()))
    made = export_builtin(SignatureReader(cache=SignatureCache()), ConfigOptions(config_options(none)))
    return made.targets, write_schemas(made.documents, folder)


def write_project(project: Project, folder: Path | None = None) -> tuple[int, list[Path]]:
    """Write a project's schemas; returns the number of targets and the files.

    Raises:
        UnwritableError: a file cannot be written, or the project's own folder for them leads out of it.
    """
    from serotiny.json_schema.defaults_list import ConfigOptions
    from serotiny.json_schema.export import export_project
    from serotiny.json_schema.writing import replace_text, write_schemas
    from serotiny.targets import SignatureCache, SignatureReader

    sources = Sources(project)
    made = export_project(
        SignatureReader(project.import_paths, SignatureCache(), lambda: project.script_folders),
        SignatureReader(cache=SignatureCache()),
        ConfigOptions(config_options(sources)),
        package=project.package,
        search_paths=project.import_paths,
        trusted=project.trusted,
        allowed=project.allowed,
        named=named_targets(sources),
    )
    target = folder if folder is not None else project.root / DEFAULT_FOLDER
    within = project.root if folder is None else None
    written = write_schemas(made.documents, target, within)
    if folder is None:
        replace_text(target / ".gitignore", "# made by `serotiny schema export`\n*\n", within)
    return made.targets, written


def config_options(sources: Sources) -> dict[str, tuple[str, ...]]:
    """Every group with its options, serotiny's own ones included; `""` holds the top-level configs.

    Names of files that are not UTF-8, which no schema can hold, are left out.
    """
    groups = [group for group in ("", *sources.groups()) if group.partition("/")[0] != "hydra"]
    found = {
        group: {option for option in sources.options(group) if _is_text(option)}
        for group in groups
        if _is_text(group)
    }
    for path in builtin_documents():
        group, _, option = path.rpartition("/")
        found.setdefault(group, set()).add(option)
    return {group: tuple(sorted(options)) for group, options in sorted(found.items())}


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(folder: Path) -> str:
    try:
        return folder.resolve().relative_to(Path.cwd()).as_posix() or "."
    except ValueError:
        return str(folder)
