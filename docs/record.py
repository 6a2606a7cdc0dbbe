"""Record the pictures of the documentation from real output: `python -m docs.record`.

`docs/session.svg` is a terminal session of `check` and `explain`; `docs/completion.svg` shows what the language
server answers an editor, with the text around the cursor.
"""

from __future__ import annotations

import asyncio
import os
import pty
import subprocess
import sys
import tempfile
from pathlib import Path

from lsprotocol import types as lsp
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from serotiny.cli.new import create_project

from tests.fakes.editor import editor_of

HERE = Path(__file__).parent
WIDTH = 104
MODEL = "a_tiny_project/config/model/default.yaml"
SHOWN_ITEMS = 7


def record(folder: Path) -> None:
    """Write both pictures into `folder`."""
    with tempfile.TemporaryDirectory(prefix="serotiny-record-") as temporary:
        project = create_project({}, no_input=True, output_dir=Path(temporary))
        _record_session(project, folder / "session.svg")
        asyncio.run(_record_completion(project, folder / "completion.svg"))


def _record_session(project: Path, picture: Path) -> None:
    model = project / MODEL
    sound = model.read_text("utf-8")
    model.write_text(sound.replace("latent_dim", "latent_dims"), "utf-8")
    console = _console()
    _show(console, project, "serotiny check config train trainer.max_epochs=ten ++model.beta='${seeds}'")
    model.write_text(sound, "utf-8")
    _show(console, project, "serotiny explain trainer.max_epochs train trainer.max_epochs=5")
    _save(console, picture, "serotiny")


def _show(console: Console, project: Path, command: str) -> None:
    console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
    console.print(Text.from_ansi(_terminal_output(command, project).rstrip()))
    console.print()


def _terminal_output(command: str, folder: Path) -> str:
    """What a command prints to a terminal, colours included."""
    ours, theirs = pty.openpty()
    scripts = Path(sys.executable).parent
    environment = {
        **{key: value for key, value in os.environ.items() if key != "NO_COLOR"},
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "TERM": "xterm-256color",
    }
    process = subprocess.Popen(
        ["sh", "-c", command], cwd=folder, env=environment, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    parts: list[bytes] = []
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not part:
            break
        parts.append(part)
    process.wait()
    os.close(ours)
    return b"".join(parts).decode("utf-8").replace("\r\n", "\n")


async def _record_completion(project: Path, picture: Path) -> None:
    path = project / MODEL
    console = _console()
    async with editor_of(project) as editor:
        sound = path.read_text("utf-8")
        optimizer = sound.partition("  lr:")[0]
        editor.open(path, f"{optimizer}  \n")
        items = await editor.complete(path, "parameters\n  |")
        _show_popup(console, optimizer, "  ", items, "weight_decay")
        editor.change(path, sound.replace("latent_dim: 2", "latent_dim: ${data."))
        items = await editor.complete(path, "${data.|")
        head = sound.partition("latent_dim: 2")[0]
        _show_popup(console, head, "latent_dim: ${data.", items, "data.batch_size")
    _save(console, picture, MODEL)


def _show_popup(
    console: Console, above: str, line: str, items: list[lsp.CompletionItem], chosen: str
) -> None:
    """The lines before the cursor, and below it the completions, one of them chosen."""
    for text in above.splitlines()[-5:]:
        console.print(Text(text))
    console.print(Text.assemble(line, ("▏", "bold yellow")))
    index = next(number for number, item in enumerate(items) if item.label == chosen)
    first = max(0, min(index - SHOWN_ITEMS // 2, len(items) - SHOWN_ITEMS))
    table = Table.grid(padding=(0, 2))
    for item in items[first : first + SHOWN_ITEMS]:
        style = "reverse" if item.label == chosen else ""
        table.add_row(Text(item.label, style), Text(item.detail or "", "cyan"))
    parts: list[Table | Text] = [table]
    documentation = items[index].documentation
    if isinstance(documentation, lsp.MarkupContent):
        parts += [Text(), Text(documentation.value, "dim")]
    console.print(Panel(Group(*parts), width=84, border_style="dim"))
    console.print()


def _console() -> Console:
    return Console(record=True, width=WIDTH, file=Path(os.devnull).open("w"), force_terminal=True)


def _save(console: Console, picture: Path, title: str) -> None:
    console.save_svg(str(picture), title=title, unique_id=f"serotiny-{picture.stem}")
    console.file.close()


if __name__ == "__main__":
    record(HERE)
