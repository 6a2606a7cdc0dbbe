"""After any edit, a check that uses the jobs of an earlier one has the same output as a check of everything."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from serotiny.cache import verdict
from serotiny.cache.location import ENVIRONMENT_VARIABLE
from serotiny.cli.dispatch import dispatch

CALL = ["check", "config", "--format", "json"]
VARIABLE = "SEROTINY_TEST_WIDTH"

NET = """import pytorch_lightning as pl


class Net(pl.LightningModule):
    def __init__(self, {name}: int, depth: int = 1) -> None:
        super().__init__()


class Deep(Net):
    pass
"""
TABLE = '[tool.serotiny]\npackage = "lab"\n'
DATA = (
    "_target_: serotiny.datamodules.ManifestDatamodule\npath: table.csv\nsplit_column: split\n"
    "loaders:\n  x: {_target_: serotiny.io.dataframe.loaders.LoadColumn, column: x}\n"
)
TRAIN = "defaults:\n  - data: default\n  - model: net\n  - _self_\nseed: 1\n"
OPTIONS = (
    "_target_: lab.net.Net\nwidth: 3\n",
    "_target_: lab.net.Net\nwidth: a\n",
    "_target_: lab.net.Net\nwidht: 3\n",
    "_target_: lab.net.Net\nwidth: a  # serotiny: ignore[SER303]\n",
    "_target_: lab.net.Net\nwidth: 3  # serotiny: ignore[SER303]\n",
    "_target_: lab.net.Net\nwidth: ${width}\n",
    f"_target_: lab.net.Net\nwidth: ${{oc.decode:${{oc.env:{VARIABLE},3}}}}\n",
    "defaults:\n  - base\n  - _self_\ndepth: 2\n",
    "defaults:\n  - group/net\n  - _self_\ndepth: 2\n",
    "# @package _global_\nwidth: 4\n",
    "# @package _global_\ndefaults:\n  - override /model: base\nseed: 2\n",
    "_target_: lab.net.Deep\nwidth: ???\n",
    "defaults:\n  - nowhere\n  - _self_\n_target_: lab.net.Net\nwidth: 3\n",
    "defaults:\n  - net\n  - _self_\ndepth: 3\n",
    "# @package _global_\ndefaults:\n  - override /modle: base\nseed: 3\n",
    "# @package _global_\ndefaults:\n  - override /model: bsae\n  - override /data: other\n",
    "a: [\n",
    "",
)
FILES = {
    "lab/config/train.yaml": (
        TRAIN,
        TRAIN + "width: 3\n",
        TRAIN + "unknown: 3\n",
        TRAIN.replace("model: net", "model: base"),
        TRAIN.replace("  - model: net\n", ""),
        TRAIN.replace("model: net", "model: ${nothing}"),
        TRAIN.replace("  - _self_", "  - override hydra/job_logging: colorlog\n  - _self_"),
        TRAIN + "hydra:\n  run:\n    dir: out/${seed}\n",
        TRAIN + "hydra:\n  searchpath: [file://more]\n",
    ),
    "lab/config/test.yaml": (TRAIN, TRAIN + "width: ${model.depth}\n"),
    **{f"lab/config/model/{name}.yaml": OPTIONS for name in ("net", "base", "default", "other")},
    "lab/config/model/group/net.yaml": OPTIONS,
    "lab/config/experiment/one.yaml": OPTIONS,
    "lab/config/data/default.yaml": (DATA, DATA.replace("column: x", "column: z")),
    "more/model/other.yaml": OPTIONS,
    "lab/net.py": (NET.format(name="width"), NET.format(name="size")),
    "table.csv": ("split,x\ntrain,1\nvalid,1\ntest,1\n", "split,z\ntrain,1\nvalid,1\ntest,1\n"),
    "pyproject.toml": (TABLE, f'{TABLE}ignore = ["SER303"]\n', f'{TABLE}trusted = ["sklearn"]\n'),
}
NEEDED = ("pyproject.toml", "lab/net.py", "table.csv")
START = {name: FILES[name][0] for name in FILES if not name.startswith("more")}

_names = st.sampled_from(sorted(FILES))
_writes = _names.flatmap(
    lambda name: st.tuples(st.sampled_from(["write", "replace"]), st.just(name), st.sampled_from(FILES[name]))
)
_steps = st.one_of(
    _writes,
    _writes,
    st.tuples(st.just("remove"), _names.filter(lambda name: name not in NEEDED)),
    st.tuples(st.just("rename"), _names.filter(lambda name: "model" in name), _names),
    st.tuples(st.just("set"), st.sampled_from(["", "3", "wide"])),
    st.just(("rubbish",)),
)


class Lab:
    """A small project, checked in this process."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "lab").mkdir(parents=True)
        (root / "lab/__init__.py").touch()
        for name, text in START.items():
            self.take(("write", name, text))

    def take(self, step: tuple[str, ...]) -> None:
        match step:
            case ("write", name, text):
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                (self.root / name).write_text(text)
            case ("replace", name, text):
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                beside = self.root / "beside"
                beside.write_text(text)
                beside.replace(self.root / name)
            case ("remove", name):
                (self.root / name).unlink(missing_ok=True)
            case ("rename", old, new):
                with contextlib.suppress(OSError):
                    (self.root / old).rename(self.root / new)
            case ("set", value):
                os.environ[VARIABLE] = value
            case ("rubbish",):
                for file in Path(os.environ[ENVIRONMENT_VARIABLE]).glob("parts/*.json"):
                    file.write_bytes(file.read_bytes().replace(b'"questions":', b'"asked":', 1))

    def fresh(self) -> tuple[int, str]:
        """The output of a check of everything."""
        return _said(lambda: dispatch([*CALL, "--no-cache"]))

    def remembered(self) -> tuple[int, str]:
        """The output of a check that may use remembered jobs."""

        def check() -> int:
            status = verdict.recall(CALL)
            return verdict.remember(CALL, lambda parts: dispatch(CALL, parts)) if status is None else status

        return _said(check)


def _said(check: object) -> tuple[int, str]:
    assert callable(check)
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        status = check()
    return status, out.getvalue()


@settings(deadline=None, max_examples=6, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(st.lists(_steps, min_size=1, max_size=2), min_size=2, max_size=6))
@example(steps=[[("write", "lab/config/model/other.yaml", text)] for text in OPTIONS])
@example(steps=[[("write", "lab/config/experiment/one.yaml", text)] for text in OPTIONS[9:]])
@example(steps=[[("write", "lab/config/model/base.yaml", text)] for text in OPTIONS[7:]])
@example(steps=[[("write", "lab/config/train.yaml", text)] for text in FILES["lab/config/train.yaml"]])
@example(
    steps=[
        [("write", "lab/config/train.yaml", FILES["lab/config/train.yaml"][-1])],
        [("write", "more/model/other.yaml", OPTIONS[0]), ("remove", "lab/config/model/other.yaml")],
        [("write", "more/model/other.yaml", OPTIONS[2])],
    ]
)
def test_check_from_remembered_jobs_is_a_whole_check(
    steps: list[list[tuple[str, ...]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """After any edits, new and renamed files, changes of code, tables and variables, the two say the same."""
    folder = tmp_path_factory.mktemp("lab")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(ENVIRONMENT_VARIABLE, str(folder / "cache"))
        patched.setenv(VARIABLE, "")
        lab = Lab(folder / "lab")
        patched.chdir(lab.root)
        time.sleep(0.03)  # what was written within a tick of the clock is not remembered
        assert lab.fresh() == lab.remembered()
        for edits in steps:
            for step in edits:
                lab.take(step)
            time.sleep(0.03)
            assert lab.fresh() == lab.remembered()
    shutil.rmtree(folder)
