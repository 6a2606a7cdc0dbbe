"""An array file that a row names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from numpy.lib.format import MAGIC_PREFIX, read_array
from torch import Tensor

from serotiny.filesystem import is_folder
from serotiny.io.dataframe.loaders.conversion import as_dtype
from serotiny.io.dataframe.loaders.decoded import Cache, FileLoader, OnError
from serotiny.io.dataframe.loaders.zarr_folder import read_zarr
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import check_regular


class LoadArray(FileLoader):
    """The array whose path is in a column, with the shape that it has: a `.npy` file, or a folder of zarr's format.

    Zarr needs the extra `serotiny[zarr]`; an array in a group is named by its own folder, as in `x.zarr/0`.

    Args:
        column: The column that holds the path; a relative one starts from the manifest's folder.
        dtype: What the numbers become; `null` leaves them as they are stored.
        shape: What each array has to have; `null` in it for a side of any length. Without it, arrays of a batch
            must agree.
        transform: Applied to the tensor, after all else.
        cache: Where what was read is kept for the next epoch: `memory` (of each worker, and whatever becomes of the file) or
            `disk`.
        cache_mib: How much at most; what does not fit is read anew.
        on_error: What happens to a row whose file cannot be read or has another shape: `raise`, or `skip`, which
            leaves it out of its batch; how many there were is told at the end.

    Raises:
        ManifestError: when loading: no such column, no path in the cell, no such file, no array of numbers in it, or
            one of another shape.
    """

    def __init__(
        self,
        column: str,
        dtype: Literal["float32", "float64", "float16", "int64", "uint8"] | None = "float32",
        shape: Sequence[int | None] | None = None,
        transform: Callable[[Tensor], Tensor] | None = None,
        cache: Cache | None = None,
        cache_mib: int = 1024,
        on_error: OnError = "raise",
    ) -> None:
        super().__init__(column, transform, cache=cache, cache_mib=cache_mib, on_error=on_error)
        self.dtype = dtype
        self.shape = None if shape is None else tuple(shape)

    def settings(self) -> tuple[Any, ...]:
        """What the result depends on apart from the file."""
        return ("array", self.dtype, self.shape)

    def read(self, path: str) -> Tensor:
        """The array of a file.

        Raises:
            ManifestError: it cannot be read, has another shape, or holds what `dtype` does not; names the file.
        """
        is_zarr = is_folder(Path(path))
        if not is_zarr:
            check_regular(path)
        try:
            array = read_zarr(Path(path)) if is_zarr else _read_npy(path)
        except FileNotFoundError as error:
            raise ManifestError(f"array {path} does not exist") from error
        # little is checked of what a file says of itself: anything may come of a damaged one
        except Exception as error:
            raise ManifestError(f"array {path} cannot be read: {error}") from error
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf":
            raise ManifestError(f"array {path} holds no array of numbers")
        if self.shape is not None and not _fits(array.shape, self.shape):
            raise ManifestError(f"array {path} has the shape {array.shape}; `shape` wants {self.shape}")
        native = np.array(array, array.dtype.newbyteorder("="), order="C")
        if self.dtype is not None:
            native = as_dtype(native, self.dtype, f"array {path}")
        elif native.dtype == np.longdouble:
            raise ManifestError(
                f"array {path} holds {native.dtype} numbers, which torch does not have; give `dtype`"
            )
        return torch.from_numpy(native)


def _read_npy(path: str) -> npt.NDArray[Any]:
    with Path(path).open("rb") as file:
        if file.read(len(MAGIC_PREFIX)) != MAGIC_PREFIX:
            raise ManifestError("it is no `.npy` file")
        file.seek(0)
        return read_array(file, allow_pickle=False)


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(
        side is None or side == length for length, side in zip(shape, wanted, strict=True)
    )
