"""Projects for the language server to serve."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from serotiny.cli.commands.new import create_project


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return create_project({}, no_input=True, output_dir=tmp_path_factory.mktemp("template"))


@pytest.fixture
def project(_template: Path, tmp_path: Path) -> Path:
    """A copy of the template project."""
    return Path(shutil.copytree(_template, tmp_path / "a_tiny_project"))


@pytest.fixture
def config(project: Path) -> Path:
    """Its config folder."""
    return project / "a_tiny_project" / "config"
