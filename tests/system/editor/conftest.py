"""The template project and the digits example with their schemas, and the server that editors run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from serotiny.compiler.project import find_project
from tests.system.editor.editor_project import EditorProject

NODE_MODULES = Path(__file__).parents[2] / "node" / "node_modules"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> EditorProject:
    return EditorProject.generate(tmp_path_factory.mktemp("editor"))


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> EditorProject:
    copy = tmp_path_factory.mktemp("editor") / "digits"
    ignored = shutil.ignore_patterns("outputs", "multirun", "mlruns", "*.db", ".serotiny")
    shutil.copytree(repository / "examples" / "digits", copy, ignore=ignored)
    return EditorProject.of(find_project(copy))


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The JavaScript side, which `make system-parts` installs."""
    if shutil.which("node") is None or not (NODE_MODULES / "yaml-language-server").is_dir():
        pytest.skip("yaml-language-server and ajv are not installed: run `make system-parts`")
    return NODE_MODULES
