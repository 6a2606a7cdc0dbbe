"""Read and load the splits of a manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from serotiny.datamodules.content import AnyLoader, Content, bind, load
from serotiny.datamodules.reading import Reading
from serotiny.datamodules.shares import codes_of
from serotiny.datamodules.splits import Part, SplitRule, read_all_rows, read_splits
from serotiny.io.dataframe.loaders.columns import LoadColumn
from serotiny.io.dataframe.table import Table
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import Split
from serotiny.manifest.selection import listing


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request to load a manifest.

    Attributes:
        path: a file or a folder.
        loaders: the loaders of each requested split.
        rule: how the rows of a single file are divided into splits.
        columns: the columns that the loaders may take; None for all.
        balanced: the column by which the training is balanced.
        inference: whether to load all rows, as those of `test`.
    """

    path: Path
    loaders: Mapping[Split, Mapping[str, AnyLoader]]
    rule: SplitRule
    columns: Sequence[str] | None = None
    balanced: str | None = None
    inference: bool = False


@dataclass(frozen=True)
class LoadedSplit:
    """The rows of a split in one file.

    Attributes:
        split: the split.
        content: the loaded file, shared by splits with the same loaders.
        positions: the positions of the rows, in order.
        classes: the class number of each row, for a balanced training.
    """

    split: Split
    content: Content
    positions: Tensor
    classes: Tensor | None = None


def load_manifest(request: Request) -> list[LoadedSplit]:
    """Read and load every requested split that exists, by file.

    Raises:
        ManifestError: a fault, with the file, column, value and loader; or no requested split has a row.
    """
    loaders = [loader for group in request.loaders.values() for loader in group.values()]
    if request.inference:
        if "test" not in request.loaders:
            raise ManifestError("`just_inference` takes the loaders of `test`; `loaders` has none for it")
        parts = read_all_rows(Reading(request.path, loaders, columns=request.columns))
    else:
        others = [*request.rule.columns, *([request.balanced] if request.balanced is not None else [])]
        reading = Reading(request.path, loaders, others, request.columns)
        parts = read_splits(reading, request.rule, list(request.loaders))
    if not any(part.positions for part in parts):
        raise ManifestError(f"{request.path} has no rows for {listing(list(request.loaders))}")
    found = [loaded for part in parts for loaded in _load(part, request, parts)]
    _check_types(found, request)
    return found


def _check_types(found: Sequence[LoadedSplit], request: Request) -> None:
    """Check that what a column holds, where that decides on the type of its values, is the same in all files."""
    first: dict[str, tuple[str, Path]] = {}
    for loaded in found:
        for key, loader in request.loaders[loaded.split].items():
            if not isinstance(loader, LoadColumn) or loader.dtype is not None:
                continue
            values, path = loaded.content.values[key], loaded.content.path
            kind = str(values.dtype).removeprefix("torch.") if isinstance(values, Tensor) else "text"
            expected, there = first.setdefault(key, (kind, path))
            if kind != expected:
                raise ManifestError(
                    f"{path}: column `{loader.column}` is {kind}, and {expected} in {there.name}; write it alike, or give "
                    f"loader `{key}` a `dtype`, whose error names the first cell that is not of it"
                )


def _load(part: Part, request: Request, parts: Sequence[Part]) -> Iterator[LoadedSplit]:
    for splits in _with_the_same_loaders(part, request):
        table = part.table
        positions = {split: part.positions[split] for split in splits}
        if sum(map(len, positions.values())) < len(table):
            # the values of rows outside of the requested splits are not checked
            together = np.sort(np.concatenate(list(positions.values())))
            table = table.take(together)
            positions = {split: np.searchsorted(together, found) for split, found in positions.items()}
        content = load(table, bind(request.loaders[splits[0]], _tables_for(splits[0], request, parts)))
        for split, found in positions.items():
            kept = content.complete(torch.from_numpy(found))
            if not len(kept):
                raise ManifestError(f"{table.path}: no row of split `{split}` has all of its values")
            classes = None
            if split == "train" and request.balanced is not None:
                classes = torch.from_numpy(codes_of(table, request.balanced, kept.numpy())[0])
            yield LoadedSplit(split, content, kept, classes)


def _with_the_same_loaders(part: Part, request: Request) -> list[list[Split]]:
    groups: dict[tuple[tuple[str, int], ...], list[Split]] = {}
    for split in part.positions:
        groups.setdefault(_identity(request, split), []).append(split)
    return list(groups.values())


def _tables_for(split: Split, request: Request, parts: Sequence[Part]) -> list[Table]:
    """All tables; first those that are loaded by the same loaders as a split."""
    own = _identity(request, split)
    return [
        part.table
        for part in sorted(
            parts, key=lambda part: all(_identity(request, other) != own for other in part.positions)
        )
    ]


def _identity(request: Request, split: Split) -> tuple[tuple[str, int], ...]:
    return tuple((key, id(loader)) for key, loader in request.loaders[split].items())
