"""The folders from which a repository's own modules are imported."""

from __future__ import annotations

from pathlib import Path

from serotiny.filesystem import is_folder, is_there

_PARTS = ("pyproject.toml", "setup.py")
"""Files that mark a folder of a repository as a distribution of its own."""


def source_roots(root: Path) -> tuple[Path, ...]:
    """The repository itself and its `src`, and both for each folder of it that is a distribution of its own."""
    parts = [path for path in _folders(root) if any(is_there(path / name) for name in _PARTS)]
    found = [base for part in (root, *parts) for base in (part, part / "src")]
    return tuple(base for base in found if base == root or is_folder(base))


def _folders(root: Path) -> list[Path]:
    try:
        return sorted(path for path in root.iterdir() if not path.name.startswith(".") and is_folder(path))
    except OSError:
        return []
