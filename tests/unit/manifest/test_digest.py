"""Two states of a manifest have two digests."""

from __future__ import annotations

from pathlib import Path

from serotiny.manifest.digest import manifest_digest


def test_a_changed_row_is_another_digest(tmp_path: Path) -> None:
    """The same content has the same one, wherever it lies."""
    for name, text in (("a.csv", "x\n1\n"), ("b.csv", "x\n1\n"), ("c.csv", "x\n2\n")):
        (tmp_path / name).write_text(text)
    one, same, other = (manifest_digest(tmp_path / f"{name}.csv") for name in "abc")
    assert one == same != other
    assert one is not None
    assert 32 == len(one)


def test_of_a_large_file_both_ends_count(tmp_path: Path) -> None:
    """Size, beginning, end and blocks between, without reading all of it."""
    file = tmp_path / "large.parquet"
    digests = set()
    for changed in (None, 0, 80 * 2**20 - 1):
        with file.open("wb") as stream:
            stream.truncate(80 * 2**20)
            if changed is not None:
                stream.seek(changed)
                stream.write(b"x")
        digests.add(manifest_digest(file))
    assert 3 == len(digests)


def test_a_folder_is_told_by_names_and_contents(tmp_path: Path) -> None:
    """A file that takes another's place changes the digest; other files do not count."""
    (tmp_path / "train.csv").write_text("x\n1\n")
    before = manifest_digest(tmp_path)
    (tmp_path / "notes.txt").write_text("anything")
    assert before == manifest_digest(tmp_path)
    (tmp_path / "train.csv").rename(tmp_path / "valid.csv")
    assert before != manifest_digest(tmp_path)


def test_what_is_not_there_has_none(tmp_path: Path) -> None:
    """The job itself says that a manifest is missing."""
    assert manifest_digest(tmp_path / "none.csv") is None


def test_shards_of_a_folder_count(tmp_path: Path) -> None:
    """A split may be a folder of files."""
    (tmp_path / "train").mkdir()
    digests = {manifest_digest(tmp_path)}
    for name, text in (("train/0.parquet", "1"), ("train/0.parquet", "2"), ("train/1.parquet", "2")):
        (tmp_path / name).write_text(text)
        digests.add(manifest_digest(tmp_path))
    assert 4 == len(digests)
