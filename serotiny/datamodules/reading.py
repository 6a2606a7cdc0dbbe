"""Read the columns of a manifest that are needed, with the types that loaders ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from serotiny.datamodules.content import AnyLoader
from serotiny.io.dataframe.loaders.loader import Loader, columns_of
from serotiny.io.dataframe.table import Table, read_table
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.header import read_header
from serotiny.manifest.selection import missing_column

_FLOATS = (pa.float32(), pa.float64())


@dataclass(frozen=True)
class Reading:
    """The columns of a manifest to read.

    Attributes:
        path: a file or a folder.
        loaders: the loaders, whose columns are read.
        others: further columns to read, with the types in the file.
        columns: the columns that the loaders may take; None for all.
    """

    path: Path
    loaders: Sequence[AnyLoader]
    others: Sequence[str] = ()
    columns: Sequence[str] | None = None

    def table(self, path: Path) -> Table:
        """Read one file.

        Raises:
            ManifestError: it cannot be read, or lacks a column; the message names the file.
        """
        header = self._open_to_loaders(path)
        taken: dict[str, pa.DataType | None] = dict.fromkeys(self.others)
        texts: set[str] = set()
        times = Counter(taken.keys())
        groups: list[list[str]] = []
        for loader in {id(loader): loader for loader in self.loaders}.values():
            wanted = columns_of(loader)
            kind = loader.arrow_type() if isinstance(loader, Loader) else None
            names = header if wanted is None else wanted.of(header)
            for name in names:
                # a column that two loaders need in different types is read with its own type
                taken[name] = kind if taken.setdefault(name, kind) == kind else None
            times.update(names)
            if kind == pa.string():
                texts.update(names)
            if kind in _FLOATS and len(names) > 1:
                groups.append(names)
        types = {name: kind for name, kind in taken.items() if kind is not None}
        written = [name for name in texts if name not in types]
        types |= dict.fromkeys(written, pa.string())
        matrices = [names for names in groups if all(times[name] == 1 for name in names)]
        return read_table(path, list(taken), types, header, matrices=matrices, written=written)

    def _open_to_loaders(self, path: Path) -> list[str]:
        header = read_header(path)
        if self.columns is None:
            return header
        for name in self.columns:
            if name not in header:
                raise ManifestError(f"{path}: {missing_column(name, header)}")
        allowed = {*self.columns, *self.others}
        return [name for name in header if name in allowed]
