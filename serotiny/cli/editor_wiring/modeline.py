"""A comment in each config that names its schema, which every editor with a YAML language server reads."""

from __future__ import annotations

import os
import re
from pathlib import Path

from serotiny.diagnostics import SerotinyError

_MODELINE = re.compile(r"^#[ \t]+yaml-language-server[ \t]*:[ \t]*\$schema[=:][ \t]*\S*[ \t]*$")
_HEADER = re.compile(r"^[ \t]*#[ \t]*@\S+[ \t]+\S+[ \t]*$")


class ModelineError(SerotinyError):
    """A modeline cannot name the schema."""


def relative_schema(schema: Path, config: Path) -> str:
    """The schema as a modeline of a config names it.

    Raises:
        ModelineError: there is a space in it, which no release of the server before 1.25 reads.
    """
    path = os.path.relpath(schema.resolve(), config.resolve().parent).replace(os.sep, "/")
    if re.search(r"\s", path):
        raise ModelineError(f"a modeline cannot hold `{path}`: export to a folder without spaces in its name")
    return path


def with_modeline(text: str, schema: str) -> str:
    """The config with a modeline for a schema: an older one replaced, or a new one at the top.

    A new one goes below `# @package`, which Hydra reads only above the first other line.
    """
    line = f"# yaml-language-server: $schema={schema}"
    newline = "\r\n" if "\r\n" in text else "\n"
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    lines = text.removeprefix(mark).split(newline)
    for index, existing in enumerate(lines):
        if _MODELINE.match(existing):
            return mark + newline.join([*lines[:index], line, *lines[index + 1 :]])
        if existing.strip() and not existing.lstrip().startswith("#"):
            break
    return mark + newline.join([*lines[: _header_end(lines)], line, *lines[_header_end(lines) :]])


def _header_end(lines: list[str]) -> int:
    """The index of the line after the header lines that Hydra reads."""
    end = 0
    for index, line in enumerate(lines):
        if _HEADER.match(line):
            end = index + 1
        elif line.strip():
            break
    return end
