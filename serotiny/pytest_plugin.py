"""`pytest --serotiny`: each operation and each option of the project is a test, which fails where it is wrong.

Every pytest imports this module where serotiny is installed, so it imports nothing more before it is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from serotiny.api.blame import Blamed

_FILE = "pyproject.toml"


class ConfigWarning(pytest.PytestWarning):
    """A config has warnings, which fail no test."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--serotiny`."""
    parser.getgroup("serotiny").addoption(
        "--serotiny",
        action="store_true",
        help="check the configs of the project too: each operation and each option is a test",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Collect the project's own file too, wherever the other tests lie."""
    if not config.getoption("serotiny"):
        return
    from serotiny.compiler.project import ProjectError, find_project

    here = config.invocation_params.dir
    try:
        file = find_project(here).root / _FILE
    except ProjectError as error:
        raise pytest.UsageError(f"--serotiny: {error}") from error
    named = [(here / argument.partition("::")[0]).resolve() for argument in config.args]
    if not any(path in (file, *file.parents) for path in named):
        config.args.append(str(file))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A project is known by its `pyproject.toml`."""
    if not parent.config.getoption("serotiny") or file_path.name != _FILE:
        return None
    from serotiny.compiler.project.table import read_table

    return ProjectFile.from_parent(parent, path=file_path) if read_table(file_path) is not None else None


class ProjectFile(pytest.File):
    """A project, whose items are its operations and options."""

    def collect(self) -> Iterator[ConfigItem]:
        """Compile the whole project once."""
        from serotiny.api.blame import blame
        from serotiny.api.compile import check_project
        from serotiny.compiler.project import find_project
        from serotiny.diagnostics import SerotinyError

        try:
            blamed = blame(check_project(find_project(self.path.parent)))
        except SerotinyError as error:
            raise self.CollectError(str(error)) from error
        for item in blamed:
            yield ConfigItem.from_parent(self, name=item.name, blamed=item)


class ConfigItem(pytest.Item):
    """One operation or option."""

    def __init__(self, *, blamed: Blamed, **node: object) -> None:
        super().__init__(**node)  # type: ignore[arg-type]
        self._blamed = blamed
        self.funcargs: dict[str, object] = {}  # plugins ask every item for its fixtures

    def runtest(self) -> None:
        from serotiny.api.errors import ConfigError
        from serotiny.report.text import render_text

        report = self._blamed.report
        if report.errors:
            raise ConfigError(report)
        if report.warnings:
            self.warn(ConfigWarning(render_text(report)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str | object:  # type: ignore[override]
        """The diagnostics as `serotiny check config` shows them, without a traceback of ours."""
        from serotiny.api.errors import ConfigError
        from serotiny.report.text import render_text

        if isinstance(excinfo.value, ConfigError):
            return render_text(excinfo.value.report)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self._blamed.file or self.path, None, f"serotiny: {self.name}"
