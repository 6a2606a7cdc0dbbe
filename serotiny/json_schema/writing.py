"""Schemas as files: stable text, and each file replaced as a whole."""

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
    """One definition a line: small, and still a diff that can be read."""
    lines = []
    for key, value in schema.items():
        if key == "definitions":
            inner = ",\n".join(f"  {json.dumps(name)}: {_compact(item)}" for name, item in value.items())
            lines.append(f' "definitions": {{\n{inner}\n }}')
        else:
            lines.append(f" {json.dumps(key)}: {_compact(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def write_schemas(documents: Mapping[str, JsonSchema], folder: Path) -> list[Path]:
    """Write each document into a folder, which is made when it is not there.

    An editor never reads half of a file, and is not told of one that says the same already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, document in documents.items():
        path = folder / file_name(name)
        replace_text(path, schema_text(document))
        written.append(path)
    return written


def replace_text(path: Path, text: str) -> None:
    """Make `text` the content of a file; one that says the same already is left alone."""
    if path.is_file() and path.read_bytes() == text.encode():
        return
    replace_file(path, text)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
