"""LoadImage."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import tifffile
import torch
from PIL import Image

from serotiny.io.dataframe.loaders import LoadImage
from serotiny.io.dataframe.table import Table
from serotiny.manifest.errors import ManifestError

GREY = np.arange(12, dtype=np.uint8).reshape(3, 4)
COLOUR = np.arange(36, dtype=np.uint8).reshape(3, 4, 3)


def load(path: Path, **options: Any) -> torch.Tensor:
    images = LoadImage("path", **options).load(Table.of(path.parent / "m.csv", {"path": [path.name]}, [7]))
    loaded = images[0]
    assert isinstance(loaded, torch.Tensor)
    return loaded


def test_grey_png_has_one_channel(tmp_path: Path) -> None:
    """Intensities stay as stored, in float32."""
    Image.fromarray(GREY).save(tmp_path / "i.png")
    loaded = load(tmp_path / "i.png")
    assert torch.float32 == loaded.dtype
    assert GREY[np.newaxis].tolist() == loaded.tolist()


def test_colour_png_has_its_channels_first(tmp_path: Path) -> None:
    """(H, W, C) on disk is (C, H, W) in a batch."""
    Image.fromarray(COLOUR).save(tmp_path / "i.png")
    assert np.moveaxis(COLOUR, -1, 0).tolist() == load(tmp_path / "i.png").tolist()


def test_sixteen_bit_png_keeps_its_depth(tmp_path: Path) -> None:
    """Intensities above 255 are not cut."""
    deep = GREY.astype(np.uint16) * 5000
    Image.fromarray(deep).save(tmp_path / "i.png")
    assert deep[np.newaxis].tolist() == load(tmp_path / "i.png").tolist()


@pytest.mark.parametrize(
    ("mode", "suffix", "channels"), [("P", "png", 3), ("1", "png", 1), ("CMYK", "jpg", 3)]
)
def test_other_modes_become_intensities(tmp_path: Path, mode: str, suffix: str, channels: int) -> None:
    """A palette's numbers and inks are no intensities."""
    Image.fromarray(COLOUR).convert(mode).save(tmp_path / f"i.{suffix}")
    assert (channels, 3, 4) == tuple(load(tmp_path / f"i.{suffix}").shape)


@pytest.mark.parametrize(
    ("stored", "axes", "expected"),
    [
        (GREY, "YX", GREY[np.newaxis]),
        (COLOUR, "YXS", np.moveaxis(COLOUR, -1, 0)),
        (np.moveaxis(COLOUR, -1, 0), "CYX", np.moveaxis(COLOUR, -1, 0)),
        (GREY.astype(np.float32) / 7, "YX", GREY[np.newaxis].astype(np.float32) / 7),
    ],
)
def test_tiff_axes_are_read_from_the_file(
    tmp_path: Path, stored: npt.NDArray[Any], axes: str, expected: npt.NDArray[Any]
) -> None:
    """Channels come first wherever they were."""
    photometric = "rgb" if axes == "YXS" else "minisblack"
    tifffile.imwrite(tmp_path / "i.tiff", stored, metadata={"axes": axes}, photometric=photometric)
    loaded = load(tmp_path / "i.tiff")
    assert torch.float32 == loaded.dtype
    assert expected.tolist() == loaded.tolist()


@pytest.mark.parametrize(("dtype", "largest"), [(np.uint8, 255), (np.uint16, 65535)])
def test_scaled_intensities_reach_from_zero_to_one(tmp_path: Path, dtype: Any, largest: int) -> None:
    """The largest value of the stored type becomes 1."""
    tifffile.imwrite(tmp_path / "i.tif", np.array([[0, largest]], dtype=dtype))
    assert [[[0.0, 1.0]]] == load(tmp_path / "i.tif", scale=True).tolist()


def test_floats_are_not_scaled(tmp_path: Path) -> None:
    """Floats have no largest value that would be white."""
    tifffile.imwrite(tmp_path / "i.tif", np.array([[0.5, 7.0]], dtype=np.float32))
    assert [[[0.5, 7.0]]] == load(tmp_path / "i.tif", scale=True).tolist()


def test_transform_is_applied_to_the_tensor(tmp_path: Path) -> None:
    """It gets (C, H, W) and gives what is loaded."""
    Image.fromarray(GREY).save(tmp_path / "i.png")
    assert (1, 2, 2) == tuple(load(tmp_path / "i.png", transform=lambda x: x[:, :2, :2]).shape)


def test_absolute_path_is_taken_as_it_is(tmp_path: Path) -> None:
    """Only relative paths start from the manifest's folder."""
    Image.fromarray(GREY).save(tmp_path / "i.png")
    assert (1, 3, 4) == tuple(LoadImage("path")(pd.Series({"path": str(tmp_path / "i.png")})).shape)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("i.png", None, "i.png does not exist"),
        ("i.tif", None, "i.tif does not exist"),
        ("i.png", b"no image", "i.png cannot be read"),
        ("i.tif", b"no image", "i.tif cannot be read"),
        ("i.png", b"", "i.png cannot be read"),
        ("i.tif", b"", "i.tif cannot be read"),
        ("i.tif", b"II+\0\x08\0\0\0" + b"\xff" * 200, "i.tif cannot be read"),
    ],
)
def test_unreadable_image_is_an_error_that_names_it(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    """The file is named with its folder."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ManifestError, match=re.escape(f"image {tmp_path}/{message}")):
        load(tmp_path / name)


def test_tiff_that_says_it_is_larger_than_its_file_can_hold_is_an_error(tmp_path: Path) -> None:
    """No memory is taken for two hundred gigabytes that a few hundred bytes name."""
    tifffile.imwrite(tmp_path / "i.tif", np.zeros((8, 8), np.uint8), tile=(16, 16))
    content = (tmp_path / "i.tif").read_bytes()
    side = struct.pack("<HHII", 256, 4, 1, 8), struct.pack("<HHII", 257, 4, 1, 8)
    for tag in side:
        assert tag in content
        content = content.replace(tag, tag[:8] + struct.pack("<I", 450_000))
    (tmp_path / "i.tif").write_bytes(content)
    with pytest.raises(ManifestError, match=r"i\.tif says that it has 202,500,000,000 bytes"):
        load(tmp_path / "i.tif")


def test_cut_off_image_is_an_error(tmp_path: Path) -> None:
    """Half a file gives no half image."""
    noise = np.random.default_rng(0).integers(0, 255, (64, 64), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "i.png")
    content = (tmp_path / "i.png").read_bytes()
    (tmp_path / "i.png").write_bytes(content[: len(content) // 2])
    with pytest.raises(ManifestError, match=r"i\.png cannot be read"):
        load(tmp_path / "i.png")


@pytest.mark.parametrize("kind", ["pages", "ome", "imagej"])
def test_tiff_of_which_pages_are_missing_is_an_error(tmp_path: Path, kind: str) -> None:
    """A file that is cut off still has its first pages, which are not the image."""
    stack = np.random.default_rng(0).integers(0, 255, (5, 64, 64), dtype=np.uint8)
    options: dict[str, dict[str, Any]] = {
        "pages": {"metadata": None, "contiguous": False},
        "ome": {"ome": True, "metadata": {"axes": "CYX"}},
        "imagej": {"imagej": True},
    }
    whole, cut = tmp_path / "whole.tif", tmp_path / "cut.tif"
    if kind == "pages":
        with tifffile.TiffWriter(whole) as writer:
            for page in stack:
                writer.write(page, **options[kind])
    else:
        tifffile.imwrite(whole, stack, **options[kind])
    assert (5, 64, 64) == load(whole).shape
    with tifffile.TiffFile(whole) as file:
        end = file.pages[2].offset if kind == "pages" else stack.nbytes * 3 // 5
    cut.write_bytes(whole.read_bytes()[:end])
    with pytest.raises(ManifestError, match=r"cut\.tif is damaged, or not complete: "):
        load(cut)


def test_tiff_whose_companions_are_missing_is_an_error(tmp_path: Path) -> None:
    """The channels that they would hold are not zero."""
    tifffile.imwrite(tmp_path / "one.ome.tif", np.ones((2, 8, 8), np.uint8), metadata={"axes": "CYX"})
    with tifffile.TiffFile(tmp_path / "one.ome.tif") as file:
        described = file.ome_metadata
    assert described is not None
    described = described.replace('SizeC="2"', 'SizeC="3"')
    tifffile.tiffcomment(tmp_path / "one.ome.tif", described.encode())
    with pytest.raises(ManifestError, match=r"is damaged, or not complete: .*Missing data are zeroed"):
        load(tmp_path / "one.ome.tif")


def test_what_a_reader_remarks_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A tag that says nothing of the pixels, and several images in a file, at the first file alone."""
    for number in range(3):
        with tifffile.TiffWriter(tmp_path / f"{number}.tif") as file:
            for page in np.zeros((2, 4, 4), np.uint8):
                file.write(page, contiguous=False, software="x" * 40)
        content = bytearray((tmp_path / f"{number}.tif").read_bytes())
        at = content.index(struct.pack("<HHI", 305, 2, 41)) + 8
        content[at : at + 4] = struct.pack("<I", 2**30)
        (tmp_path / f"{number}.tif").write_bytes(content)
    loader = LoadImage("path")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert all(loader.read(str(tmp_path / f"{number}.tif")).shape == (1, 4, 4) for number in range(3))
    told = [record.getMessage() for record in caplog.records]
    assert 2 == len(told)
    assert all(f"image {tmp_path}/0.tif: " in text for text in told)
    assert "305" in told[0]
    assert "2 images of one shape, of which the first is read" in told[1]


def test_a_picture_of_many_pixels_is_read_without_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It may be an attack, as Pillow says, or a slide; one twice as large is an error that names it."""
    Image.fromarray(GREY).save(tmp_path / "i.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 11)
    assert (1, 3, 4) == load(tmp_path / "i.png").shape
    assert not caplog.records
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 5)
    with pytest.raises(ManifestError, match=r"i\.png cannot be read: .* write it as TIFF"):
        load(tmp_path / "i.png")


def test_volume_has_its_depth_behind_the_channels(tmp_path: Path) -> None:
    """By the axes that the file names, in any order; so has one of OME-TIFF."""
    stack = np.arange(2 * 3 * 5 * 4, dtype=np.uint16).reshape(2, 3, 5, 4)
    tifffile.imwrite(tmp_path / "i.tif", stack, metadata={"axes": "ZCYX"}, photometric="minisblack")
    tifffile.imwrite(tmp_path / "o.ome.tif", stack, metadata={"axes": "ZCYX"}, photometric="minisblack")
    for name in ("i.tif", "o.ome.tif"):
        assert stack.swapaxes(0, 1).tolist() == load(tmp_path / name).tolist()


def test_plane_and_time_that_are_there_once_do_not_count(tmp_path: Path) -> None:
    """An OME-TIFF of one time point is the image of that point."""
    stack = np.ones((1, 2, 5, 4), dtype=np.uint8)
    tifffile.imwrite(tmp_path / "i.ome.tif", stack, metadata={"axes": "TCYX"}, photometric="minisblack")
    assert (2, 5, 4) == tuple(load(tmp_path / "i.ome.tif").shape)


def test_several_times_are_an_error(tmp_path: Path) -> None:
    """What is no image or volume is named by its axes."""
    stack = np.zeros((3, 2, 5, 4), dtype=np.uint8)
    tifffile.imwrite(tmp_path / "i.ome.tif", stack, metadata={"axes": "TCYX"}, photometric="minisblack")
    with pytest.raises(ManifestError, match="has the axes `TCYX`; images have Y and X"):
        load(tmp_path / "i.ome.tif")


def test_channels_are_chosen_by_number(tmp_path: Path) -> None:
    """In the order that is asked for; one that is not there is an error that names the file."""
    pixels = np.arange(3 * 2 * 2, dtype=np.uint8).reshape(2, 2, 3)
    Image.fromarray(pixels).save(tmp_path / "i.png")
    chosen = load(tmp_path / "i.png", select_channels=[2, 0])
    assert pixels[..., [2, 0]].transpose(2, 0, 1).tolist() == chosen.tolist()
    with pytest.raises(ManifestError, match=r"i\.png has 3 channels; `select_channels` wants 3"):
        load(tmp_path / "i.png", select_channels=[3])


def write_named(file: Path, names: list[str]) -> npt.NDArray[Any]:
    pixels = np.arange(len(names) * 6, dtype=np.uint8).reshape(len(names), 2, 3)
    metadata = {"axes": "CYX", "Channel": {"Name": names}}
    tifffile.imwrite(file, pixels, metadata=metadata, photometric="minisblack", ome=True)
    return pixels


def test_channels_are_chosen_by_the_names_of_ome_metadata(tmp_path: Path) -> None:
    """In the order that is asked for, beside numbers, whatever the order in the file."""
    pixels = write_named(tmp_path / "i.ome.tif", ["DNA", "Actin", "Membrane"])
    chosen = load(tmp_path / "i.ome.tif", select_channels=["Membrane", 1, "DNA"])
    assert pixels[[2, 1, 0]].tolist() == chosen.tolist()


@pytest.mark.parametrize(
    ("name", "names", "message"),
    [
        ("i.ome.tif", ["DNA", "Actin"], "has the channels `DNA`, `Actin`; `select_channels` wants `Myosin`"),
        ("i.ome.tif", ["Myosin", "Myosin"], "has the channels `Myosin`, `Myosin`; `select_channels` wants"),
        ("i.tif", None, "does not name its channels; `select_channels` wants `Myosin`"),
        ("i.png", None, "does not name its channels; `select_channels` wants `Myosin`"),
    ],
)
def test_channel_name_that_is_not_one_of_the_file_is_an_error(
    tmp_path: Path, name: str, names: list[str] | None, message: str
) -> None:
    """The file is named, with those that it has."""
    if names is not None:
        write_named(tmp_path / name, names)
    else:
        Image.fromarray(COLOUR).save(tmp_path / name)
    with pytest.raises(ManifestError, match=re.escape(message)):
        load(tmp_path / name, select_channels=["Myosin"])


def test_size_resizes_images_and_volumes(tmp_path: Path) -> None:
    """A constant stays one; sides that do not fit the image are an error."""
    Image.fromarray(np.full((6, 8), 7, dtype=np.uint8)).save(tmp_path / "i.png")
    resized = load(tmp_path / "i.png", size=[3, 4], dtype="float16")
    assert torch.equal(torch.full((1, 3, 4), 7.0, dtype=torch.float16), resized)
    stack = np.full((4, 6, 8), 7, dtype=np.uint8)
    tifffile.imwrite(tmp_path / "v.tif", stack, metadata={"axes": "ZYX"}, photometric="minisblack")
    assert (1, 2, 3, 4) == tuple(load(tmp_path / "v.tif", size=[2, 3, 4]).shape)
    with pytest.raises(ManifestError, match="has 2 dimensions; `size` has 3 sides"):
        load(tmp_path / "i.png", size=[2, 3, 4])
    with pytest.raises(ManifestError, match=r"`size` is \[3\]"):
        LoadImage("path", size=[3])
    with pytest.raises(ManifestError, match="`select_channels` is empty"):
        LoadImage("path", select_channels=[])
    with pytest.raises(ManifestError, match="`select_channels` is `DNA`; it is a list"):
        LoadImage("path", select_channels="DNA")


def test_jpeg_is_turned_as_its_camera_noted(tmp_path: Path) -> None:
    """As viewers show it: a mask that was drawn on it fits."""
    exif = Image.Exif()
    exif[0x112] = 6
    Image.fromarray(COLOUR).save(tmp_path / "i.jpg", exif=exif)
    assert (3, 4, 3) == tuple(load(tmp_path / "i.jpg").shape)
    assert load(tmp_path / "i.jpg")[0, 0, -1] == pytest.approx(COLOUR[0, 0, 0], abs=9)


def test_intensities_that_a_type_does_not_hold_are_an_error(tmp_path: Path) -> None:
    """16 bits reach beyond what float16 has, and complex numbers are no intensities."""
    Image.fromarray(np.full((3, 4), 65_535, np.uint16)).save(tmp_path / "i.png")
    with pytest.raises(ManifestError, match=r"i\.png holds 65535\.0, which is no float16"):
        load(tmp_path / "i.png", dtype="float16")
    assert 1.0 == load(tmp_path / "i.png", dtype="float16", scale=True).max()
    tifffile.imwrite(tmp_path / "d.tif", np.full((3, 4), 1e300))
    with pytest.raises(ManifestError, match=r"d\.tif holds 1e\+300, which is no float32"):
        load(tmp_path / "d.tif")
    tifffile.imwrite(tmp_path / "c.tif", np.ones((3, 4), np.complex64))
    with pytest.raises(ManifestError, match=r"c\.tif holds complex64 numbers"):
        load(tmp_path / "c.tif")


def test_compressed_tiff_is_read_with_a_package(tmp_path: Path) -> None:
    """Tifffile reads some compressions by itself, and the others with imagecodecs."""
    Image.fromarray(GREY).save(tmp_path / "i.tif", compression="tiff_lzw")
    assert GREY.tolist() == load(tmp_path / "i.tif")[0].tolist()


_WITHOUT_CODECS = """
import sys
from pathlib import Path

sys.modules["imagecodecs"] = None
from serotiny.io.dataframe.loaders.image import read_image

try:
    read_image(sys.argv[1])
except Exception as error:
    print(error)
"""


def test_compression_that_needs_a_package_says_which(tmp_path: Path) -> None:
    """The message has the command that adds it."""
    Image.fromarray(GREY).save(tmp_path / "i.tif", compression="tiff_lzw")
    command = (sys.executable, "-c", _WITHOUT_CODECS, str(tmp_path / "i.tif"))
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "`pip install 'serotiny[tiff]'` adds it" in told


@pytest.mark.parametrize("cell", [None, float("nan"), 3, ""])
def test_cell_without_a_path_is_an_error(cell: object) -> None:
    """Column, row and cell are named."""
    with pytest.raises(ManifestError, match=r"column `path` holds `.*`, which is no path"):
        LoadImage("path")(pd.Series({"path": cell}, name=4))


def test_missing_column_is_an_error() -> None:
    """Neither binding nor loading goes on without the column."""
    with pytest.raises(ManifestError, match="no column `path`"):
        LoadImage("path").bind([Table.of(Path("m.csv"), {"id": [1]})])
    with pytest.raises(ManifestError, match="no column `path`"):
        LoadImage("path")(pd.Series({"id": 1}))
