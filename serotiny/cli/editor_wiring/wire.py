"""Write the wiring of an editor."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from serotiny.cli.editor_wiring.config_files import ConfigFile, config_files
from serotiny.cli.editor_wiring.modeline import relative_schema, with_modeline
from serotiny.cli.editor_wiring.neovim import FILE, with_schemas
from serotiny.cli.editor_wiring.vscode import read_and_merge, schema_globs, text_of
from serotiny.compiler.limits import MAX_FILE_BYTES
from serotiny.compiler.project import Project
from serotiny.diagnostics.counts import counted
from serotiny.filesystem import read_plain_file
from serotiny.json_schema.writing import file_name, replace_text


def wire(editor: str, project: Project, schemas: Path) -> list[str]:
    """Make an editor use the schemas in a folder.

    Args:
        editor: `vscode`, `neovim` or `modeline`.
        project: the project whose configs they are for.
        schemas: the folder that was exported to.

    Returns:
        What to tell the user, a line each.

    Raises:
        SerotinyError: a file cannot be merged; it was left as it is.
    """
    files = [*config_files(project)]
    if editor == "modeline":
        return [_write_modelines(project, files, schemas)]
    globs = schema_globs(project, files, schemas)
    if editor == "vscode":
        return _write_settings(project, globs)
    path = project.root / FILE
    replace_text(path, with_schemas(text_of(path), globs), project.root)
    return [f"wrote {FILE}; Neovim reads it once `exrc` is set and the file trusted (`:help exrc`)"]


def _write_settings(project: Project, globs: dict[str, list[str]]) -> list[str]:
    path = project.root / ".vscode" / "settings.json"
    text, notes = read_and_merge(path, globs)
    replace_text(path, text, project.root)
    return [f"wrote {project.shown(path)}, for the YAML extension", *notes]


def _write_modelines(project: Project, files: Iterable[ConfigFile], schemas: Path) -> str:
    count = 0
    for file in files:
        if file.schema is None or not file.path.resolve().is_relative_to(project.root):
            continue
        schema = relative_schema(schemas / file_name(file.schema), file.path)
        try:
            # bytes, since newlines and a byte order mark must stay as they are
            text = read_plain_file(file.path, MAX_FILE_BYTES).decode("utf-8")
        except (OSError, UnicodeDecodeError):
            continue  # `check` tells of it
        replace_text(file.path, with_modeline(text, schema), project.root)
        count += 1
    return f"wrote a modeline into {counted(count, 'config')}"
