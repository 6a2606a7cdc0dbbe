"""TIFF files, by the axes that their metadata gives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt

from serotiny.io.dataframe.loaders.remarks import Remark, remarks
from serotiny.manifest.errors import ManifestError

_SUFFIXES = (".tif", ".tiff")

_LARGE = 1_000_000_000
_MOST_TIMES = 2_000
"""No compression that images have makes a file so many times smaller; deflate comes to a thousandth."""

_DAMAGE: Final = re.compile(
    r"^<tifffile\.TiffPages|corrupted file|zeroed|missing (data|files|required)|incompletely written|out of range"
)
"""What tifffile logs of a file of which it gives less than there was, or zeros."""
_TAG: Final = re.compile(r"TiffTag (\d+)\b.* invalid ")
_DECISIVE_TAGS: Final = frozenset(
    [*range(256, 260), 262, 270, 273, 277, 278, 279, 284, 317, *range(322, 326), 330, 338, 339]
)
"""Of which the size, the type, the axes or the place of the numbers follows."""


def is_tiff(path: str) -> bool:
    """Whether a file is called so."""
    return path.lower().endswith(_SUFFIXES)


def read_tiff(path: str) -> tuple[npt.NDArray[Any], Sequence[Remark]]:
    """The intensities as stored, shape (C, H, W), or (C, D, H, W) of a volume, and what tifffile remarks.

    Raises:
        ManifestError: it has other axes, or parts of it are missing; names the file.
        Exception: any, of a damaged file.
    """
    import tifffile  # a large module, and few manifests have such images

    with remarks("tifffile") as said, tifffile.TiffFile(path) as file:
        series = file.series[0]
        if series.nbytes > max(_LARGE, _MOST_TIMES * file.filehandle.size):
            raise ManifestError(
                f"image {path} says that it has {series.nbytes:,} bytes, which a file of its size cannot hold"
            )
        axes, image = series.axes, series.asarray()
        alike = sum(each.shape == series.shape and each.dtype == series.dtype for each in file.series)
    damage = next((remark.text for remark in said if _is_damage(remark.text)), None)
    if damage is not None:
        raise ManifestError(f"image {path} is damaged, or not complete: {damage}")
    if alike > 1:
        said.append(Remark((__file__, 0), f"it has {alike} images of one shape, of which the first is read"))
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
    return image.transpose([axes.index(axis) for axis in wanted]), said


def channel_names(path: str) -> list[str]:
    """The names of an image's channels in its OME metadata; empty where there is none."""
    if not is_tiff(path):
        return []
    import tifffile

    with remarks("tifffile"), tifffile.TiffFile(path) as file:
        metadata = file.ome_metadata
    try:
        root = ElementTree.fromstring(metadata or "")
    except ElementTree.ParseError:
        return []
    pixels = root.find("{*}Image/{*}Pixels")
    return [] if pixels is None else [channel.get("Name", "") for channel in pixels.iterfind("{*}Channel")]


def _is_damage(text: str) -> bool:
    tag = _TAG.search(text)
    return int(tag[1]) in _DECISIVE_TAGS if tag else _DAMAGE.search(text) is not None
