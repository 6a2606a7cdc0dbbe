"""Find the files of a manifest."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

from serotiny.filesystem import is_file, is_folder, is_there, matching
from serotiny.manifest.errors import ManifestError

SUFFIXES = (".csv", ".parquet")

Split = Literal["train", "valid", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)


def check_file(path: Path) -> None:
    """Check by the name and kind of a file whether it can be read as a table.

    Raises:
        ManifestError: it does not exist, is not a regular file, or has a format that cannot be read.
    """
    if is_folder(path):
        raise ManifestError(f"{path} is a folder, not a CSV or parquet file")
    if not is_there(path):
        raise ManifestError(f"{path} does not exist")
    if path.suffix.lower() not in SUFFIXES:
        raise ManifestError(f"{path}: cannot read `{path.suffix}` files; give one of {', '.join(SUFFIXES)}")
    if not is_file(path):
        raise ManifestError(f"{path} is no regular file")


def check_regular(path: str) -> None:
    """Refuse what a row names that is there and is no file: to read a pipe may never end.

    Raises:
        ManifestError: it is a pipe, a device or a folder.
    """
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116  # once a row
    except (OSError, ValueError):  # what cannot be looked at is told by who reads it
        return
    if not stat.S_ISREG(mode):
        raise ManifestError(f"{path} is no regular file")


def candidates(folder: Path, split: Split) -> list[Path]:
    """The paths that the file of a split may have."""
    return [folder / f"{split}{suffix}" for suffix in SUFFIXES]


def file_of_split(folder: Path, split: Split) -> Path:
    """The file of a split in a folder.

    Raises:
        ManifestError: there is none, or more than one.
    """
    existing = [file for file in candidates(folder, split) if is_there(file)]
    if len(existing) > 1:
        raise ManifestError(
            f"{folder} has two files for split `{split}`: {existing[0].name}, {existing[1].name}"
        )
    if not existing:
        raise ManifestError(f"{folder} has no file for split `{split}`: {folder / split}.csv does not exist")
    return existing[0]


def folder_files(folder: Path, wanted: Sequence[Split]) -> dict[Split, Path]:
    """The files of the requested splits in a folder; some of them may have none.

    Raises:
        ManifestError: no split has a file, or one has more than one.
    """
    found = {
        split: file_of_split(folder, split)
        for split in wanted
        if any(is_there(file) for file in candidates(folder, split))
    }
    if not found:
        file_of_split(folder, wanted[0])
    return found


def files_of_splits(folder: Path) -> list[Path]:
    """Every file of a split in a folder.

    Raises:
        ManifestError: there is none.
    """
    files = [file for split in SPLITS for file in candidates(folder, split) if is_there(file)]
    if not files:
        names = ", ".join(f"`{split}.csv`" for split in SPLITS)
        raise ManifestError(f"{folder} has no file for a split ({names})")
    return files


def streamed_files(folder: Path) -> dict[Split, list[Path]]:
    """The parquet files of each split that has some: one, or those of a folder in the order of their names.

    Raises:
        ManifestError: there is none, the files are CSV, or a split has both forms.
    """
    if folder.suffix.lower() == ".csv" or any(is_there(folder / f"{split}.csv") for split in SPLITS):
        raise ManifestError(
            f"{folder}: a CSV is not streamed; write it as parquet, by `serotiny data convert in.csv out.parquet`"
        )
    if is_file(folder):
        raise ManifestError(
            f"{folder} is a file, not a folder with `train.parquet`, `valid.parquet` and `test.parquet`"
        )
    if not is_there(folder):
        raise ManifestError(f"{folder} does not exist")
    found: dict[Split, list[Path]] = {}
    for split in SPLITS:
        one, shards = folder / f"{split}.parquet", sorted(matching(folder / split, "*.parquet"))
        if is_there(one) and shards:
            raise ManifestError(f"{folder} has both `{split}.parquet` and a folder `{split}`")
        if shards or is_there(one):
            found[split] = shards or [one]
    if not found:
        raise ManifestError(
            f"{folder} has neither `train.parquet` nor a folder `train` of such files, nor any of another split"
        )
    return found
