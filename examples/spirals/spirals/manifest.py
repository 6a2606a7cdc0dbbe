"""Write the manifest: `python -m spirals.manifest [PATH]`."""

from __future__ import annotations

import csv
import math
import random
import sys
from pathlib import Path

ROWS = 600


def main(path: Path) -> None:
    """Points of two spirals of three turns, as angle and radius: `id`, `angle`, `radius`, `spiral`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draw = random.Random(0)
    with path.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["id", "angle", "radius", "spiral"])
        for number in range(ROWS):
            spiral, turn = number % 2, draw.uniform(0.3, 3)
            angle = 2 * math.pi * turn + math.pi * spiral
            rows.writerow([number, f"{angle:.5f}", f"{turn / 3 + draw.gauss(0, 0.01):.5f}", "ab"[spiral]])


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("data/spirals.csv"))
