"""Images on their way from loading processes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from serotiny.datamodules import ManifestDatamodule
from serotiny.datamodules.rows import collate_rows
from serotiny.io.dataframe.loaders import LoadColumn, LoadImage
from serotiny.manifest.errors import ManifestError

IMAGES = 48


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Images of another size in every second batch of two, so that slots are also too small."""
    random = np.random.default_rng(0)
    for number in range(IMAGES):
        side = 4 + 3 * (number // 2 % 2)
        Image.fromarray(random.integers(0, 256, (side, side, 3), dtype=np.uint8)).save(
            tmp_path / f"{number}.png"
        )
    cells = {"file": [f"{number}.png" for number in range(IMAGES)], "split": "train", "y": range(IMAGES)}
    pd.DataFrame(cells).to_csv(tmp_path / "manifest.csv", index=False)
    return tmp_path / "manifest.csv"


def epochs(manifest: Path, **options: Any) -> list[dict[str, torch.Tensor]]:
    """The batches of two epochs, all of them kept."""
    loaders = {"image": LoadImage("file"), "y": LoadColumn("y")}
    data = ManifestDatamodule(manifest, loaders, "split", batch_size=2, shuffle=False, **options)
    loader = data.train_dataloader()
    return [batch for _ in range(2) for batch in loader]


@pytest.mark.parametrize("persistent_workers", [False, True])
def test_batches_of_loading_processes_are_those_of_none(manifest: Path, persistent_workers: bool) -> None:
    """A batch is kept as it was, however many are loaded after it, and its keys are in the same order."""
    expected = epochs(manifest)
    actual = epochs(manifest, num_workers=2, persistent_workers=persistent_workers)
    assert len(expected) == len(actual) == IMAGES
    assert all([*one] == [*other] for one, other in zip(expected, actual, strict=True))
    assert all(
        torch.equal(one[key], other[key]) for one, other in zip(expected, actual, strict=True) for key in one
    )


def test_a_loader_may_be_iterated_twice_at_once(manifest: Path) -> None:
    """Each iteration has processes of its own, and slots of its own."""
    loaders = {"image": LoadImage("file")}
    data = ManifestDatamodule(manifest, loaders, "split", batch_size=2, shuffle=False, num_workers=1)
    loader = data.train_dataloader()
    assert all(torch.equal(a["image"], b["image"]) for a, b in zip(loader, loader, strict=True))


@pytest.mark.parametrize("num_workers", [0, 1])
def test_images_of_one_shape_that_become_others_make_no_batch(tmp_path: Path, num_workers: int) -> None:
    """Images are stacked as they come; one that does not fit is told with its row and file, and those of the first."""
    for number, shape in enumerate([(4, 4), (4, 4), (5, 4)]):
        Image.fromarray(np.zeros(shape, np.uint8)).save(tmp_path / f"{number}.png")
    pd.DataFrame({"file": ["0.png", "1.png", "2.png"], "split": "train"}).to_csv(tmp_path / "m.csv")
    data = ManifestDatamodule(
        tmp_path / "m.csv",
        {"image": LoadImage("file")},
        "split",
        batch_size=3,
        shuffle=False,
        num_workers=num_workers,
    )
    message = (
        f"{tmp_path}/m.csv: line 4: loader `image`: {tmp_path}/2.png has the shape (1, 5, 4), "
        f"and {tmp_path}/0.png of line 2 of m.csv has (1, 4, 4)"
    )
    with pytest.raises(ManifestError, match=re.escape(message)):
        next(iter(data.train_dataloader()))


@pytest.mark.parametrize("unreadable", [0, 1, 2])
@pytest.mark.parametrize("num_workers", [0, 1])
def test_an_image_that_is_left_out_leaves_the_others_in_order(
    tmp_path: Path, unreadable: int, num_workers: int
) -> None:
    """Wherever in the batch it is."""
    for number in range(3):
        Image.fromarray(np.full((4, 4), number, np.uint8)).save(tmp_path / f"{number}.png")
    (tmp_path / f"{unreadable}.png").write_bytes(b"no image")
    pd.DataFrame({"file": ["0.png", "1.png", "2.png"], "split": "train"}).to_csv(tmp_path / "m.csv")
    loaders = {"image": LoadImage("file", on_error="skip")}
    data = ManifestDatamodule(
        tmp_path / "m.csv", loaders, "split", batch_size=3, shuffle=False, num_workers=num_workers
    )
    (batch,) = data.train_dataloader()
    assert [number for number in range(3) if number != unreadable] == batch["image"][:, 0, 0, 0].tolist()


@pytest.mark.parametrize("options", [{}, {"collate_fn": collate_rows}, {"persistent_workers": True}])
def test_a_fault_in_a_loading_process_is_told_as_one_of_this_process(
    manifest: Path, options: dict[str, Any]
) -> None:
    """With the row and the file, and without the traceback of the other process."""
    (manifest.parent / "1.png").unlink()

    def told(**given: Any) -> str:
        with pytest.raises(ManifestError) as error:
            epochs(manifest, **given)
        return str(error.value)

    assert "line 3: loader `image`" in told()
    assert told() == told(num_workers=1, **options)
