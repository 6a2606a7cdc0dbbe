"""Write the results of a sweep to its folder: `sweep.txt`, `sweep.csv`, `sweep.png`, `sweep.html`."""

from __future__ import annotations

from pathlib import Path

from serotiny.filesystem import replace_file
from serotiny.pictures.parallel import parallel_picture
from serotiny.sweeps.axes import axes_of
from serotiny.sweeps.outcome import SweepTable
from serotiny.sweeps.page import render_page
from serotiny.sweeps.table import render_csv, render_table


def write_sweep(table: SweepTable, folder: Path, title: str) -> list[Path]:
    """Write the table and the pictures.

    Returns:
        The files.

    Raises:
        OSError: one cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    axes = axes_of(table)
    contents: dict[str, str | bytes] = {
        "sweep.txt": render_table(table) + "\n",
        "sweep.csv": render_csv(table),
        "sweep.html": render_page(table, axes, title),
        "sweep.png": parallel_picture(axes),
    }
    for name, content in contents.items():
        replace_file(folder / name, content)
    return [folder / name for name in contents]
