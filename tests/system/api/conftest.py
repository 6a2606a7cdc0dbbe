"""A project to compile and run from Python."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """A copy of the digits example with its manifest and its notebook."""
    folder = tmp_path_factory.mktemp("prepared") / "digits"
    ignored = shutil.ignore_patterns("outputs", "multirun", "*.db", "mlruns", "__pycache__", "data.csv")
    shutil.copytree(repository / "examples" / "digits", folder, ignore=ignored)
    subprocess.run([sys.executable, "-m", "digits.manifest"], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def digits(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project, as a folder of the test's own in which it runs."""
    folder = tmp_path / "digits"
    shutil.copytree(prepared, folder)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(folder)
    return folder
