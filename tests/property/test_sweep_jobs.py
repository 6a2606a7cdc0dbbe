"""The jobs of a sweep share what is equal, and each is what it would be if it were compiled alone."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serotiny.compiler.compile import Compiler
from serotiny.compiler.job import Job
from serotiny.compiler.project import Project, find_project

TRAIN = """
defaults:
  - model: one
  - data: small
  - trainer: default
  - _self_
seed: 1
lr: 0.1
name: run-${model.width}-${seed}
"""
MODEL = """
_target_: torch.nn.Linear
in_features: ${data.columns}
out_features: 3
width: %d
bias: ${flag}
"""
FILES = {
    "pyproject.toml": '[tool.serotiny]\npackage = "lab"\n',
    "lab/__init__.py": "",
    "lab/config/train.yaml": TRAIN,
    "lab/config/model/one.yaml": MODEL % 1,
    "lab/config/model/two.yaml": "defaults:\n  - one\n  - part: a\n  - _self_\n_target_: torch.nn.Bilinear\nlr: ${lr}\n",
    "lab/config/model/part/a.yaml": "alpha: 1\n",
    "lab/config/model/part/b.yaml": "beta: ${..width}\n",
    "lab/config/data/small.yaml": "columns: 4\nflag: ${flag}\n",
    "lab/config/data/large.yaml": "# @package _global_\ndata:\n  columns: ${oc.select:width,9}\nflag: true\n",
    "lab/config/trainer/default.yaml": (
        "_target_: pytorch_lightning.Trainer\nmax_epochs: 3\ncallbacks:\n"
        "  stop: {_target_: pytorch_lightning.callbacks.EarlyStopping, monitor: ${metric}}\n"
    ),
}

_sweeps = st.lists(
    st.sampled_from(
        [
            "seed=1,2,3",
            "seed=range(2)",
            "lr=0.1,x",
            "model=one,two",
            "model=glob(*)",
            "+model/part=a,b",
            "model/part=a,b",
            "data=small,large",
            "+flag=true,false,maybe",
            "+metric=val_loss,train_loss",
            "trainer.max_epochs=1,two",
            "++trainer.callbacks.stop.patience=1,2",
            "++trainer.callbacks.stop.pacience=1,2",
            "~trainer.callbacks",
            "model.width=1,2",
            "+model.extra=[1],{a:1}",
            "mlflow.run_name=a-${seed}",
            "++mlflow.run_name=${name},b",
            "seed=null,text",
        ]
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda text: text.partition("=")[0].lstrip("+"),
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("sweeps")
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return find_project(root)


def _said(job: Job) -> tuple[object, ...]:
    return (
        job.resolved.root.plain(),
        job.resolved.root.logged(),
        job.composed.choices,
        job.composed.order,
        job.diagnostics,
    )


@settings(max_examples=25, deadline=None)
@given(_sweeps)
def test_a_job_of_a_sweep_is_what_it_is_alone(project: Project, overrides: list[str]) -> None:
    """Values, what is logged, choices and diagnostics with their places: the same, in whatever company."""
    sweep = Compiler.of_project(project).compile_call("train", overrides, multirun=True)
    now = datetime.now().astimezone()
    for index, job in enumerate(sweep.jobs):
        alone = Compiler.of_project(project).compile_job("train", job.overrides, now, index)
        assert _said(alone)[:4] == _said(job)[:4]
        assert {*alone.diagnostics} <= {*job.diagnostics}
        # what a job says about the sweep that it is part of is told with the sweep alone
        assert all(found.code == "SER112" for found in {*job.diagnostics} - {*alone.diagnostics})


def test_a_sweep_over_files_that_go_is_that_of_the_files_as_read(project: Project, tmp_path: Path) -> None:
    """A compiler answers for the moment at which it read the files; a new one sees what has changed."""
    root = tmp_path / "copy"
    shutil.copytree(project.root, root)
    copied = find_project(root)
    before = Compiler.of_project(copied).compile_call("train", ["seed=1,2"], multirun=True)
    (root / "lab/config/data/small.yaml").write_text("columns: 5\nflag: ${flag}\n")
    after = Compiler.of_project(copied).compile_call("train", ["seed=1,2"], multirun=True)

    assert [4, 4] == [job.resolved.root.plain()["data"]["columns"] for job in before.jobs]
    assert [5, 5] == [job.resolved.root.plain()["data"]["columns"] for job in after.jobs]
