"""An image file that a row names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import tifffile
import torch
from PIL import Image
from torch import Tensor

from serotiny.io.dataframe.loaders.loader import Lazy, Loader
from serotiny.io.dataframe.table import Table
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.loader_columns import Declaration
from serotiny.manifest.selection import missing_column

TIFF_SUFFIXES = (".tif", ".tiff")


class LoadImage(Loader):
    """The image whose path is in a column: float32, channels first, shape (C, H, W).

    TIFF files are read with tifffile (2-D images with one channel axis at most), all others with Pillow:
    a palette becomes RGB or RGBA, CMYK and YCbCr become RGB, grey stays one channel. A file is
    opened when its row is asked for, in the worker that asks.

    Args:
        column: The column that holds the path; a relative one starts from the manifest's folder.
        scale: Divide integer intensities by the largest value of their type, which makes them lie in [0, 1].
            Otherwise they stay as stored.
        transform: Applied to the tensor, for example a resize, so that all images of a batch have one shape.

    Raises:
        ManifestError: when loading: no such column, no path in the cell, no such file, no image in it, or one
            of more than two dimensions.
    """

    columns: ClassVar[Declaration] = ("{column}",)

    def __init__(
        self, column: str, scale: bool = False, transform: Callable[[Tensor], Tensor] | None = None
    ) -> None:
        self.column = column
        self.scale = scale
        self._transform = transform

    def bind(self, tables: Sequence[Table]) -> Self:
        """Itself, when one of the tables has the column."""
        if not any(self.column in table.header for table in tables):
            raise missing_column(self.column, tables[0].header)
        return self

    def load(self, table: Table) -> Lazy:
        """The images, each opened when it is asked for."""
        table.require([self.column])
        return _Images(table, self)

    def open(self, path: Path) -> Tensor:
        """The image in a file.

        Raises:
            ManifestError: no such file, no image in it, or one of more than two dimensions; names the file.
        """
        image = read_image(path)
        tensor = torch.from_numpy(image.astype(np.float32))
        if self.scale and image.dtype.kind in "ui":
            tensor /= float(np.iinfo(image.dtype).max)
        return tensor if self._transform is None else self._transform(tensor)


class _Images:
    """The images that the cells of a column name."""

    def __init__(self, table: Table, loader: LoadImage) -> None:
        self._folder = table.folder
        self._cells = table.column(loader.column)
        self._loader = loader

    def __len__(self) -> int:
        return len(self._cells)

    def __getitem__(self, position: int) -> Tensor:
        cell = self._cells[position].as_py()
        if not isinstance(cell, str) or not cell:
            raise ManifestError(f"column `{self._loader.column}` holds `{cell}`, which is no path")
        return self._loader.open(self._folder / cell)


def read_image(path: Path) -> npt.NDArray[Any]:
    """The intensities as stored, shape (C, H, W).

    Raises:
        ManifestError: no such file, no image in it, or one of more than two dimensions; names the file.
    """
    try:
        return _read_tiff(path) if path.suffix.lower() in TIFF_SUFFIXES else _read_with_pillow(path)
    except FileNotFoundError as error:
        raise ManifestError(f"image {path} does not exist") from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, tifffile.TiffFileError) as error:
        # SyntaxError is what Pillow says of some damaged PNG files, ValueError what tifffile says of a
        # compression that it has no codec for.
        raise ManifestError(f"image {path} cannot be read: {error}") from error


def _read_tiff(path: Path) -> npt.NDArray[Any]:
    with tifffile.TiffFile(path) as file:
        series = file.series[0]
        axes, image = series.axes, series.asarray()
    # C is a channel, S a sample of a pixel (RGB); a stack without metadata has I or Q.
    channels = [axis for axis in axes if axis not in "YX"]
    if len(channels) > 1 or "Y" not in axes or "X" not in axes:
        raise ManifestError(
            f"image {path} has the axes `{axes}`; only 2-D images with channels can be loaded"
        )
    if not channels:
        return image[np.newaxis]
    return np.moveaxis(image, axes.index(channels[0]), 0)


def _read_with_pillow(path: Path) -> npt.NDArray[Any]:
    with Image.open(path) as image:
        pixels = np.asarray(_in_plain_mode(image))
    return pixels[np.newaxis] if pixels.ndim == 2 else np.moveaxis(pixels, -1, 0)


def _in_plain_mode(image: Image.Image) -> Image.Image:
    """The image in a mode whose pixels are intensities."""
    if image.mode == "P":
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    if image.mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        return image.convert("RGB")
    return image.convert("L") if image.mode == "1" else image
