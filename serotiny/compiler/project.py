"""Find the project that a command is about."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serotiny.diagnostics import SerotinyError
from serotiny.filesystem import is_file, is_folder


class ProjectError(SerotinyError):
    """There is no project here, or its `[tool.serotiny]` table is wrong."""


@dataclass(frozen=True)
class Project:
    """A serotiny project.

    Attributes:
        root: the folder of its `pyproject.toml`; diagnostics' files are relative to it.
        package: its importable package, or None with `--config-dir` alone.
        config_folders: where configs are looked for, first match wins.
        trusted: packages that `[tool.serotiny] trusted` or `--trust` adds.
    """

    root: Path
    package: str | None
    config_folders: tuple[Path, ...]
    trusted: tuple[str, ...] = ()

    @property
    def import_paths(self) -> tuple[Path, ...]:
        """Where the project's own modules are found, installed or not."""
        source = self.root / "src"
        return (self.root, source) if is_folder(source) else (self.root,)

    def shown(self, path: Path) -> str:
        """`path` as messages name it: relative to the root where it lies below."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return path.as_posix()


def find_project(start: Path, config_dir: Path | None = None, trusted: tuple[str, ...] = ()) -> Project:
    """The project of folder `start`; with `config_dir` there need not be one.

    Raises:
        ProjectError: no project, a malformed table, or a config folder that is none.
    """
    start = start.resolve()
    extra = () if config_dir is None else (_config_folder(start / config_dir, "--config-dir"),)
    for folder in (start, *start.parents):
        table = _table(folder / "pyproject.toml")
        if table is not None:
            return _from_table(folder, table, extra, trusted)
    if extra:
        return Project(start, None, extra, trusted)
    raise ProjectError(
        f"no serotiny project in {start} or above: no pyproject.toml there has a [tool.serotiny] table; "
        "make one with `serotiny new`, or name a folder of configs with --config-dir"
    )


def _table(file: Path) -> dict[str, Any] | None:
    if not is_file(file):
        return None
    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ProjectError(f"{file} cannot be read: {error}") from error
    table = document.get("tool", {}).get("serotiny")
    if table is not None and not isinstance(table, dict):
        raise ProjectError(f"{file}: tool.serotiny must be a table")
    return table


def _from_table(
    root: Path, table: dict[str, Any], extra: tuple[Path, ...], trusted: tuple[str, ...]
) -> Project:
    file = root / "pyproject.toml"
    unknown = sorted(set(table) - {"package", "config", "trusted"})
    if unknown:
        raise ProjectError(
            f"{file}: [tool.serotiny] has no key `{unknown[0]}`; it has package, config, trusted"
        )
    package, config, own = table.get("package"), table.get("config"), table.get("trusted", [])
    if not isinstance(package, str) or not package.isidentifier():
        raise ProjectError(f"{file}: [tool.serotiny] package must name the project's Python package")
    if not isinstance(own, list) or not all(isinstance(name, str) for name in own):
        raise ProjectError(f"{file}: [tool.serotiny] trusted must be a list of package names")
    if config is not None and not isinstance(config, str):
        raise ProjectError(f"{file}: [tool.serotiny] config must be a path")
    base = root / "src" if is_folder(root / "src" / package) else root
    folder = root / config if config else base / package / "config"
    return Project(root, package, (_config_folder(folder, f"{file}: config"), *extra), (*own, *trusted))


def _config_folder(path: Path, what: str) -> Path:
    if is_folder(path):
        return path
    kind = "is a file, not a folder" if is_file(path) else "does not exist"
    raise ProjectError(f"{what}: the config folder {path} {kind}")
