"""How long a completion at the prompt takes, as a whole process."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from serotiny.cli.commands.new import create_project
from serotiny.cli.completion import VARIABLE
from tests.benchmarks.processes import Command, alternate, run, shown
from tests.benchmarks.row import Row

BAR_MS = 250

LINES = {
    "a command": ("tr",),
    "an option of a group": ("train", "model="),
    "a parameter of a target": ("train", "+trainer.max_"),
}


def rows() -> Iterator[Row]:
    """Warm completions of three kinds."""
    with tempfile.TemporaryDirectory(prefix="serotiny-bench-") as folder:
        project = create_project({}, no_input=True, output_dir=Path(folder))
        commands = [
            Command((sys.executable, "-m", "serotiny.cli.main", *words), project, {VARIABLE: "zsh"})
            for words in LINES.values()
        ]
        for command in commands:
            run(command)
        for name, usage in zip(LINES, alternate(*commands), strict=True):
            processor = f"{usage.processor_s * 1000:.0f} ms of processor time"
            yield Row(
                f"completion, {name}", shown(usage), usage.wall_s * 1000, BAR_MS, " ms", beside=processor
            )
