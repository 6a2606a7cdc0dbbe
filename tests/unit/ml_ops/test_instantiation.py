"""What is about to be called is judged where it is called."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from serotiny.compiler.validation.judge import TargetJudge
from serotiny.ml_ops.instantiation import InstantiationError, RefusedTargetError, instantiate, make_importable
from serotiny.targets.policy.trust import Trust
from serotiny.targets.reader import SignatureReader


@pytest.fixture
def judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TargetJudge:
    """Of a project whose package makes names that no reading of source can see."""
    (tmp_path / "seen_pkg.py").write_text(
        "import sys\nglobals()['run'] = __import__('os').system\nglobals()['Start'] = __import__('subprocess').Popen\n"
        "def make(): return 1\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    return TargetJudge(SignatureReader([tmp_path]), Trust(own=("seen_pkg", "faulty_pkg")))


@pytest.mark.parametrize(
    "node",
    [
        {"_target_": "os.system", "command": "touch canary"},
        {"_target_": "seen_pkg.run", "command": "touch canary"},
        {"_target_": "seen_pkg.Start", "args": ["touch", "canary"]},
        {"_target_": "builtins.dict", "inner": [{"_target_": "seen_pkg.run", "command": "touch canary"}]},
        {
            "_target_": "builtins.dict",
            "_recursive_": False,
            "inner": {"_target_": "torch.load", "f": "canary"},
        },
        {"_target_": "hydra.utils.get_method", "path": "os.system"},
        {"_target_": "hydra.utils.get_object", "path": "seen_pkg.run"},
        {
            "_target_": "builtins.dict",
            "start": {"_target_": "hydra.utils.get_class", "path": "seen_pkg.Start"},
        },
    ],
)
def test_what_may_not_be_called_is_not(
    node: dict[str, Any], judge: TargetJudge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its path before an import, by where it is defined after it; at any depth of a node."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RefusedTargetError, match="may not be named by a config"):
        instantiate(node, "model", judge)
    assert not (tmp_path / "canary").exists()


def test_own_function_and_what_was_reviewed_are_called(judge: TargetJudge) -> None:
    """A node of the project's own code with a value of Python's in it."""
    made = {"_target_": "builtins.dict", "one": {"_target_": "seen_pkg.make"}}
    assert {"one": 1} == instantiate(made, "model", judge)


def test_what_a_path_names_is_given(judge: TargetJudge) -> None:
    """A class or function for code that is handed it, judged as if it were called."""
    named = {"_target_": "hydra.utils.get_class", "path": "torch.nn.Linear"}
    own = {"_target_": "hydra.utils.get_method", "path": "seen_pkg.make"}
    value = {"_target_": "hydra.utils.get_object", "path": "torch.float32"}
    node = {"_target_": "builtins.dict", "layer": named, "make": own, "dtype": value}
    made = instantiate(node, "model", judge)
    assert (torch.nn.Linear, 1, torch.float32) == (made["layer"], made["make"](), made["dtype"])


@pytest.mark.parametrize("text", ["${a}", r"\${a}", r"x\\${a}\\", "$", r"C:\run"])
def test_text_that_looks_like_an_interpolation_arrives_as_it_is(text: str, judge: TargetJudge) -> None:
    """Nothing is resolved that was resolved before, however many backslashes stand before it."""
    assert {"name": text} == instantiate({"_target_": "builtins.dict", "name": text}, "model", judge)


def test_module_that_cannot_be_imported_is_named(judge: TargetJudge, tmp_path: Path) -> None:
    """The fault is the module's own, and its target's key is told."""
    (tmp_path / "faulty_pkg.py").write_text("def make(): return 1\nraise RuntimeError('no')\n")
    with pytest.raises(InstantiationError, match=r"`model._target_`.*RuntimeError: no"):
        instantiate({"_target_": "faulty_pkg.make"}, "model", judge)


@pytest.mark.parametrize(
    "node",
    [{"_target_": "faulty_pkg.make"}, {"_target_": "hydra.utils.get_object", "path": "faulty_pkg.make"}],
)
def test_what_is_raised_is_not_logged_as_well(
    node: dict[str, Any], judge: TargetJudge, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Hydra logs an error for what it cannot import; the one that is raised is told by itself."""
    (tmp_path / "faulty_pkg.py").write_text("def make(): return 1\nraise RuntimeError('no')\n")
    with pytest.raises(InstantiationError):
        instantiate(node, "model", judge)
    assert [] == caplog.messages


def test_folders_of_scripts_are_last_on_the_import_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies beside a script conceals no installed module, and the project's own modules come first."""
    monkeypatch.setattr(sys, "path", [*sys.path])

    make_importable([tmp_path], [tmp_path / "study"])

    assert (str(tmp_path), str(tmp_path / "study")) == (sys.path[0], sys.path[-1])
