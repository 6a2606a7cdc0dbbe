"""A check under which nothing has changed is remembered, and one under which anything has is not."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from serotiny.cache.entries import KEPT
from serotiny.cache.parts import Parts
from serotiny.cli.dispatch import dispatch
from serotiny.reads import Reads

CASES = Path(__file__).parents[2] / "cases"
PROJECTS = sorted(path.parent for path in CASES.glob("*/*/arguments.json"))

MODEL = """
import pytorch_lightning as pl
from torch import nn


class Net(pl.LightningModule):
    def __init__(self, width: int, name: str = "net") -> None:
        super().__init__()
"""

FILES = {
    "pyproject.toml": '[tool.serotiny]\npackage = "lab"\n',
    "lab/__init__.py": "",
    "lab/net.py": MODEL,
    "lab/config/train.yaml": "defaults:\n  - data: default\n  - model: net\n  - _self_\nseed: 1\n",
    "lab/config/model/net.yaml": "_target_: lab.net.Net\nwidth: 3\nname: ${oc.env:LAB_NAME,net}\n",
    "lab/config/data/default.yaml": (
        "_target_: serotiny.datamodules.ManifestDatamodule\npath: table.csv\nsplit_column: split\n"
        "loaders:\n  x: {_target_: serotiny.io.dataframe.loaders.LoadColumn, column: x}\n"
    ),
    "table.csv": "split,x\ntrain,1\nvalid,1\ntest,1\n",
}


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that checks clean, with a cache of its own, both older than a tick of the clock."""
    root = tmp_path / "lab"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    monkeypatch.setenv("SEROTINY_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("LAB_NAME", raising=False)
    _wait()
    return root


def _wait() -> None:
    time.sleep(0.05)  # what was written within a tick of the clock is not remembered


PROBE = """
import json, sys
from serotiny.cli.main import main
status = main(sys.argv[1:])
print(json.dumps([status, "hydra" in sys.modules or "click" in sys.modules]), file=sys.stderr)
"""


def _check(root: Path, *arguments: str) -> tuple[int, bool, str]:
    """The exit status of a check, whether anything was compiled, and what it printed."""
    return _call(root, "check", "config", *arguments)


def _call(root: Path, *arguments: str) -> tuple[int, bool, str]:
    """The exit status of a call, whether anything was compiled, and what it printed."""
    process = subprocess.run(
        [sys.executable, "-B", "-c", PROBE, *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    status, compiled = json.loads(process.stderr.splitlines()[-1])
    return status, compiled, process.stdout


def _rewrite(name: str, old: str, new: str) -> Callable[[Path, pytest.MonkeyPatch], None]:
    def change(root: Path, _: pytest.MonkeyPatch) -> None:
        text = (root / name).read_text()
        assert old in text
        (root / name).write_text(text.replace(old, new))

    return change


def _write(name: str, text: str) -> Callable[[Path, pytest.MonkeyPatch], None]:
    def change(root: Path, _: pytest.MonkeyPatch) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)

    return change


def _remove(name: str) -> Callable[[Path, pytest.MonkeyPatch], None]:
    return lambda root, _: (root / name).unlink()


CHANGES: dict[str, Callable[[Path, pytest.MonkeyPatch], None]] = {
    "an option": _rewrite("lab/config/model/net.yaml", "width: 3", "width: x"),
    "an option, to text of the same length": _rewrite("lab/config/model/net.yaml", "width: 3", "widht: 3"),
    "a new option": _write("lab/config/model/other.yaml", "_target_: lab.net.Nett\n"),
    "a new primary config": _write("lab/config/test.yaml", "seed: one\n"),
    "an option that goes": _remove("lab/config/model/net.yaml"),
    "a class": _rewrite("lab/net.py", "width: int", "size: int"),
    "a manifest's header": _rewrite("table.csv", "split,x", "split,z"),
    "a manifest that goes": _remove("table.csv"),
    "a package that shadows": _write("lab/net/__init__.py", ""),
    "a variable": lambda _, patched: patched.setenv("LAB_NAME", "3"),
}


def test_unchanged_check_compiles_nothing_and_says_the_same(lab: Path) -> None:
    """The second call prints what the first did, in any format, and imports no compiler for it."""
    for arguments in ((), ("train",), ("--format", "json"), ("train", "model.widht=3")):
        first, second = _check(lab, *arguments), _check(lab, *arguments)

        assert first[1]
        assert (first[0], False, first[2]) == second


@pytest.mark.parametrize("name", CHANGES)
def test_changed_world_is_checked_anew(name: str, lab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a change of anything that a verdict was read from, the verdict is that of a check without cache."""
    assert (0, True) == _check(lab)[:2]
    CHANGES[name](lab, monkeypatch)

    status, compiled, said = _check(lab)

    assert compiled
    assert (status, said) == _check(lab, "--no-cache")[::2]


def test_other_files_in_the_root_change_nothing(lab: Path) -> None:
    """A file that was edited and one that came and went leave a check as it was."""
    (lab / "README.md").write_text("read me")
    _wait()
    said = _check(lab)[2]
    (lab / "README.md").write_text("read me first")
    (lab / "mlflow.db-journal").touch()
    (lab / "mlflow.db-journal").unlink()

    assert (0, False, said) == _check(lab)


def test_unchanged_plan_is_printed_again(lab: Path) -> None:
    """The second call imports no compiler."""
    first = _call(lab, "compile", "train")

    assert first[1]
    assert (0, False, first[2]) == _call(lab, "compile", "train")


def test_plan_file_is_written_whenever_it_is_not_there_or_another(lab: Path) -> None:
    """Only where the file holds the plan already, an unchanged call has nothing to do."""
    call = ("compile", "train", "-o", "plan.yaml")
    plan = lab / "plan.yaml"
    assert (0, True, "") == _call(lab, *call)
    text = plan.read_text()
    plan.unlink()

    assert (0, True, "") == _call(lab, *call)
    assert text == plan.read_text()
    _wait()
    assert (0, True, "") == _call(lab, *call)
    assert (0, False, "") == _call(lab, *call)
    plan.write_text(f"{text}# another\n")
    assert (0, True, "") == _call(lab, *call)
    assert text == plan.read_text()


def test_plan_that_contains_the_time_is_made_each_time(lab: Path) -> None:
    """A run that is named by the time gets another name in each plan."""
    call = ("compile", "train", "++mlflow.run_name=${now:%f}")
    first, second = _call(lab, *call), _call(lab, *call)

    assert (True, True) == (first[1], second[1])
    assert json.loads(first[2])["run_name"] != json.loads(second[2])["run_name"]


def test_no_cache_neither_reads_nor_writes(lab: Path) -> None:
    """With `--no-cache` every call compiles, and none leaves a verdict."""
    assert _check(lab, "--no-cache")[1]
    assert _check(lab)[1]
    assert not _check(lab)[1]
    assert _check(lab, "--no-cache")[1]


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\xff", b"[]", b"{}", b'{"key": 1}', b"[" * 100_000],
    ids=lambda content: content[:8],
)
def test_rubbish_in_the_cache_is_replaced(content: bytes, lab: Path, tmp_path: Path) -> None:
    """A damaged entry costs one check."""
    said = _check(lab)[2]
    for room in ("verdicts", "parts"):
        for file in (tmp_path / "cache" / room).glob("*.json"):
            file.write_bytes(content)

    assert (0, True, said) == _check(lab)
    assert (0, False, said) == _check(lab)


def test_credentials_do_not_enter_the_cache(
    lab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a variable that a config reads, no byte of the value lies in the cache."""
    monkeypatch.setenv("LAB_NAME", "hunter2-hunter2")
    assert (0, True) == _check(lab)[:2]
    assert (0, False) == _check(lab)[:2]

    stored = b"".join(file.read_bytes() for file in (tmp_path / "cache").rglob("*") if file.is_file())
    assert b"hunter2" not in stored


def test_cache_that_cannot_be_written_costs_only_time(lab: Path, tmp_path: Path) -> None:
    """Where a file stands in the place of the cache's folder, each call compiles and says the same."""
    (tmp_path / "cache").write_text("in the way")

    assert _check(lab) == _check(lab)


@pytest.mark.parametrize("case", PROJECTS, ids=lambda case: case.name)
def test_everything_that_a_check_asks_of_the_disk_is_noted(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No path of a project is looked at without being noted, whatever kind of fault the project has."""
    root = tmp_path / case.name
    shutil.copytree(case, root)
    monkeypatch.chdir(root)
    asked: set[str] = set()
    reads = Reads()
    for name in ("stat", "lstat"):
        monkeypatch.setattr(os, name, _heard(getattr(os, name), asked))
    arguments: list[str] = json.loads((root / "arguments.json").read_text())
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), reads:
        dispatch(["check", "config", *arguments], Parts(["a call"], reads))
    monkeypatch.undo()

    whole = reads.whole()
    assert whole is not None
    known = {*whole.files, *whole.kinds, *whole.folders}
    below = {path for path in map(os.path.abspath, asked) if path.startswith(f"{root}{os.sep}")}
    assert set() == {
        path for path in below if path not in known and str(Path(path).parent) not in whole.folders
    }


def test_configs_of_a_project_without_a_table_are_of_their_jobs_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the edit of an option other jobs still hold, whatever the line about the folder was read from."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "configs/shape").mkdir(parents=True)
    (tmp_path / "configs/train.yaml").write_text("defaults:\n  - shape: wide\n  - _self_\n")
    (tmp_path / "configs/shape/wide.yaml").write_text("width: 3\n")
    monkeypatch.chdir(tmp_path)
    reads = Reads()

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), reads:
        status = dispatch(["check", "config"], Parts(["a call"], reads))

    whole = reads.whole()
    assert status == 0
    assert whole is not None
    own = [str(path) for path in tmp_path.rglob("*.yaml")]
    assert [True, True] == [path in whole.files for path in own]
    assert [False, False] == [path in reads.shared().files for path in own]


def _heard(real: Callable[..., Any], asked: set[str]) -> Callable[..., Any]:
    def stat(path: Any, *arguments: Any, **keywords: Any) -> Any:
        if isinstance(path, str | os.PathLike):
            asked.add(os.fspath(path))
        return real(path, *arguments, **keywords)

    return stat


def test_few_verdicts_are_kept(lab: Path, tmp_path: Path) -> None:
    """The cache is bounded: those that were not asked for longest go first."""
    folder = tmp_path / "cache" / "verdicts"
    folder.mkdir(parents=True)
    for number in range(300):
        (folder / f"{number:016x}.json").write_text("{}")
        os.utime(folder / f"{number:016x}.json", (number, number))

    _check(lab)

    left = {file.name for file in folder.iterdir()}
    assert KEPT == len(left)
    assert f"{0:016x}.json" not in left
    assert f"{299:016x}.json" in left
