"""The README's tour works: its commands are run as written, its outputs are compared."""

from __future__ import annotations

import fnmatch
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import click
import pytest

from serotiny.cli.app import cli

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
TOUR = README.split("## Five minutes\n")[1].split("\n## ")[0]


@dataclass
class Step:
    """A command of the tour, the lines that the README shows of its output, and its exit status.

    A Python block is a command as well: the reader types it into `python` where the shell stands.
    """

    command: str
    shown: list[str] = field(default_factory=list)
    status: int = 0


def steps(text: str) -> list[Step]:
    found: list[Step] = []
    for language, block in re.findall(
        r"^```(console|python)\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE
    ):
        if language == "python":
            found.append(Step(f"python - <<'END'\n{block}END"))
            continue
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Step(line[2:]))
            elif line.startswith("> "):
                found[-1].command += "\n" + line[2:]
            elif exited := re.fullmatch(r"\[exit status (\d)\]", line):
                found[-1].status = int(exited[1])
            elif line.strip() not in ("", "..."):
                found[-1].shown.append(line)
    return found


def run(step: Step, folder: Path) -> tuple[subprocess.CompletedProcess[str], Path]:
    """Run a command in a shell as the reader would, and tell in which folder the shell then is."""
    environment = {key: value for key, value in os.environ.items() if key != "MLFLOW_TRACKING_URI"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    environment["COLUMNS"] = "120"
    where = folder.with_name("where")
    script = f"{step.command}\nstatus=$?; pwd > {shlex.quote(str(where))}; exit $status"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done, Path(where.read_text().strip())


def missing_lines(shown: list[str], output: str) -> list[str]:
    """Return the shown lines that the output lacks, in order; `…` in a line stands for anything."""
    lines = iter(line.rstrip() for line in output.splitlines())
    return [line for line in shown if not any(matches(line.rstrip(), actual) for actual in lines)]


def matches(shown: str, actual: str) -> bool:
    pattern = "*".join(re.sub(r"([\[?*])", r"[\1]", part) for part in shown.split("…"))
    return fnmatch.fnmatchcase(actual, pattern)


def test_tour_does_what_it_shows(tmp_path: Path) -> None:
    """Each command of the tour ends with its exit status and prints the lines that the README shows."""
    folder = tmp_path / "tour"
    folder.mkdir()
    for step in steps(TOUR):
        done, folder = run(step, folder)
        assert done.returncode == step.status, f"$ {step.command}\n{done.stdout}"
        assert missing_lines(step.shown, done.stdout) == [], f"$ {step.command}\n{done.stdout}"


def test_every_command_is_in_the_table() -> None:
    """The README's table and the command line have the same commands."""
    table = README.split("## Commands\n")[1].split("\n## ")[0]

    assert set(re.findall(r"`serotiny (\w+)", table)) == set(cli.list_commands(click.Context(cli)))


def test_links_lead_somewhere() -> None:
    """Every relative link of the README and of the pages in docs/ names a file that is there."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]

    assert broken == []


@pytest.mark.parametrize(
    ("shown", "output", "missing"),
    [
        (["a", "c"], "a\nb\nc\n", []),
        (["c", "a"], "a\nb\nc\n", ["a"]),
        (["val_loss … [x]"], "val_loss 0.3 [x]\n", []),
        (["val_loss … [y]"], "val_loss 0.3 [x]\n", ["val_loss … [y]"]),
    ],
)
def test_shown_lines_are_compared_in_order(shown: list[str], output: str, missing: list[str]) -> None:
    """The comparison keeps the order of lines and takes `…`, and nothing else, as a wildcard."""
    assert missing_lines(shown, output) == missing
