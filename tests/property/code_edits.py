"""Projects whose modules are edited at random, and a check of them that is remembered.

python -m tests.property.code_edits SECONDS [SEED]    search for an edit after which a remembered verdict is wrong
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from difflib import unified_diff
from pathlib import Path
from random import Random
from typing import Final

from serotiny.cache import verdict
from serotiny.cache.location import ENVIRONMENT_VARIABLE
from serotiny.cli.dispatch import dispatch

Edit = tuple[str, str | None]
"""A file and its new text; None for one that is deleted."""

CALL: Final = ["check", "config", "--format", "json"]
PROJECTS: Final = Path(__file__).parents[1] / "cases" / "projects"
NAMES: Final = ("atoms", "cells", "template")

_SETTLED_S: Final = 0.03
"""What was written within a tick of the clock is not remembered."""

_BASES: Final = (
    "LightningModule",
    "LightningDataModule",
    "Callback",
    "nn.Module",
    "object",
    "dict",
    "Nowhere",
)
_LINES: Final = (
    "# a comment",
    "import torch",
    "import nowhere_at_all",
    "from omegaconf import OmegaConf",
    'OmegaConf.register_new_resolver("added", str)',
    "def __getattr__(name): return None",
    "class Callback: pass",
    "x = 1",
    "(",
)


class Edited:
    """A copy of a project, checked in this process; within `with edited:` it is the current folder and has a cache."""

    def __init__(self, name: str, folder: Path) -> None:
        self.root = folder / name
        self._cache = folder / "cache"
        shutil.copytree(PROJECTS / name, self.root, ignore=shutil.ignore_patterns("__pycache__"))

    def __enter__(self) -> Edited:
        self._outside = os.environ.get(ENVIRONMENT_VARIABLE), Path.cwd()
        os.environ[ENVIRONMENT_VARIABLE] = str(self._cache)
        os.chdir(self.root)
        time.sleep(_SETTLED_S)
        self.remembered()
        return self

    def __exit__(self, *exception: object) -> None:
        variable, folder = self._outside
        os.environ.pop(ENVIRONMENT_VARIABLE, None)
        if variable is not None:
            os.environ[ENVIRONMENT_VARIABLE] = variable
        os.chdir(folder)

    @property
    def modules(self) -> list[str]:
        """The files with code, by path."""
        return sorted(path.relative_to(self.root).as_posix() for path in self.root.rglob("*.py"))

    def text(self, name: str) -> str:
        return (self.root / name).read_text("utf-8")

    def take(self, edit: Edit) -> None:
        """Make an edit; the next check is remembered."""
        name, text = edit
        path = self.root / name
        if text is None:
            path.unlink(missing_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        time.sleep(_SETTLED_S)

    def remembered(self) -> tuple[int, str]:
        """The output of a check that may use what an earlier one has kept."""

        def check() -> int:
            status = verdict.recall(CALL)
            return verdict.remember(CALL, lambda parts: dispatch(CALL, parts)) if status is None else status

        return _said(check)

    def fresh(self, *, with_signatures: bool = True) -> tuple[int, str]:
        """The output of a check of everything; without the signatures that earlier checks have read if so wished."""
        if not with_signatures:
            os.environ[ENVIRONMENT_VARIABLE] = f"{self._cache}-{time.time_ns()}"
        try:
            return _said(lambda: dispatch([*CALL, "--no-cache"]))
        finally:
            os.environ[ENVIRONMENT_VARIABLE] = str(self._cache)


def _said(check: Callable[[], int]) -> tuple[int, str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        status = check()
    return status, out.getvalue()


def random_edit(random: Random, project: Edited) -> Edit:
    """Some edit of a module, which need not leave it valid."""
    name = random.choice(project.modules)
    text = project.text(name)
    lines = text.splitlines()
    at = random.randrange(len(lines) + 1)
    words = sorted({*re.findall(r"\b[a-z_]{3,}\b", text)})
    bases = re.findall(r"^class \w+\((.*)\):", text, re.MULTILINE)
    kinds: list[Callable[[], Edit]] = [
        lambda: (name, "\n".join([*lines[:at], random.choice(_LINES), *lines[at:]])),
        lambda: (name, "\n".join([*lines[:at], *lines[at + random.randint(1, 3) :]])),
        lambda: (
            name,
            re.sub(rf"\b{random.choice(words or ['x'])}\b", "other", text, count=random.randint(0, 2)),
        ),
        lambda: (name, re.sub(r"\b(\w+): int\b", r"\1: str", text, count=1)),
        lambda: (name, text.replace("(self, ", "(self, added: int, ", 1)),
        lambda: (name, text.replace("(self, ", "(self, added: int = 1, ", 1)),
        lambda: (name, re.sub(r"cfg\.(\w+)", r"cfg.other", text, count=1)),
        lambda: (name, text.replace(random.choice(bases or ["x"]), random.choice(_BASES), 1)),
        lambda: (name, re.sub(r'"(\w+)/(\w+)"', r'"\1/other"', text, count=1)),
        lambda: (name, None),
        lambda: (f"{name.removesuffix('.py')}/__init__.py", random.choice(["", text])),
        lambda: (f"{random.choice(['torch', 'hydra', 'lightning', 'yaml'])}.py", random.choice(["", text])),
    ]
    return random.choice(kinds)()


def difference(name: str, edits: int, random: Random, folder: Path) -> str | None:
    """What a remembered verdict says other than a fresh one, after which edit; None where they agree."""
    with Edited(name, folder) as project:
        originals = {module: project.text(module) for module in project.modules}
        for number in range(edits):
            edit = random_edit(random, project)
            if random.random() < 0.3 and originals:
                module = random.choice(sorted(originals))
                edit = module, originals[module]
            project.take(edit)
            found = compared(project, with_signatures=random.random() < 0.9)
            if found is not None:
                return f"{name}, edit {number}, {edit}:\n{found}"
    return None


def compared(project: Edited, *, with_signatures: bool) -> str | None:
    """How the two verdicts differ."""
    expected, actual = project.fresh(with_signatures=with_signatures), project.remembered()
    if expected == actual:
        return None
    return "\n".join(unified_diff(expected[1].splitlines(), actual[1].splitlines(), "fresh", "remembered"))


def main(arguments: Sequence[str]) -> int:
    """Search until the time is over; the exit status is 1 when something was found."""
    seconds, seed = float(arguments[0]), int(arguments[1]) if len(arguments) > 1 else time.time_ns()
    random, end, count = Random(seed), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        folder = Path(tempfile.mkdtemp())
        found = difference(random.choice(NAMES), 8, random, folder)
        shutil.rmtree(folder)
        count += 8
        if found is not None:
            print(f"seed {seed}: {found}")
            return 1
    print(f"{count} edits of seed {seed} without a difference")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
