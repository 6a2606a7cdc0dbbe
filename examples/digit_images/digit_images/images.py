"""Write the images and their manifest: `python -m digit_images.images [FOLDER]`."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits  # type: ignore[import-untyped]  # ships no types


def main(folder: Path) -> None:
    """Write `images/NUMBER.png` of 8 × 8 pixels each, and `manifest.csv` with `id`, `path` and `digit`."""
    digits = load_digits()
    (folder / "images").mkdir(parents=True, exist_ok=True)
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["id", "path", "digit"])
        for number, (pixels, digit) in enumerate(zip(digits.images, digits.target, strict=True)):
            path = f"images/{number:04d}.png"
            Image.fromarray((pixels * 255 / 16).astype(np.uint8)).save(folder / path)
            rows.writerow([number, path, digit])


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("data"))
