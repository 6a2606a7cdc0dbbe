"""Go through a manifest once and say what that took at its peak: `python -m tests.benchmarks.manifest_memory PATH`.

A file is held in memory, a folder is streamed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv
import pyarrow.parquet  # noqa: F401  # as everything else that is imported, before the first look at the memory
import torch

from serotiny.datamodules import ManifestDatamodule, StreamedDatamodule
from serotiny.io.dataframe.loaders import LoadColumns


def main(path: str) -> None:
    """Print the bytes that the peak lies above what the imports take."""
    torch.from_numpy(np.zeros(8)).sum()
    before = _peak()
    loaders: Any = {"x": LoadColumns(startswith="x_")}
    data: Any
    if Path(path).is_dir():
        data = StreamedDatamodule(path, loaders, batch_size=256, seed=0)
    else:
        data = ManifestDatamodule(path, loaders, "split", batch_size=256, seed=0)
    for _ in data.train_dataloader():
        pass
    print(_peak() - before)


def _peak() -> int:
    # not `getrusage`, whose peak counts from that of the starting process
    line = next(
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    return 1024 * int(line.split()[1])


if __name__ == "__main__":
    main(sys.argv[1])
