from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from serotiny.ml_ops.failure import command_to_go_on, deepest_frame, failure_text
from serotiny.tracking.session import RunInfo

from .conftest import MakePlan

SOURCE = """
import json

def step():
    return helper("{")

def helper(text):
    return json.loads(text)

def wrapped():
    try:
        step()
    except ValueError as error:
        raise RuntimeError("somewhere above") from error
"""


def error_of(root: Path, function: str) -> BaseException:
    file = root / "study.py"
    file.write_text(SOURCE)
    spec = importlib.util.spec_from_file_location("study_of_failures", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with pytest.raises((ValueError, RuntimeError)) as raised:
        getattr(module, function)()
    return raised.value


_CAUSE = "JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"


@pytest.mark.parametrize(("function", "because"), [("step", []), ("wrapped", [f"  because of {_CAUSE}"])])
def test_a_failure_names_the_deepest_line_of_the_project(
    function: str, because: list[str], make_plan: MakePlan, tmp_path: Path
) -> None:
    """The line that led into a library is named, and its error where another one was raised from it; then the run."""
    error = error_of(tmp_path, function)
    (tmp_path / "traceback.txt").write_text("…")
    info = RunInfo(run_id="id", run_name="name", experiment_id="", experiment_name="", run_dir=tmp_path)

    text = failure_text(error, "it failed", replace(make_plan(), project_root=str(tmp_path)), tmp_path, info)

    assert [
        "it failed",
        *because,
        "  at study.py:8 in helper",
        "    return json.loads(text)",
        "  run name (id)",
        f"  traceback {tmp_path / 'traceback.txt'}",
    ] == text.splitlines()


def test_a_failure_of_libraries_alone_has_no_line(tmp_path: Path) -> None:
    """Frames of installed packages are not the project's, also where those lie inside it."""
    folder = tmp_path / ".venv" / "lib"
    folder.mkdir(parents=True)

    assert deepest_frame(error_of(folder, "step"), tmp_path) is None


def test_the_command_to_go_on_is_quoted_for_the_shell(make_plan: MakePlan, tmp_path: Path) -> None:
    """The name that was made up is given, beside the overrides of the call."""
    info = RunInfo(run_id="id", run_name="train-1", experiment_id="", experiment_name="", run_dir=tmp_path)
    plan = replace(make_plan(), overrides=("model=vae", '++mlflow.tags.note="a b"'))

    expected = "serotiny train model=vae '++mlflow.tags.note=\"a b\"' ++mlflow.run_name=train-1"
    assert expected == command_to_go_on(plan, info)
