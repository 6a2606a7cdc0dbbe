"""How long the real yaml-language-server takes to mark a config that is opened, with the exported schemas."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from serotiny.cli.editor_wiring.jsonc import parse
from serotiny.cli.editor_wiring.wire import wire
from tests.benchmarks.row import Row
from tests.system.editor.conftest import NODE_MODULES
from tests.system.editor.editor_project import EditorProject
from tests.system.editor.yaml_server import YamlServer

REPEATS = 5
GROUPS = ("data", "model", "trainer", "mlflow")
NAME = "yaml-language-server, opening a config"


def rows() -> Iterator[Row]:
    """The first file that a server opens, and one more of the same group, for the group that takes longest."""
    if shutil.which("node") is None or not (NODE_MODULES / "yaml-language-server").is_dir():
        yield Row(NAME, "", None, 1, " s", beside="not installed: run `make system-parts`")
        return
    with tempfile.TemporaryDirectory(prefix="serotiny-bench-") as folder:
        edited = EditorProject.generate(Path(folder))
        wire("vscode", edited.project, edited.schemas)
        times = {group: [_open_s(edited, group) for _ in range(REPEATS)] for group in GROUPS}
    # a server that has just started has to read and compile the schema first
    first = {group: median(first for first, _ in found) for group, found in times.items()}
    again = {group: median(again for _, again in found) for group, found in times.items()}
    for name, medians in ((f"{NAME}, the first one", first), (f"{NAME}, the next one", again)):
        shown = ", ".join(f"{group} {seconds:.2f}" for group, seconds in medians.items())
        beside = f"the slowest; medians of {REPEATS} servers; 0.2 s of each is waiting for more marks"
        yield Row(name, f"{shown} s", max(medians.values()), 1, " s", beside=beside)


def _open_s(edited: EditorProject, group: str) -> tuple[float, float]:
    """Seconds until a group's file, and then another one of it, has its marks, in a server of its own."""
    settings = parse((edited.project.root / ".vscode" / "settings.json").read_text("utf-8")).data
    own = {key.removeprefix("yaml."): value for key, value in settings.items()}
    config = edited.project.config_folders[0]
    path = sorted((config / group).glob("*.yaml"))[0]
    text = path.read_text("utf-8")
    with YamlServer(NODE_MODULES, edited.project.root, own) as server:
        first_s = _marked_s(server, edited, path, text)
        return first_s, _marked_s(server, edited, path.with_name("next.yaml"), text)


def _marked_s(server: YamlServer, edited: EditorProject, path: Path, text: str) -> float:
    start = time.perf_counter()
    marks = server.marks(server.open_as(path.relative_to(edited.project.root).as_posix(), text))
    assert not marks, marks
    return time.perf_counter() - start
