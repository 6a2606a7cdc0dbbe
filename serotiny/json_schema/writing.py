"""Write schemas as files: stable text, and each file replaced atomically."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from serotiny.diagnostics import SerotinyError
from serotiny.filesystem import real_path, update_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serotiny.json_schema.fragments import JsonSchema

SUFFIX = ".schema.json"


def file_name(name: str) -> str:
    """The file of a group's or operation's schema: `trainer/callbacks` is in `trainer.callbacks.schema.json`."""
    return f"{name.replace('/', '.')}{SUFFIX}"


def schema_text(schema: JsonSchema) -> str:
    """The schema as text with one definition on a line: compact, but with readable diffs."""
    lines = []
    for key, value in schema.items():
        if key == "definitions":
            inner = ",\n".join(f"  {json.dumps(name)}: {_compact(item)}" for name, item in value.items())
            lines.append(f' "definitions": {{\n{inner}\n }}')
        else:
            lines.append(f" {json.dumps(key)}: {_compact(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


class UnwritableError(SerotinyError):
    """A schema, or a file of an editor's, cannot be written where it should be."""


def write_schemas(
    documents: Mapping[str, JsonSchema], folder: Path, project_root: Path | None = None
) -> list[Path]:
    """Write each document into a folder, which is created if needed.

    A file is replaced atomically, and not touched when its content is the same, so that editors do not reload it.

    Raises:
        UnwritableError: as `replace_text`.
    """
    written = []
    for name, document in documents.items():
        path = folder / file_name(name)
        replace_text(path, schema_text(document), project_root)
        written.append(path)
    return written


def replace_text(path: Path, text: str, project_root: Path | None = None) -> None:
    """Make `text` the content of a file; one with this content is not touched.

    Args:
        path: the file; its folder is created if needed.
        text: what it is to hold.
        project_root: the project whose folders it must lie in, where nobody but that project says the place:
            a folder that came with it may be a link to anywhere.

    Raises:
        UnwritableError: the file leads elsewhere, is no plain file, or cannot be written.
    """
    if project_root is not None and not real_path(path.parent).is_relative_to(real_path(project_root)):
        raise UnwritableError(
            f"{path} leads out of the project {project_root}: a link in its path goes elsewhere"
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        update_file(path, text)
    except OSError as error:
        raise UnwritableError(f"{path} cannot be written: {error.strerror or error}") from error
    except UnicodeEncodeError as error:
        raise UnwritableError(f"{path} cannot be written: a name in it is not UTF-8") from error


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
