"""The settings for diagnostics in `[tool.serotiny]`: ignored codes and keys, and the severity of annotations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from serotiny.diagnostics import RULES, SerotinyError
from serotiny.diagnostics.rules import CODES_THERE_ARE
from serotiny.diagnostics.suggestions import as_question

LENIENCY_KEYS: Final = ("annotations", "ignore", "ignored_keys", "per-file-ignores", "resolvers")
"""The keys of the table that are about diagnostics."""


class LeniencyError(SerotinyError):
    """A setting for diagnostics in the table is malformed; the text says how."""


@dataclass(frozen=True, kw_only=True)
class Leniency:
    """A project's settings for diagnostics.

    Attributes:
        annotations: `warning`, or `error` to treat annotations that nothing enforces as if they were enforced.
        resolvers: names of resolvers whose registration cannot be found in the source.
        ignored_keys: patterns of dotted keys that the project's code removes before it instantiates anything.
        ignore: codes that are not reported.
        per_file_ignores: codes by pattern of a file, relative to the project's root.
        select: the only codes that are reported; all are when it is empty.
    """

    annotations: str = "warning"
    resolvers: tuple[str, ...] = ()
    ignored_keys: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    select: tuple[str, ...] = ()

    def tells(self, code: str, file: str | None) -> bool:
        """Whether a code is reported for a file."""
        if (self.select and not code.startswith(self.select)) or code.startswith(self.ignore or ("?",)):
            return False
        return not any(
            file is not None and fnmatchcase(file, pattern) and code.startswith(codes or ("?",))
            for pattern, codes in self.per_file_ignores
        )

    def takes_out(self, key: str) -> bool:
        """Whether `ignored_keys` matches a key; a pattern without a dot is compared with the last part of the key."""
        last = key.rpartition(".")[2]
        return any(fnmatchcase(key if "." in pattern else last, pattern) for pattern in self.ignored_keys)


def read_leniency(table: Mapping[str, Any]) -> Leniency:
    """Read the settings for diagnostics from a `[tool.serotiny]` table.

    Raises:
        LeniencyError: a value is of a wrong form.
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
        LeniencyError: the value is not such a list, or no code begins like this.
    """
    names = _names(value, f"{what} must be a list of codes")
    for name in names:
        if not name.startswith("SER") or not any(code.startswith(name) for code in RULES):
            raise LeniencyError(f"{what}: no code begins with `{name}`; {_meant_code(name)}")
    return tuple(names)


def _meant_code(name: str) -> str:
    """The code that has this name or is written in small letters, or else what codes there are."""
    meant = next((code for code, rule in RULES.items() if name in (rule.name, code.lower())), None)
    if meant is None and any(code.startswith(name.upper()) for code in RULES):
        meant = name.upper()
    return as_question(meant) if meant else CODES_THERE_ARE


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
