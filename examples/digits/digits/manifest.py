"""Write the manifest: `python -m digits.manifest [PATH]`."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
from sklearn.datasets import load_digits  # type: ignore[import-untyped]  # ships no types
from sklearn.model_selection import train_test_split  # type: ignore[import-untyped]

SEED = 20
VALID_ROWS = 180
TEST_ROWS = 360


def make_manifest() -> pd.DataFrame:
    """The 1,797 digits of scikit-learn, with every digit in the same proportion in all splits.

    Returns:
        A row for each image: `id`, `split`, `digit` (0 to 9), `pixel_00` to `pixel_63` (integers from 0 to 16).
    """
    pixels, digit = load_digits(return_X_y=True)
    names = [f"pixel_{number:02d}" for number in range(pixels.shape[1])]
    manifest = pd.DataFrame(pixels.astype(int), columns=names)
    manifest.insert(0, "id", manifest.index)
    manifest.insert(1, "split", "train")
    manifest.insert(2, "digit", digit)
    rest, test = train_test_split(manifest.index, test_size=TEST_ROWS, stratify=digit, random_state=SEED)
    _, valid = train_test_split(rest, test_size=VALID_ROWS, stratify=digit[rest], random_state=SEED)
    manifest.loc[valid, "split"] = "valid"
    manifest.loc[test, "split"] = "test"
    return manifest


def main(path: Path) -> None:
    """Write the manifest to `path`, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    make_manifest().to_csv(path, index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("data/digits.csv"))
