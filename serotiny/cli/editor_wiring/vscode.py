"""VS Code: `yaml.schemas` and `yaml.yamlVersion` in the workspace's settings."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from serotiny.cli.editor_wiring.config_files import ConfigFile
from serotiny.cli.editor_wiring.jsonc import JsoncError, parse, with_member
from serotiny.compiler.project import Project
from serotiny.diagnostics import SerotinyError
from serotiny.filesystem import is_there, read_plain_file
from serotiny.json_schema.documents import GROUPS
from serotiny.json_schema.writing import file_name
from serotiny.schemas.names import OPERATIONS

YAML_VERSION = "1.1"
"""What OmegaConf reads: `yes` and `on` are booleans, `1_000` a number."""


_LARGEST_BYTES = 1_000_000


class EditorSettingsError(SerotinyError):
    """The editor's settings cannot be merged; they were left as they are."""


def schema_globs(project: Project, files: Iterable[ConfigFile], schemas: Path) -> dict[str, list[str]]:
    """Each schema's file with patterns of the configs that follow it, both relative to the project's folder.

    Groups have a pattern, so that new options are covered; a file that its `# @package` line moves elsewhere
    is excluded from it and named by itself. Files at the top are named one by one, since in some releases
    of the server `config/*.yaml` also matches in subfolders.
    """
    globs: dict[str, list[str]] = {}
    for folder in reversed(project.config_folders):
        shown = project.shown(folder)
        for operation in OPERATIONS:
            globs.setdefault(operation, []).append(f"{shown}/{operation}.yaml")
        for group in GROUPS:
            patterns = globs.setdefault(group, [])
            patterns.append(f"{shown}/{group}/*.yaml")
            patterns += [f"!{shown}/{inner}/*.yaml" for inner in GROUPS if inner.startswith(f"{group}/")]
    for file in files:
        if file.schema == file.usual_schema:
            continue
        path = project.shown(file.path)
        if file.usual_schema is not None:
            globs[file.usual_schema].append(f"!{path}")
        if file.schema is not None:
            globs[file.schema].append(path)
    base = os.path.relpath(schemas.resolve(), project.root).replace(os.sep, "/")
    return {f"{base}/{file_name(name)}": patterns for name, patterns in globs.items()}


def merged_settings(text: str, globs: dict[str, list[str]]) -> tuple[str, list[str]]:
    """Settings with the schemas in them, and what the user should know.

    Raises:
        JsoncError: the settings are malformed.
    """
    notes: list[str] = []
    present: dict[str, Any] = parse(text).data if text.strip(" \t\r\n\ufeff") else {}
    known = present.get("yaml.schemas", {}) if isinstance(present, dict) else {}
    for schema, patterns in globs.items():
        before = known.get(schema, []) if isinstance(known, dict) else []
        own = before if isinstance(before, list) else [before]
        wanted = [*own, *(pattern for pattern in patterns if pattern not in own)]
        if wanted != own:
            text = with_member(text, ("yaml.schemas", schema), wanted)
    version = present.get("yaml.yamlVersion") if isinstance(present, dict) else None
    if version is None:
        text = with_member(text, ("yaml.yamlVersion",), YAML_VERSION)
    elif version != YAML_VERSION:
        notes.append(f'"yaml.yamlVersion" was left at "{version}"; configs are read as YAML {YAML_VERSION}')
    return text, notes


def read_and_merge(settings: Path, globs: dict[str, list[str]]) -> tuple[str, list[str]]:
    """As `merged_settings`, on a file that need not exist.

    Raises:
        EditorSettingsError: the file cannot be read or merged.
    """
    text = text_of(settings)
    try:
        return merged_settings(text, globs)
    except (JsoncError, RecursionError) as error:
        raise _unmergeable(settings, error) from error


def text_of(file: Path) -> str:
    """The text of an editor's file; empty where there is none.

    Raises:
        EditorSettingsError: it cannot be read.
    """
    try:
        return read_plain_file(file, _LARGEST_BYTES).decode("utf-8") if is_there(file) else ""
    except (OSError, UnicodeDecodeError) as error:
        raise _unmergeable(file, error) from error


def _unmergeable(file: Path, error: Exception) -> EditorSettingsError:
    reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    return EditorSettingsError(
        f"{file} cannot be merged and was left as it is: {reason}; fix it, or add the schemas by hand"
    )
