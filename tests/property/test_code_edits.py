"""After any edit of a module, a remembered check of a project of another's layout says what a fresh one says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.property.code_edits import NAMES, Edited, compared, difference

_EDITS: dict[str, tuple[str, Callable[[str], str | None]]] = {
    "a logged name": ("src/models/module.py", lambda text: re.sub(r"val/", "valid/", text)),
    "a parameter": ("src/models/module.py", lambda text: text.replace("self, ", "self, added: int, ", 1)),
    "a base": ("src/models/module.py", lambda text: text.replace("LightningModule)", "object)")),
    "a hook": (
        "src/models/module.py",
        lambda text: text.replace("def validation_step", "def validation_stp"),
    ),
    "a module that is imported": ("src/models/components/dense.py", lambda _: None),
    "the import of a package": ("src/__init__.py", lambda text: f"{text}\nimport nowhere\n"),
    "what a script reads": ("src/train.py", lambda text: re.sub(r"cfg\.get\(.seed.\)", "None", text)),
    "what a script starts from": ("src/train.py", lambda text: text.replace("train.yaml", "eval.yaml")),
    "what helpers make": ("src/utils.py", lambda text: text.replace("instantiate(", "call(")),
}


@pytest.mark.parametrize("what", _EDITS)
def test_edit_of_a_fact_is_seen(what: str, tmp_path: Path) -> None:
    """Each of the facts that verdicts depend on, changed and changed back."""
    name, edited = _EDITS[what]
    with Edited("template", tmp_path) as project:
        text = project.text(name)
        for changed in (edited(text), text):
            project.take((name, changed))
            assert compared(project, with_signatures=True) is None


def test_what_a_module_does_is_looked_up_by_its_text(tmp_path: Path) -> None:
    """Calls that make parts go, come back in a new module, which goes, too, and come back where they were."""
    with Edited("template", tmp_path) as project:
        text = project.text("src/utils.py")
        without = text.replace("instantiate(", "call(")
        for name, changed in (
            ("src/utils.py", without),
            ("src/more.py", text),
            ("src/more.py", None),
            ("src/utils.py", text),
        ):
            project.take((name, changed))
            assert compared(project, with_signatures=False) is None


@pytest.mark.parametrize("name", NAMES)
def test_random_edits_are_seen(name: str, tmp_path: Path) -> None:
    """A few edits of any kind, which need not leave the modules valid; `code_edits` itself searches for longer."""
    assert difference(name, 4, Random(name), tmp_path) is None
