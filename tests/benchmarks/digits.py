"""The digits example in a folder of its own, with a manifest of three rows."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.processes import Command

ROOT = Path(__file__).parents[2]
SEROTINY = str(Path(sys.executable).parent / "serotiny")


@contextmanager
def digits_example() -> Iterator[Path]:
    """A copy of the example that checks clean."""
    with TemporaryDirectory() as folder:
        example = Path(folder) / "digits"
        ignored = shutil.ignore_patterns("*.csv", "multirun", "outputs", "*.db", "mlruns", "__pycache__")
        shutil.copytree(ROOT / "examples" / "digits", example, ignore=ignored)
        columns = ["id", "split", "digit", *(f"pixel_{number:02d}" for number in range(64))]
        rows = [["0", split, "3", *["0"] * 64] for split in ("train", "valid", "test")]
        (example / "data").mkdir(exist_ok=True)
        text = "".join(f"{','.join(row)}\n" for row in (columns, *rows))
        (example / "data" / "digits.csv").write_text(text)
        yield example


def check(folder: Path, *arguments: str, cold: bool = False, remembered: bool = False) -> Command:
    """`serotiny check config` in `folder`, with the signatures of the last call or (cold) with none.

    It compiles, also when nothing has changed, unless it may be `remembered`.
    """
    cache = folder.parent / ("cold-cache" if cold else "cache")
    environment = {"SEROTINY_CACHE_DIR": str(cache)}
    flags = () if remembered else ("--no-cache",)
    arguments = (SEROTINY, "check", "config", *flags, *arguments)
    return Command(arguments, folder, environment, emptied=cache if cold else None)
