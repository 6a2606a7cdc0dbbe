"""What `[tool.serotiny]` says of diagnostics: what is left out, what is silenced, how strict annotations are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from serotiny.diagnostics import RULES, SerotinyError

LENIENCY_KEYS: Final = ("annotations", "ignore", "ignored_keys", "per-file-ignores", "resolvers")
"""The keys of the table that are about diagnostics."""


class LeniencyError(SerotinyError):
    """What the table says of diagnostics is malformed; the text says how."""


@dataclass(frozen=True, kw_only=True)
class Leniency:
    """What a project wants to be told.

    Attributes:
        annotations: `warning`, or `error` where an annotation that nothing enforces counts as if it were.
        resolvers: the names of resolvers that are registered where reading the source does not show it.
        ignored_keys: patterns of dotted keys that the project's code takes out before anything is made of them.
        ignore: codes that are not told.
        per_file_ignores: codes by pattern of a file, relative to the project's root.
        select: codes that alone are told; all of them when there are none.
    """

    annotations: str = "warning"
    resolvers: tuple[str, ...] = ()
    ignored_keys: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    select: tuple[str, ...] = ()

    def tells(self, code: str, file: str | None) -> bool:
        """Whether a code is told of a file."""
        if (self.select and not code.startswith(self.select)) or code.startswith(self.ignore or ("?",)):
            return False
        return not any(
            file is not None and fnmatchcase(file, pattern) and code.startswith(codes or ("?",))
            for pattern, codes in self.per_file_ignores
        )

    def takes_out(self, key: str) -> bool:
        """Whether the project's code takes a key out first; a pattern without a dot means the last step alone."""
        last = key.rpartition(".")[2]
        return any(fnmatchcase(key if "." in pattern else last, pattern) for pattern in self.ignored_keys)


def read_leniency(table: Mapping[str, Any]) -> Leniency:
    """The part of a `[tool.serotiny]` table that is about diagnostics.

    Raises:
        LeniencyError: a value is of another form than it must be.
    """
    annotations = table.get("annotations", "warning")
    if annotations not in ("warning", "error"):
        raise LeniencyError('annotations must be "warning" or "error"')
    per_file = _table(table, "per-file-ignores", 'of codes by file, as in {"configs/debug/*" = ["SER303"]}')
    return Leniency(
        annotations=annotations,
        resolvers=tuple(_resolvers(table)),
        ignored_keys=tuple(_names(table.get("ignored_keys", []), "ignored_keys must be a list of keys")),
        ignore=codes_of(table.get("ignore", []), "ignore"),
        per_file_ignores=tuple(
            (pattern, codes_of(codes, f"per-file-ignores of `{pattern}`"))
            for pattern, codes in per_file.items()
        ),
    )


def codes_of(value: object, what: str) -> tuple[str, ...]:
    """Codes, or the beginnings of codes (`SER3`), as a list in the table names them.

    Raises:
        LeniencyError: it is no such list, or no code begins so.
    """
    names = _names(value, f"{what} must be a list of codes")
    for name in names:
        if not name.startswith("SER") or not any(code.startswith(name) for code in RULES):
            raise LeniencyError(f"{what}: no code begins with `{name}`")
    return tuple(names)


def _resolvers(table: Mapping[str, Any]) -> list[str]:
    declared = _table(table, "resolvers", 'as in {eval = "any"}')
    for name, what in declared.items():
        if what != "any":
            raise LeniencyError(
                f'resolvers: what `{name}` gives is not known beforehand, so write {name} = "any"'
            )
    return list(declared)


def _table(table: Mapping[str, Any], key: str, form: str) -> Mapping[str, Any]:
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise LeniencyError(f"{key} must be a table {form}")
    return value


def _names(value: object, fault: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise LeniencyError(fault)
    return value
