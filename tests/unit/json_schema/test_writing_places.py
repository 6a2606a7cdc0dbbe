"""Where schemas and the wiring of an editor are written, in a project that somebody else made."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from serotiny.json_schema.writing import UnwritableError, replace_text, write_schemas


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    (tmp_path / "outside").mkdir()
    return tmp_path / "outside"


@pytest.mark.parametrize("link", [".serotiny", ".vscode"])
def test_a_folder_of_the_project_that_leads_out_of_it_is_not_written_to(outside: Path, link: str) -> None:
    """Whoever made the project could otherwise have files made anywhere."""
    root = outside.parent / "project"
    (root / link).symlink_to(outside)

    with pytest.raises(UnwritableError, match="leads out of the project"):
        write_schemas({"train": {}}, root / link / "schemas", root)

    assert [] == list(outside.iterdir())


def test_a_link_within_the_project_and_a_folder_of_the_call_are_written_to(outside: Path) -> None:
    """The one leads nowhere else, and the other is what the user typed."""
    root = outside.parent / "project"
    (root / "real").mkdir()
    (root / "link").symlink_to(root / "real")

    assert [root / "link/train.schema.json"] == write_schemas({"train": {}}, root / "link", root)
    assert [outside / "new/train.schema.json"] == write_schemas({"train": {}}, outside / "new")


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "parent"])
def test_what_is_no_plain_file_is_left_alone(outside: Path, kind: str) -> None:
    """A link, a pipe or a folder in the place of a file, or a file in that of a folder, is told."""
    file = outside / "folder" / "x.json"
    if kind == "parent":
        (outside / "folder").touch()
    else:
        file.parent.mkdir()
    if kind == "link":
        file.symlink_to(outside / "y")
    elif kind == "pipe":
        os.mkfifo(file)
    elif kind == "folder":
        file.mkdir()

    with pytest.raises(UnwritableError, match="cannot be written"):
        replace_text(file, "{}")

    assert not (outside / "y").exists()
