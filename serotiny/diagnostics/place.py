"""Where a value was written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Origin(StrEnum):
    """What set a value."""

    FILE = "file"
    OVERRIDE = "override"
    DEFAULT = "default"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Place:
    """A span of source text; lines and columns count from 1, the end column is exclusive.

    `file` is relative to the project root. For a value of the command line, `override` holds the
    argument as typed, and columns count in it. A schema default has neither.
    """

    origin: Origin
    file: str | None = None
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    override: str | None = None

    def __str__(self) -> str:
        if self.origin is Origin.FILE:
            return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        if self.origin is Origin.OVERRIDE:
            return f"override `{self.override}`"
        return "schema default" if self.origin is Origin.DEFAULT else "environment"


NOWHERE = Place(Origin.ENVIRONMENT)
DEFAULT = Place(Origin.DEFAULT)
