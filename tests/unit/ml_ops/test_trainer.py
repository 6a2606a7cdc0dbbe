"""The callbacks that a config names, as the trainer gets them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from serotiny.compiler.project import find_project
from serotiny.compiler.validation.judge import TargetJudge
from serotiny.ml_ops.instantiation import InstantiationError, make_importable
from serotiny.ml_ops.trainer import named_callbacks
from serotiny.targets import SignatureReader

SUMMARY = {"_target_": "pytorch_lightning.callbacks.ModelSummary"}
TIMER = {"_target_": "pytorch_lightning.callbacks.Timer"}


@pytest.fixture
def judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TargetJudge]:
    """That of a project with functions that give callbacks, and other things."""
    (tmp_path / "pyproject.toml").write_text('[tool.serotiny]\npackage = "several_lab"\n')
    (tmp_path / "several_lab" / "config").mkdir(parents=True)
    functions = "def several(**parts):\n    return list(parts.values())\n\n\ndef settings():\n    return {'patience': 3}\n"
    (tmp_path / "several_lab" / "__init__.py").write_text(functions)
    project = find_project(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    make_importable(project.import_paths)
    yield TargetJudge.of_project(project, SignatureReader(project.import_paths))
    sys.modules.pop("several_lab", None)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (None, []),
        ({"a": SUMMARY, "b": None}, ["ModelSummary"]),
        (SUMMARY, ["ModelSummary"]),
        ({"_target_": "several_lab.several", "a": SUMMARY, "b": TIMER}, ["ModelSummary", "Timer"]),
    ],
)
def test_callbacks_come_one_by_one_or_from_a_function(
    judge: TargetJudge, written: Any, expected: list[str]
) -> None:
    """None, named ones of which one is null, one alone, and those of a function that gives a list."""
    made = named_callbacks({"trainer": {"callbacks": written}}, judge)

    assert expected == [type(callback).__name__ for callback in made]


def test_what_is_no_callback_is_told_before_training(judge: TargetJudge) -> None:
    """A function that gives a mapping is refused by name of its type."""
    with pytest.raises(InstantiationError, match="holds a `dict`, which is no Callback"):
        named_callbacks({"trainer": {"callbacks": {"a": {"_target_": "several_lab.settings"}}}}, judge)
