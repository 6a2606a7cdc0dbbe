"""Files that nobody sees a part of, and questions about any path."""

from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.filesystem import create_file, is_file, is_folder, replace_file, replacing


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_at_the_end_of_the_block(tmp_path: Path) -> None:
    """Until then the old content stands there, and nothing else is left afterwards."""
    file = tmp_path / "file"
    file.write_text("old")

    with replacing(file, durable=True) as partial:
        partial.write_text("new")
        assert "old" == file.read_text()

    assert (["file"], "new") == (names(tmp_path), file.read_text())


def test_a_block_that_fails_leaves_the_old_file_alone(tmp_path: Path) -> None:
    """What was written of the new one is taken away."""
    file = tmp_path / "file"
    file.write_text("old")

    def fail() -> None:
        with replacing(file) as partial:
            partial.write_text("n")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert (["file"], "old") == (names(tmp_path), file.read_text())


def test_a_replaced_file_keeps_its_permissions(tmp_path: Path) -> None:
    """What only its owner may read stays so; a new file is as any other program makes it."""
    secret, new = tmp_path / "secret", tmp_path / "new"
    secret.touch(0o600)
    (plain := tmp_path / "plain").touch()

    replace_file(secret, b"x\n")
    replace_file(new, "ö\n")

    assert (0o600, "ö\n") == (secret.stat().st_mode & 0o777, new.read_bytes().decode())
    assert plain.stat().st_mode == new.stat().st_mode


def test_a_file_is_made_once(tmp_path: Path) -> None:
    """Whoever comes second fails and changes nothing."""
    create_file(tmp_path / "file", "first")

    with pytest.raises(FileExistsError):
        create_file(tmp_path / "file", "second")

    assert (["file"], "first") == (names(tmp_path), (tmp_path / "file").read_text())


def test_a_name_as_long_as_the_disk_allows_can_be_written(tmp_path: Path) -> None:
    """What stands beside it meanwhile has a short name of its own."""
    replace_file(tmp_path / ("x" * 255), "text")

    assert ["x" * 255] == names(tmp_path)


def test_a_name_too_long_for_any_disk_is_not_there(tmp_path: Path) -> None:
    """Asking for it does not raise."""
    path = tmp_path / ("x" * 5000)

    assert (False, False) == (is_file(path), is_folder(path))
