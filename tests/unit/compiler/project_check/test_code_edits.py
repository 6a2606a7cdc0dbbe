"""An edit of a module compiles the jobs that depend on what it changes, and the verdict is that of a whole check."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import get_args

import pytest

from serotiny.cache.questions import is_question
from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import find_project
from serotiny.compiler.project_check.check import ProjectVerdict, check_project
from serotiny.compiler.project_check.compile_project import compile_project
from serotiny.compiler.project_code import Subject
from serotiny.reads import Reads
from serotiny.targets import SignatureReader

NET = '''"""Networks."""

from dataclasses import dataclass
from enum import Enum

import pytorch_lightning as pl

from lab.base import Base


class Mode(Enum):
    FAST = "fast"
    SLOW = "slow"


@dataclass
class Sizes:
    width: int = 1


class Net(Base):
    def __init__(self, width: int, mode: Mode = Mode.FAST, sizes: Sizes | None = None) -> None:
        super().__init__(width)

    def validation_step(self, batch: object, batch_idx: int) -> None:
        self.log("valid_loss", 1.0)
'''
BASE = """import pytorch_lightning as pl


class Base(pl.LightningModule):
    def __init__(self, width: int) -> None:
        super().__init__()
"""
OTHER = """import torch


class Other(torch.nn.Module):
    def __init__(self, depth: int = 1) -> None:
        super().__init__()
"""
TRAIN = """import hydra
from omegaconf import OmegaConf

OmegaConf.register_new_resolver("double", lambda value: 2 * value)


@hydra.main(version_base="1.3", config_path="../config", config_name="train")
def main(cfg) -> None:
    model = hydra.utils.instantiate(cfg.model)
    other = hydra.utils.instantiate(cfg.other)
    trainer = hydra.utils.instantiate(cfg.trainer)
    trainer.fit(model, lr=cfg.model.get("lr"))
"""
FILES = {
    "pyproject.toml": '[project]\nname = "lab"\n',
    "lab/__init__.py": "",
    "lab/net.py": NET,
    "lab/base.py": BASE,
    "lab/other.py": OTHER,
    "lab/train.py": TRAIN,
    "config/train.yaml": (
        "defaults:\n  - model: net\n  - other: one\n  - trainer: one\n  - _self_\nrate: 3\n"
        "unused: ${double:${rate}}\n"
    ),
    "config/eval.yaml": "defaults:\n  - other: one\n",
    "config/model/net.yaml": "_target_: lab.net.Net\nwidth: 1\nmode: fast\nsizes:\n  _target_: lab.net.Sizes\n  width: 2\n",
    "config/model/deep.yaml": "_target_: lab.net.Net\nwidth: 2\n",
    "config/other/one.yaml": "_target_: lab.other.Other\ndepth: 1\n",
    "config/trainer/one.yaml": (
        "_target_: pytorch_lightning.Trainer\ncallbacks:\n"
        "  - _target_: pytorch_lightning.callbacks.ModelCheckpoint\n    monitor: valid_loss\n"
    ),
}
OF_EVAL = ("eval", ())


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A project with a script of its own, and a primary config that says nothing of most of its modules."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def checked(root: Path, earlier: object = None) -> ProjectVerdict:
    return check_project(Compiler.of_project(find_project(root)), json.loads(json.dumps(earlier)))


def after(root: Path, name: str, text: str | None) -> ProjectVerdict:
    """The check after an edit, which says what a check of everything says."""
    earlier = checked(root).jobs
    if text is None:
        (root / name).unlink()
    else:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    verdict, whole = checked(root, earlier), compile_project(Compiler.of_project(find_project(root)))
    assert whole.diagnostics == verdict.diagnostics
    assert [(job.composed.primary, job.overrides) for job in whole.jobs] == [*verdict.calls]
    assert () == checked(root, verdict.jobs).compiled
    return verdict


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lab/net.py", f"# a comment\n{NET}\n\n# another one\n"),
        ("lab/net.py", NET.replace('"""Networks."""', '"""Nets."""')),
        ("lab/net.py", NET.replace("class Net(Base):", 'class Net(Base):\n    """A net."""\n')),
        ("lab/net.py", NET.replace("1.0", "2.0")),
        (
            "lab/net.py",
            f"{NET}\n\nclass Unused:\n    def __init__(self, x: int) -> None:\n        self.x = x\n",
        ),
        ("lab/base.py", BASE.replace("super().__init__()", "super().__init__()\n        self.made = True")),
        ("lab/train.py", TRAIN.replace("def main(cfg) -> None:", "def main(cfg) -> None:\n    print('go')")),
    ],
    ids=["comments", "docstring", "class docstring", "body", "class", "body of base", "script"],
)
def test_edit_that_changes_no_fact_compiles_nothing(lab: Path, name: str, text: str) -> None:
    """Comments, docstrings and what nothing depends on leave every job as it was."""
    assert () == after(lab, name, text).compiled


def test_told_line_of_a_script_follows_an_edit_above_it(lab: Path) -> None:
    """A fault that names a line of the script is told anew when the line has moved."""
    reading = TRAIN.replace("    model =", "    print(cfg.pace)\n    model =")
    (lab / "lab" / "train.py").write_text(reading)
    config = (lab / "config" / "train.yaml").read_text()
    (lab / "config" / "train.yaml").write_text(f"{config}pase: 1\n")
    (told,) = [fault for fault in checked(lab).diagnostics if fault.code == "SER308"]
    assert "lab/train.py:9 reads `pace`" in told.message

    (moved,) = [
        fault
        for fault in after(lab, "lab/train.py", f"# a comment\n{reading}").diagnostics
        if fault.code == "SER308"
    ]

    assert "lab/train.py:10 reads `pace`" in moved.message


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lab/net.py", NET.replace("width: int, mode", "width: int, added: int, mode")),
        ("lab/net.py", NET.replace("width: int, mode", "width: str, mode")),
        ("lab/net.py", NET.replace("mode: Mode", "speed: Mode")),
        ("lab/net.py", NET.replace('FAST = "fast"', 'QUICK = "quick"').replace("FAST", "QUICK")),
        ("lab/net.py", NET.replace("width: int = 1", "height: int = 1")),
        ("lab/net.py", NET.replace("@dataclass\n", "")),
        ("lab/net.py", NET.replace("Net(Base)", "Net(dict)")),
        ("lab/net.py", NET.replace("import pytorch_lightning", "import nowhere\nimport pytorch_lightning")),
        ("lab/net.py", f"{NET}(\n"),
        ("lab/net.py", None),
        ("lab/base.py", None),
        ("lab/net/__init__.py", "class Other: pass\n"),
        ("lab/__init__.py", "import nowhere\n"),
        ("lab/other.py", OTHER.replace("depth", "height")),
        (
            "lab/other.py",
            OTHER.replace("class Other", "import functools\n\n\n@functools.cache\nclass Another"),
        ),
        ("lab/train.py", TRAIN.replace('"double"', '"triple"')),
        ("torch/__init__.py", ""),
    ],
    ids=[
        "parameter",
        "annotation",
        "parameter's name",
        "member of an enum",
        "field of a dataclass",
        "decorator",
        "base",
        "import",
        "syntax",
        "no module",
        "no base",
        "shadow",
        "package",
        "other parameter",
        "other class",
        "resolver",
        "shadow of a package",
    ],
)
def test_edit_that_changes_a_fact_is_seen(lab: Path, name: str, text: str | None) -> None:
    """The verdict is another one, as a check of everything has it."""
    before = checked(lab).diagnostics

    assert before != after(lab, name, text).diagnostics


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lab/train.py", TRAIN.replace("cfg.model)", "cfg.model, width=2)")),
        ("lab/train.py", TRAIN.replace("cfg.model)", "cfg.model, _recursive_=False)")),
        ("lab/train.py", TRAIN.replace("    model =", "    cfg.model.pop('width')\n    model =")),
        ("lab/train.py", TRAIN.replace('"lr"', '"rate"')),
        ("lab/train.py", TRAIN.replace('"train"', '"eval"')),
        ("lab/train.py", None),
        ("lab/base.py", BASE.replace("width: int", "width: int, **more: object")),
        (
            "lab/stored.py",
            "from hydra.core.config_store import ConfigStore\n\n"
            'ConfigStore.instance().store(name="three", group="other", node={})\n',
        ),
    ],
)
def test_edit_of_what_code_does_with_configs_is_seen(lab: Path, name: str, text: str | None) -> None:
    """Whether it changes the verdict or not, that is the one of a check of everything, also for what was faulty before."""
    after(lab, name, text)
    (lab / "config/model/net.yaml").write_text("_target_: lab.net.Net\nlr: 1\nmore: 2\n")
    (lab / "config/train.yaml").write_text(FILES["config/train.yaml"].replace("other: one", "other: three"))
    (lab / name).write_text(FILES.get(name, ""))
    after(lab, name, text)


def test_parameter_compiles_the_jobs_with_its_target_alone(lab: Path) -> None:
    """A job that does not call a class does not depend on what the class takes."""
    made = after(lab, "lab/net.py", NET.replace("width: int, mode", "width: int, added: int, mode"))

    assert made.compiled
    assert OF_EVAL in made.calls
    assert OF_EVAL not in made.compiled


def test_no_module_of_the_project_counts_for_all_jobs(lab: Path) -> None:
    """What is read of the project's code is known by what is asked of it, not by its files."""
    with Reads() as reads:
        checked(lab)

    assert [] == [path for path in reads.shared().files if path.startswith(str(lab)) and path.endswith(".py")]


@pytest.mark.parametrize(
    ("kind", "others"),
    [
        *((kind, {"modules_of"} & {*dir(kind)}) for kind in get_args(Subject)),
        (SignatureReader, {"without_cache"}),
    ],
)
def test_everything_that_is_asked_of_code_is_a_question(kind: type, others: set[str]) -> None:
    """An answer that is not noted would not be compared."""
    methods = {
        name
        for name, member in inspect.getmembers(kind, callable)
        if not name.startswith("_") and not is_question(member)
    }
    assert others == methods


def test_job_that_asks_about_what_is_no_json_is_compiled_each_time(lab: Path) -> None:
    """A key may be of any type that YAML has."""
    bytes_as_key = "!!binary aGk=: {_target_: lab.net.Net, widht: 1}\n"
    (lab / "config/eval.yaml").write_text(FILES["config/eval.yaml"] + bytes_as_key)
    first = checked(lab)

    assert first.diagnostics
    second = checked(lab, first.jobs)
    assert first.diagnostics == second.diagnostics
    assert (OF_EVAL,) == second.compiled
