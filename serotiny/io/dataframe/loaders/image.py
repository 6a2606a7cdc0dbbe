"""An image file that a row names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageOps
from torch import Tensor
from torch.nn import functional

from serotiny.io.dataframe.loaders.conversion import as_dtype
from serotiny.io.dataframe.loaders.decoded import Cache, FileLoader, OnError
from serotiny.io.dataframe.loaders.recycled import RecycledMemory
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import check_regular
from serotiny.manifest.selection import listing

TIFF_SUFFIXES = (".tif", ".tiff")
_TURNED_BY_EXIF = ("JPEG", "MPO")

_LARGE = 1_000_000_000
_MOST_TIMES = 2_000
"""No compression that images have makes a file so many times smaller; deflate comes to a thousandth."""


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

    def settings(self) -> tuple[Any, ...]:
        """What the result depends on apart from the file."""
        return ("upright image", self.scale, self.select_channels, self.size, self.dtype)

    def read(self, path: str) -> Tensor:
        """The image in a file; an 8-bit one as stored, with the channels last in memory, unless it is resized.

        Raises:
            ManifestError: no such file, no image in it, or one that does not fit; names the file.
        """
        image = read_image(path)
        if self.select_channels is not None:
            image = image[_numbers(self.select_channels, len(image), path)]
        if image.dtype == np.uint8 and self.size is None:
            return torch.from_numpy(np.array(image))
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


def read_image(path: str) -> npt.NDArray[Any]:
    """The intensities as stored, shape (C, H, W), or (C, D, H, W) of a volume.

    Raises:
        ManifestError: no such file, no image in it, or one with other axes; names the file.
    """
    check_regular(path)
    try:
        found = _read_tiff(path) if _is_tiff(path) else _read_with_pillow(path)
    except FileNotFoundError as error:
        raise ManifestError(f"image {path} does not exist") from error
    except ManifestError:
        raise
    # Pillow and tifffile check little of what a file says of itself: anything may come of a damaged one
    except Exception as error:
        hint = "; `pip install 'serotiny[tiff]'` adds it" if "imagecodecs" in str(error) else ""
        raise ManifestError(f"image {path} cannot be read: {error}{hint}") from error
    if found.dtype.kind not in "biuf":
        raise ManifestError(f"image {path} holds {found.dtype} numbers; intensities are real")
    return found


def _is_tiff(path: str) -> bool:
    return path.lower().endswith(TIFF_SUFFIXES)


def _read_tiff(path: str) -> npt.NDArray[Any]:
    import tifffile  # a large module, and few manifests have such images

    with tifffile.TiffFile(path) as file:
        series = file.series[0]
        if series.nbytes > max(_LARGE, _MOST_TIMES * file.filehandle.size):
            raise ManifestError(
                f"image {path} says that it has {series.nbytes:,} bytes, which a file of its size cannot hold"
            )
        axes, image = series.axes, series.asarray()
    # an axis of length 1 adds nothing to the image
    for axis in [axis for axis in axes if axis not in "CZYX"]:
        at = axes.index(axis)
        if image.shape[at] == 1:
            image, axes = image.squeeze(at), axes.replace(axis, "", 1)
    # C is a channel, S a sample of a pixel (RGB); a stack without metadata has I or Q.
    channels = [axis for axis in axes if axis not in "ZYX"]
    if len(channels) > 1 or not set(channels) <= set("CSIQ") or "Y" not in axes or "X" not in axes:
        raise ManifestError(
            f"image {path} has the axes `{axes}`; images have Y and X, volumes also Z, and one axis of channels"
        )
    if not channels:
        image, axes, channels = image[np.newaxis], f"C{axes}", ["C"]
    wanted = [channels[0], *(axis for axis in "ZYX" if axis in axes)]
    return image.transpose([axes.index(axis) for axis in wanted])


def channel_names(path: str) -> list[str]:
    """The names of an image's channels in its OME metadata; empty where there is none."""
    if not _is_tiff(path):
        return []
    import tifffile

    with tifffile.TiffFile(path) as file:
        metadata = file.ome_metadata
    try:
        root = ElementTree.fromstring(metadata or "")
    except ElementTree.ParseError:
        return []
    pixels = root.find("{*}Image/{*}Pixels")
    return [] if pixels is None else [channel.get("Name", "") for channel in pixels.iterfind("{*}Channel")]


def _read_with_pillow(path: str) -> npt.NDArray[Any]:
    with Image.open(path) as image:
        if image.format in _TURNED_BY_EXIF:
            ImageOps.exif_transpose(image, in_place=True)
        pixels = np.asarray(_in_plain_mode(image))
    return pixels[np.newaxis] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)


def _in_plain_mode(image: Image.Image) -> Image.Image:
    """The image in a mode whose pixels are intensities."""
    if image.mode == "P":
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    if image.mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        return image.convert("RGB")
    return image.convert("L") if image.mode == "1" else image
