"""Write schemas as files: stable text, and each file replaced atomically."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from serotiny.filesystem import replace_file

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


def write_schemas(documents: Mapping[str, JsonSchema], folder: Path) -> list[Path]:
    """Write each document into a folder, which is created if needed.

    A file is replaced atomically, and not touched when its content is the same, so that editors do not reload it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, document in documents.items():
        path = folder / file_name(name)
        replace_text(path, schema_text(document))
        written.append(path)
    return written


def replace_text(path: Path, text: str) -> None:
    """Make `text` the content of a file; one with this content is not touched."""
    if path.is_file() and path.read_bytes() == text.encode():
        return
    replace_file(path, text)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
