"""Projects for the language server to serve."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from serotiny.cli.new import create_project


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


@pytest.fixture
def large_config(config: Path) -> Path:
    """The config folder of a project of 120 options, made of the template's."""
    model = (config / "model/default.yaml").read_text("utf-8")
    for index in range(60):
        text = model.replace("latent_dim: 2", f"latent_dim: {index + 1}")
        (config / f"model/option_{index}.yaml").write_text(text, "utf-8")
    for group, key, count in (("data", "batch_size", 30), ("trainer", "max_epochs", 20)):
        for index in range(count):
            text = f"defaults:\n  - default\n  - _self_\n\n{key}: {index + 1}\n"
            (config / group / f"option_{index}.yaml").write_text(text, "utf-8")
    return config
