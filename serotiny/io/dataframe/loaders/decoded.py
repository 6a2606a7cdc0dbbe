"""Files that the cells of a column name, each read into a tensor when its row is requested."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from abc import abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor

from serotiny.filesystem import replacing
from serotiny.io.dataframe.loaders.loader import Lazy, Loader
from serotiny.io.dataframe.loaders.zarr_folder import changed_ns, folder_state
from serotiny.io.dataframe.table import Table
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.loader_columns import Declaration
from serotiny.manifest.selection import missing_column

Cache = Literal["memory", "disk"]
OnError = Literal["raise", "skip"]

_MIB = 2**20
_PROCESSES = 16
"""That may fill a cache at the same time."""


class FileLoader(Loader):
    """The base of loaders of files.

    Args:
        column: The column that holds the path; a relative one starts from the manifest's folder.
        transform: Applied to the tensor of a row, after all else.
        cache: Where what was read of a file is kept for the next epoch: `memory` (of each process, so of each worker; a
            file that changes meanwhile is not read again) or `disk` (a folder of the system's temporary one, which later
            jobs find again; a changed file is read anew).
        cache_mib: How much at most; what does not fit is read anew.
        on_error: What happens to a row whose file cannot be read: `raise`, or `skip`, which leaves it out of its
            batch; how many there were is told at the end.

    Raises:
        ManifestError: `cache_mib` is not positive, or `cache` or `on_error` is another word.
    """

    columns: ClassVar[Declaration] = ("{column}",)

    def __init__(
        self,
        column: str,
        transform: Callable[[Tensor], Tensor] | None = None,
        cache: Cache | None = None,
        cache_mib: int = 1024,
        on_error: OnError = "raise",
    ) -> None:
        if cache not in (None, "memory", "disk"):
            raise ManifestError(f"`cache` is `{cache}`; it is `memory`, `disk` or null")
        if cache_mib < 1:
            raise ManifestError(f"`cache_mib` is {cache_mib}; it is positive")
        if on_error not in ("raise", "skip"):
            raise ManifestError(f"`on_error` is `{on_error}`; it is `raise` or `skip`")
        self.column = column
        self.cache = cache
        self.cache_mib = cache_mib
        self.on_error = on_error
        self._transform = transform

    def arrow_type(self) -> pa.DataType:
        """A path as it is written, such as 007."""
        return pa.string()

    def bind(self, tables: Sequence[Table]) -> Self:
        """The loader itself, if one of the tables has the column."""
        if not any(self.column in table.header for table in tables):
            raise missing_column(self.column, tables[0].header)
        return self

    def load(self, table: Table) -> Lazy:
        """The files, each opened when its row is requested."""
        table.require([self.column])
        # a transform takes values as they are in a batch, and may give others
        return _CompactFiles(table, self) if self._transform is None else Files(table, self)

    @abstractmethod
    def read(self, path: str) -> Tensor:
        """The tensor of a file that a cache may keep.

        Raises:
            ManifestError: it cannot be read; names the file.
        """

    @abstractmethod
    def settings(self) -> tuple[Any, ...]:
        """What the result of `read` depends on apart from the file."""

    def expand(self, stored: Tensor) -> Tensor:
        """Tensors of `read`, of one row or of several, with the dtype of a batch."""
        return stored

    def finish(self, stored: Tensor) -> Tensor:
        """The tensor of `read`, or of the cache, as it goes into the batch."""
        expanded = self.expand(stored)
        return expanded if self._transform is None else self._transform(expanded)


class Files:
    """The files that the cells of a column name."""

    def __init__(self, table: Table, loader: FileLoader) -> None:
        # paths are texts: pathlib takes some percent of what it takes to decode a small image
        self._folder = str(table.folder)
        self._cells = table.texts(loader.column)
        self._loader = loader
        self._kept: _InMemory | _OnDisk | None = None
        if loader.cache == "memory":
            self._kept = _InMemory(loader.cache_mib * _MIB)
        elif loader.cache == "disk":
            self._kept = _OnDisk(loader.cache_mib * _MIB, repr(loader.settings()))
        self.failed: Tensor | None = None
        """The rows that could not be loaded, in memory shared with the workers; None unless they are skipped."""
        if loader.on_error == "skip":
            self.failed = torch.zeros(len(self._cells), dtype=torch.bool).share_memory_()  # type: ignore[no-untyped-call]  # torch's

    def __len__(self) -> int:
        return len(self._cells)

    def __getitem__(self, position: int) -> Tensor:
        return self._loader.finish(self._read(position))

    def path(self, position: int) -> str:
        """The file of a row.

        Raises:
            ManifestError: the cell holds no path.
        """
        cell = self._cells[position].as_py()
        if not isinstance(cell, str) or not cell:
            raise ManifestError(f"column `{self._loader.column}` holds `{cell}`, which is no path")
        return os.path.join(self._folder, cell)  # noqa: PTH118  # see above

    def _read(self, position: int) -> Tensor:
        path = self.path(position)
        if self._kept is None:
            return self._loader.read(path)
        return self._kept.get(path, self._loader.read)


class _CompactFiles(Files):
    """The same, which can be passed on as they were read."""

    def compact(self, position: int) -> Tensor:
        return self._read(position)

    def expand(self, values: Tensor) -> Tensor:
        return self._loader.expand(values)


class _InMemory:
    """Tensors by path, as long as there is room."""

    def __init__(self, most_bytes: int) -> None:
        self._left = most_bytes
        self._tensors: dict[str, Tensor] = {}

    def get(self, path: str, read: Callable[[str], Tensor]) -> Tensor:
        found = self._tensors.get(path)
        if found is None:
            found = read(path)
            size = found.numel() * found.element_size()
            if size <= self._left:
                self._tensors[path] = found
                self._left -= size
        return found.clone()  # the caller may change the tensors of its batch


class _OnDisk:
    """Tensors in files named by a hash of path, size and time of their source, as long as there is room."""

    def __init__(self, most_bytes: int, settings: str) -> None:
        who = os.getuid() if hasattr(os, "getuid") else "user"
        self._folder = Path(tempfile.gettempdir()) / f"serotiny-decoded-{who}"
        self._most = most_bytes
        self._settings = settings
        self._room = 0.0
        self._is_full = False
        self._is_ours: bool | None = None

    def get(self, path: str, read: Callable[[str], Tensor]) -> Tensor:
        if self._is_ours is None:
            self._is_ours = _is_own_folder(self._folder)
        file = self._file_of(path) if self._is_ours else None
        if file is None:
            return read(path)
        with suppress(OSError, ValueError):
            return torch.from_numpy(np.load(file, allow_pickle=False))
        found = read(path)
        with suppress(OSError):  # a cache that cannot be written is not used
            self._keep(file, found)
        return found

    def _file_of(self, path: str) -> Path | None:
        try:
            state = Path(path).stat()
            is_folder = stat.S_ISDIR(state.st_mode)
            size, changed = folder_state(Path(path)) if is_folder else (state.st_size, changed_ns(state))
        except (OSError, ValueError):
            return None
        source = f"{path}\0{size}\0{changed}\0{self._settings}"
        return self._folder / f"{hashlib.sha256(source.encode()).hexdigest()}.npy"

    def _keep(self, file: Path, tensor: Tensor) -> None:
        size = tensor.numel() * tensor.element_size()
        if self._is_full:
            return
        if size > self._room:
            left = self._most - sum(item.stat().st_size for item in self._folder.iterdir())
            self._is_full = size > left
            if self._is_full:
                return
            # other processes write, too: a part of what is left, then the folder is looked at again
            self._room = max(size, left / _PROCESSES)
        self._room -= size
        with replacing(file) as partial, partial.open("wb") as stream:
            np.save(stream, tensor.numpy(), allow_pickle=False)


def _is_own_folder(folder: Path) -> bool:
    """Create a folder if it is missing; whether it is this user's: others can write to the temporary folder, too."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        state = folder.lstat()
    except OSError:
        return False
    is_mine = not hasattr(os, "getuid") or state.st_uid == os.getuid()
    return is_mine and stat.S_ISDIR(state.st_mode)
