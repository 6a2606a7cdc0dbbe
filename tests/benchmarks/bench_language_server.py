"""How long the language server takes from a keystroke to diagnostics, on a project of 120 options."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from serotiny.cli.commands.new import create_project
from tests.benchmarks.row import Row
from tests.fakes.editor import Editor, editor_of
from tests.fakes.large_project import OPTIONS, add_options

BAR_MS = 100
EDITS = 9

FILES = {
    "an option": "model/option_7.yaml",
    "an option that others include": "trainer/default.yaml",
    "an operation": "train.yaml",
}


def rows() -> Iterator[Row]:
    """The median over edits of each kind of file: one job reads it, many do, all do."""
    with tempfile.TemporaryDirectory(prefix="serotiny-bench-") as folder:
        project = create_project({}, no_input=True, output_dir=Path(folder))
        config = project / "a_tiny_project" / "config"
        add_options(config)
        measured = asyncio.run(_measure(project, [config / file for file in FILES.values()]))
    for name, (first, last) in zip(FILES, measured, strict=True):
        label = f"language server, edit of {name}, {OPTIONS} options"
        yield Row(
            label, f"{first:.0f} ms", first, BAR_MS, " ms", beside=f"{last:.0f} ms until all jobs are checked"
        )


async def _measure(project: Path, files: list[Path]) -> list[tuple[float, float]]:
    async with editor_of(project) as editor:
        found = []
        for path in files:
            editor.open(path)
            await editor.diagnostics(path)
            await editor.settle(1)
            times = [await _time_edit(editor, path, number) for number in range(EDITS)]
            found.append((median(first for first, _ in times), median(last for _, last in times)))
        return found


async def _time_edit(editor: Editor, path: Path, number: int) -> tuple[float, float]:
    """Milliseconds until the first and until the last diagnostics of an edit, which makes or mends a fault."""
    text = path.read_text("utf-8")
    start = time.perf_counter()
    editor.change(path, f"{text}\nnot_a_key: 1\n" if number % 2 else f"{text}\n")
    shown = await editor.diagnostics(path)
    first = time.perf_counter() - start
    assert bool(number % 2) == bool(shown)
    last = await editor.settle(2)
    return first * 1000, ((last or start + first) - start) * 1000
