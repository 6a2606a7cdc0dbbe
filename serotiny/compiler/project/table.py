"""The `[tool.serotiny]` table of a `pyproject.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from serotiny.compiler.limits import MAX_DEPTH, MAX_FILE_BYTES
from serotiny.compiler.project.layout import DECLARED, KNOWN, PARTS, SEROTINY, Layout
from serotiny.compiler.project.leniency import LENIENCY_KEYS, Leniency, LeniencyError, read_leniency
from serotiny.compiler.project.project import ProjectError
from serotiny.diagnostics.suggestions import meant_or_all
from serotiny.filesystem import is_file, read_plain_file
from serotiny.schemas.names import OPERATIONS

TABLE_FILE = "pyproject.toml"
KEYS = (
    "package",
    "config",
    "other_configs",
    "trusted",
    "allow",
    "roots",
    "operations",
    "layout",
    "trusted_hosts",
    *LENIENCY_KEYS,
)
_TOO_DEEP = "it is nested too deeply"
_DEEP_KEY = re.compile(
    rf"""(?<![\w.-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){{{MAX_DEPTH}}}""", re.ASCII
)
"""A dotted key of more levels than a config may have: `tomllib` takes the square of their number in time and memory."""
_KEY = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


@dataclass(frozen=True, kw_only=True)
class Table:
    """The values of the table; None for keys that it does not set."""

    file: Path
    package: str
    config: str | None = None
    other_configs: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    roots: tuple[str, ...] | None = None
    operations: Mapping[str, str] | None = None
    layout: Layout | None = None
    leniency: Leniency = field(default_factory=Leniency)


def read_table(file: Path) -> Table | None:
    """The table of a `pyproject.toml`; None if the file does not exist or has no such table.

    Raises:
        ProjectError: the file cannot be read, or the table is wrong.
    """
    if not is_file(file):
        return None
    try:
        document = _parsed(read_plain_file(file, MAX_FILE_BYTES).decode("utf-8"))
    except (ValueError, OSError) as error:
        raise ProjectError(f"{file} cannot be read: {error}") from error
    tools = document.get("tool", {})
    table = tools.get("serotiny") if isinstance(tools, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise ProjectError(f"{file}: tool.serotiny must be a table")
    return _checked(file, table)


def _parsed(content: str) -> dict[str, Any]:
    """The document of a TOML file.

    Raises:
        ValueError: it is no TOML, or nested too deeply.
    """
    if _DEEP_KEY.search(content):
        raise ValueError(_TOO_DEEP)
    try:
        return tomllib.loads(content)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None


def _checked(file: Path, table: Mapping[str, Any]) -> Table:
    unknown = sorted(set(table) - set(KEYS))
    if unknown:
        raise ProjectError(
            f"{file}: [tool.serotiny] has no key `{unknown[0]}`; {meant_or_all(unknown[0], KEYS)}"
        )
    package, config = table.get("package"), table.get("config")
    if not isinstance(package, str) or not package.isidentifier():
        raise ProjectError(f"{file}: [tool.serotiny] package must name the project's Python package")
    trusted = _names(table.get("trusted", []))
    if trusted is None:
        raise ProjectError(f"{file}: [tool.serotiny] trusted must be a list of package names")
    allowed = _names(table.get("allow", []))
    if allowed is None:
        raise ProjectError(f"{file}: [tool.serotiny] allow must be a list of dotted paths")
    hosts = _names(table.get("trusted_hosts", []))
    if hosts is None or any("/" in host for host in hosts):
        raise ProjectError(
            f"{file}: [tool.serotiny] trusted_hosts must be a list of names: `host`, `host:port`"
        )
    if config is not None and not isinstance(config, str):
        raise ProjectError(f"{file}: [tool.serotiny] config must be a path")
    others = _names(table.get("other_configs", []))
    if others is None:
        raise ProjectError(f"{file}: [tool.serotiny] other_configs must be a list of paths")
    roots = None
    if "roots" in table:
        roots = _names(table["roots"])
        if not roots:
            raise ProjectError(f"{file}: [tool.serotiny] roots must be a list of config names")
        roots = tuple(name.removesuffix(".yaml") for name in roots)
    return Table(
        file=file,
        package=package,
        config=config,
        other_configs=others,
        trusted=trusted,
        allowed=allowed,
        trusted_hosts=hosts,
        roots=roots,
        operations=_operations(file, table["operations"]) if "operations" in table else None,
        layout=_layout(file, table["layout"]) if "layout" in table else None,
        leniency=_leniency(file, table),
    )


def _leniency(file: Path, table: Mapping[str, Any]) -> Leniency:
    try:
        return read_leniency(table)
    except LeniencyError as error:
        raise ProjectError(f"{file}: [tool.serotiny] {error}") from error


def _names(value: Any) -> tuple[str, ...] | None:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        return None
    return tuple(value)


def _operations(file: Path, value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(name, str) and name for name in value.values()):
        raise ProjectError(f'{file}: [tool.serotiny.operations] gives each operation a config: test = "eval"')
    for name in value:
        if name not in OPERATIONS:
            raise ProjectError(
                f"{file}: [tool.serotiny.operations] has no operation `{name}`; "
                f"{meant_or_all(name, OPERATIONS, 'there are')}"
            )
    twice = [root for root in value.values() if [*value.values()].count(root) > 1]
    if twice:
        raise ProjectError(f"{file}: [tool.serotiny.operations] names `{twice[0]}` for two operations")
    return {name: value[name].removesuffix(".yaml") for name in OPERATIONS if name in value}


def _layout(file: Path, value: Any) -> Layout:
    if isinstance(value, str):
        if value not in KNOWN:
            hint = meant_or_all(value, tuple(KNOWN), "write a table of keys, or one of")
            raise ProjectError(f"{file}: [tool.serotiny] layout: there is no layout `{value}`; {hint}")
        return KNOWN[value]
    if not isinstance(value, dict):
        raise ProjectError(f"{file}: [tool.serotiny] layout must be a name or a table of keys")
    parts = {part: key for part, key in value.items() if part != "kind"}
    base = value.get("kind", None)
    if base is not None and base not in KNOWN:
        raise ProjectError(
            f"{file}: [tool.serotiny.layout] kind: there is no layout `{base}`; "
            f"{meant_or_all(str(base), tuple(KNOWN), 'there are')}"
        )
    for part, key in parts.items():
        if part not in PARTS:
            raise ProjectError(
                f"{file}: [tool.serotiny.layout] has no key `{part}`; {meant_or_all(part, ('kind', *PARTS))}"
            )
        if key is not False and (not isinstance(key, str) or not _KEY.fullmatch(key)):
            raise ProjectError(
                f'{file}: [tool.serotiny.layout] {part} must be a key of the config, or false: "{part}"'
            )
    parts = {part: key or None for part, key in parts.items()}
    if base == SEROTINY.name:
        for part, key in parts.items():
            own = getattr(SEROTINY, part)
            if key != own:
                raise ProjectError(
                    f"{file}: [tool.serotiny.layout] {part}: in serotiny's own layout it is `{own}`, which is fixed; "
                    "take it out, or take out `kind` and give each part its key"
                )
    return Layout(name=DECLARED, **parts) if base is None else replace(KNOWN[base], **parts)
