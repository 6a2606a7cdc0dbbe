"""Run names that repeat in a sweep: which jobs, what differs, and a name that would do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import Project

MODEL = "_target_: serotiny.models.TabularVAE\nx_label: x\nx_dim: 2\nlatent_dim: {}\nhidden_layers: [8]\n"
DATA = "_target_: pytorch_lightning.LightningDataModule\n"
SWEPT = ("model=default,wide", "model.x_dim=1,2", "mlflow.tracking_uri=https://host")


@pytest.fixture
def made(tmp_path: Path) -> Compiler:
    files = {"model/default": MODEL.format(2), "model/wide": MODEL.format(9), "data/default": DATA}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.yaml").write_text(text)
    return Compiler.of_project(Project(root=tmp_path, package=None, config_folders=(tmp_path,)))


@pytest.mark.parametrize(
    ("name", "unused"),
    [
        ("a", "`model` and `model.x_dim`"),
        ("a-${model.x_dim}", "`model`"),
        ("a-${hydra:runtime.choices.model}", "`model.x_dim`"),
        ("a-${model.latent_dim}", "`model.x_dim`"),
    ],
)
def test_what_the_name_leaves_out_is_told_and_using_it_helps(made: Compiler, name: str, unused: str) -> None:
    """The note names both jobs and the keys that the name does not use; the name in the help is every job's own."""
    (fault, *_) = made.compile_call("train", (*SWEPT, f"mlflow.run_name={name}"), multirun=True).diagnostics
    (mended,) = re.findall(r"`'(\+\+mlflow.run_name=.*)'`", fault.help or "")

    assert "SER402" == fault.code
    assert fault.notes[0].endswith(f"differ in {unused}, which the name does not use")
    assert [f"job {index} (" in fault.notes[0] for index in fault.jobs[:3]] == [True] * len(fault.jobs[:3])
    assert () == made.compile_call("train", (*SWEPT, mended), multirun=True).diagnostics


def test_a_job_that_is_given_twice_is_told_so(made: Compiler) -> None:
    """Where nothing differs no name could tell the jobs apart."""
    call = ("model.x_dim=2,2", "mlflow.tracking_uri=https://host", "mlflow.run_name=a-${model.x_dim}")
    (fault,) = made.compile_call("train", call, multirun=True).diagnostics

    assert ("SER402", ("job 0, job 1 are the same",)) == (fault.code, fault.notes)
