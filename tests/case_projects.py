"""The projects of `tests/cases`, each with the module that most of them name targets of."""

from __future__ import annotations

import shutil
from pathlib import Path

CASES = Path(__file__).parent / "cases"
_PARTS = CASES / "parts.py"
"""A small model, data module and so on; it becomes `study.parts` in a case that has none of its own."""


def lay_out(case: Path, folder: Path) -> Path:
    """Make the project of a case in a folder, and give its root."""
    root = shutil.copytree(case, folder / case.name)
    for package in [*root.glob("study/__init__.py"), *root.glob("src/study/__init__.py")]:
        if not (parts := package.with_name("parts.py")).exists():
            shutil.copyfile(_PARTS, parts)
    return root
