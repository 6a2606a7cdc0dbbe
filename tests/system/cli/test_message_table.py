"""Slips of a new user, and what is said of each: `tests/cases/messages.yaml`, on the project `penguins` beside it.

An entry has what was written, as overrides of `train` (`call`, with `-m` if `multirun`) or as files of the config folder
(`files`), and for each fault its code, its headline and what to do. `python -m tests.system.cli.test_message_table` writes what is said now.
"""

from __future__ import annotations

import re
import shlex
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import find_project
from tests.case_projects import CASES

TABLE = CASES / "messages.yaml"
PROJECT = CASES / "penguins"
ENTRIES: list[dict[str, Any]] = yaml.safe_load(TABLE.read_text("utf-8"))


def said(entry: dict[str, Any], root: Path) -> list[dict[str, Any]]:
    """The faults of an entry's call: severity and code, headline, help. `root` is that of a copy of the project."""
    shutil.rmtree(root / "penguins" / "config", ignore_errors=True)
    shutil.copytree(PROJECT / "penguins" / "config", root / "penguins" / "config")
    for name, text in entry.get("files", {}).items():
        path = root / "penguins" / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    compiler = Compiler.of_project(find_project(root))
    call, multirun = tuple(entry.get("call", ())), entry.get("multirun", False)
    job = compiler.compile_call("train", call, multirun)
    return [
        {
            "code": f"{found.severity} {found.code}",
            "says": found.message,
            **({} if found.help is None else {"help": found.help}),
        }
        for found in job.diagnostics
    ]


def _added(advice: str) -> str | None:
    """The override that a help says to write to add a key."""
    found = re.fullmatch(r"write `(.+)` to add it", advice)
    return None if found is None else found[1]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy for all: signatures are read once."""
    return shutil.copytree(PROJECT, tmp_path_factory.mktemp("table") / "penguins")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["slip"])
def test_slip_is_told_with_what_to_do(entry: dict[str, Any], project: Path) -> None:
    """Each slip gives exactly the messages of the table."""
    assert entry["told"] == said(entry, project)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["slip"])
def test_message_says_what_is_right_or_what_to_do(entry: dict[str, Any]) -> None:
    """A message without help names what is asked for instead; none has a word of a parser's."""
    for told in entry["told"]:
        text = f"{told['says']} {told.get('help', '')}"
        assert "help" in told or any(word in told["says"] for word in ("must be", "write `"))
        assert not [word for word in ("<EOF>", "mismatched", "viable", "token", "Traceback") if word in text]


ADDED = [entry for entry in ENTRIES if any(_added(told.get("help", "")) for told in entry["told"])]


@pytest.mark.parametrize("entry", ADDED, ids=lambda entry: entry["slip"])
def test_override_that_is_advised_is_taken(entry: dict[str, Any], project: Path) -> None:
    """With `+` as the help writes it, in the place of the first slip, nothing is said of it."""
    (advised,) = {text for told in entry["told"] if (text := _added(told.get("help", ""))) is not None}
    others = entry["call"][:-1] if len(entry["call"]) > 1 else []

    assert [] == said({**entry, "call": [*others, *shlex.split(advised)]}, project)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        copy = shutil.copytree(PROJECT, Path(place) / "penguins")
        ENTRIES = [{**item, "told": said(item, copy)} for item in ENTRIES]
    TABLE.write_text(yaml.safe_dump(ENTRIES, sort_keys=False, allow_unicode=True, width=110), "utf-8")
