"""Images on their way from loading processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from serotiny.datamodules import ManifestDatamodule
from serotiny.io.dataframe.loaders import LoadColumn, LoadImage

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
