"""The contracts of pyproject.toml hold something: a wrong import breaks them, and folders stay small."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.lint.positional_arguments import long_calls

MOST_MODULES = 15


def test_wrong_import_breaks_the_contracts(tmp_path: Path, repository: Path) -> None:
    """In a copy of the package in which `diagnostics` imports torch and the command line, floors and lightness break."""
    ignored = shutil.ignore_patterns("__pycache__", "template")
    shutil.copytree(repository / "serotiny", tmp_path / "serotiny", ignore=ignored)
    shutil.copy(repository / "pyproject.toml", tmp_path)
    with (tmp_path / "serotiny" / "diagnostics" / "place.py").open("a") as file:
        file.write("import torch\nimport serotiny.cli.main\n")

    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert 1 == done.returncode, done.stdout + done.stderr
    assert "the floors of the house BROKEN" in done.stdout
    assert "the compiler is light BROKEN" in done.stdout
    assert "serotiny.diagnostics.place -> torch" in done.stdout


def test_no_folder_holds_too_many_modules(repository: Path) -> None:
    """A folder of the package holds at most fifteen modules beside its `__init__`."""
    modules = [path for path in (repository / "serotiny").rglob("*.py") if path.name != "__init__.py"]
    folders = {path.parent for path in modules if "template" not in path.parts}

    crowded = {
        str(folder) for folder in folders if sum(path.parent == folder for path in modules) > MOST_MODULES
    }

    assert set() == crowded


def test_long_call_is_found() -> None:
    """Five positional arguments are too many, four and any number by name are not."""
    assert [2] == long_calls("f(1, 2, 3, 4, e=5)\nf(1, 2, 3, 4, 5)\n")
