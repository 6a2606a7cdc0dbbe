"""An image file that a row names."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageOps
from torch import Tensor
from torch.nn import functional

from serotiny.io.dataframe.loaders.conversion import as_dtype
from serotiny.io.dataframe.loaders.decoded import Cache, FileLoader, OnError
from serotiny.io.dataframe.loaders.png_file import read_png
from serotiny.io.dataframe.loaders.recycled import RecycledMemory
from serotiny.io.dataframe.loaders.remarks import Remark, remarks
from serotiny.io.dataframe.loaders.tiff_file import channel_names, is_tiff, read_tiff
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import check_regular
from serotiny.manifest.selection import listing

_TURNED_BY_EXIF = ("JPEG", "MPO")

_log = logging.getLogger(__name__)


class LoadImage(FileLoader):
    """The image whose path is in a column, channels first: shape (C, H, W), or (C, D, H, W) of a volume.

    TIFF files are read with tifffile by their axes (OME and ImageJ too): C and S are channels, Z is the depth of a
    volume, pages without metadata are channels. All others are read with Pillow: a palette becomes RGB or RGBA, CMYK
    and YCbCr become RGB, grey stays one channel; a JPEG is turned as its camera noted. A file is opened when its row is asked for, in the worker that asks.

    Args:
        column: The column that holds the path; a relative one starts from the manifest's folder.
        scale: Divide integer intensities by the largest value of their type, which makes them lie in [0, 1].
            Otherwise they stay as stored.
        transform: Applied to the tensor, after all else.
        select_channels: The channels to take, in this order: numbers from 0, or names that the file's OME metadata gives
            them. All without it.
        size: Height and width, or depth, height and width, to resize to, by linear interpolation (averaging where
            an image becomes smaller).
        dtype: What intensities become.
        cache: Where what was read is kept for the next epoch: `memory` (of each worker, and whatever becomes of the file) or
            `disk`.
        cache_mib: How much at most; what does not fit is read anew.
        on_error: What happens to a row whose file cannot be read: `raise`, or `skip`, which leaves it out of its batch;
            how many there were is told at the end.

    Raises:
        ManifestError: `size` has not two or three sides, or one is not positive; `select_channels` is empty or
            no list; when loading: no such column, no path
            in the cell, no such file, no image in it, no channel of that number or name, or axes beside those above.
    """

    def __init__(
        self,
        column: str,
        scale: bool = False,
        transform: Callable[[Tensor], Tensor] | None = None,
        select_channels: Sequence[int | str] | None = None,
        size: Sequence[int] | None = None,
        dtype: Literal["float32", "float16", "float64"] = "float32",
        cache: Cache | None = None,
        cache_mib: int = 1024,
        on_error: OnError = "raise",
    ) -> None:
        super().__init__(column, transform, cache=cache, cache_mib=cache_mib, on_error=on_error)
        if size is not None and (len(size) not in (2, 3) or min(size) < 1):
            raise ManifestError(f"`size` is {list(size)}; it is height and width, or depth, height and width")
        if select_channels is not None and not select_channels:
            raise ManifestError("`select_channels` is empty; leave it out for all channels")
        if isinstance(select_channels, str):
            raise ManifestError(f"`select_channels` is `{select_channels}`; it is a list")
        self.scale = scale
        self.select_channels = None if select_channels is None else tuple(select_channels)
        self.size = None if size is None else tuple(size)
        self.dtype = dtype
        self._memory = RecycledMemory()
        self._told: set[tuple[str, int]] = set()

    def settings(self) -> tuple[Any, ...]:
        """What the result depends on apart from the file."""
        return ("upright image", self.scale, self.select_channels, self.size, self.dtype)

    def read(self, path: str) -> Tensor:
        """The image in a file; an 8-bit one as stored, with the channels last in memory, unless it is resized.

        Raises:
            ManifestError: no such file, no image in it, or one that does not fit; names the file.
        """
        image, said = read_image(path)
        self._tell_once(said, path)
        if self.select_channels is not None:
            image = image[_numbers(self.select_channels, len(image), path)]
        if image.dtype == np.uint8 and self.size is None:
            return torch.from_numpy(image if image.flags.writeable else np.array(image))
        tensor = torch.from_numpy(
            as_dtype(image, "float32" if self.dtype == "float16" else self.dtype, f"image {path}")
        )
        if self.scale and image.dtype.kind in "ui":
            tensor /= float(np.iinfo(image.dtype).max)
        if self.size is not None:
            tensor = self._resized(tensor, path)
        return torch.from_numpy(as_dtype(tensor.numpy(), self.dtype, f"image {path}", "`scale` divides it"))

    def expand(self, stored: Tensor) -> Tensor:
        """8-bit images as floats."""
        if stored.dtype != torch.uint8:
            return stored
        dtype = torch.float64 if self.dtype == "float64" else torch.float32
        floats = self._memory.empty(stored.shape, dtype).copy_(stored)
        if self.scale:
            floats /= float(torch.iinfo(torch.uint8).max)
        return floats.half() if self.dtype == "float16" else floats

    def _tell_once(self, said: Sequence[Remark], path: str) -> None:
        for remark in said:
            if remark.place not in self._told:
                self._told.add(remark.place)
                _log.warning("image %s: %s (not told again of other images)", path, remark.text)

    def _resized(self, image: Tensor, path: str) -> Tensor:
        assert self.size is not None
        if image.ndim != len(self.size) + 1:
            raise ManifestError(
                f"image {path} has {image.ndim - 1} dimensions; `size` has {len(self.size)} sides"
            )
        if len(self.size) == 3:
            return functional.interpolate(image[None], self.size, mode="trilinear")[0]
        return functional.interpolate(image[None], self.size, mode="bilinear", antialias=True)[0]


def _numbers(wanted: Sequence[int | str], count: int, path: str) -> list[int]:
    """The numbers of the wanted channels, of so many in a file.

    Raises:
        ManifestError: one is not there.
    """
    names = channel_names(path) if any(isinstance(item, str) for item in wanted) else []
    numbers = []
    for item in wanted:
        if isinstance(item, int):
            if not 0 <= item < count:
                raise ManifestError(f"image {path} has {count} channels; `select_channels` wants {item}")
            numbers.append(item)
        elif len(names) != count:
            raise ManifestError(f"image {path} does not name its channels; `select_channels` wants `{item}`")
        elif names.count(item) != 1:
            raise ManifestError(
                f"image {path} has the channels {listing(names)}; `select_channels` wants `{item}`"
            )
        else:
            numbers.append(names.index(item))
    return numbers


def read_image(path: str) -> tuple[npt.NDArray[Any], Sequence[Remark]]:
    """The intensities as stored, shape (C, H, W), or (C, D, H, W) of a volume, and what its reader remarks.

    Raises:
        ManifestError: no such file, no image in it, one with other axes, or one of which a part is missing; names the
            file.
    """
    check_regular(path)
    try:
        found, said = read_tiff(path) if is_tiff(path) else _read_picture(path)
    except FileNotFoundError as error:
        raise ManifestError(f"image {path} does not exist") from error
    except ManifestError:
        raise
    # Pillow and tifffile check little of what a file says of itself: anything may come of a damaged one
    except Exception as error:
        raise ManifestError(f"image {path} cannot be read: {error}{_hint(error)}") from error
    if found.dtype.kind not in "biuf":
        raise ManifestError(f"image {path} holds {found.dtype} numbers; intensities are real")
    return found, said


def _hint(error: Exception) -> str:
    if isinstance(error, Image.DecompressionBombError):
        return "; write it as TIFF, which may have more"
    return "; `pip install 'serotiny[tiff]'` adds it" if "imagecodecs" in str(error) else ""


def _read_picture(path: str) -> tuple[npt.NDArray[Any], Sequence[Remark]]:
    pixels, said = read_png(path), list[Remark]()
    if pixels is None:
        pixels, said = _read_with_pillow(path)
    return pixels[np.newaxis] if pixels.ndim == 2 else pixels.transpose(2, 0, 1), said


def _read_with_pillow(path: str) -> tuple[npt.NDArray[Any], list[Remark]]:
    with remarks("PIL", but=Image.DecompressionBombWarning) as said, Image.open(path) as image:
        if image.format in _TURNED_BY_EXIF:
            ImageOps.exif_transpose(image, in_place=True)
        return np.asarray(_in_plain_mode(image)), said


def _in_plain_mode(image: Image.Image) -> Image.Image:
    """The image in a mode whose pixels are intensities."""
    if image.mode == "P":
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    if image.mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        return image.convert("RGB")
    return image.convert("L") if image.mode == "1" else image
