"""`hydra.job.env_copy`: variables that go along with the jobs."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf

from serotiny.cli.job_task import JobTask
from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import find_project
from serotiny.launch.compiled_jobs import CompiledJobs, UnsetVariableError, compile_jobs

MODEL = "_target_: pytorch_lightning.LightningModule\n"
DATA = "_target_: pytorch_lightning.LightningDataModule\n"
COPY = "hydra.job.env_copy=[CANARY]"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in {
        "pyproject.toml": '[tool.serotiny]\npackage = "pkg"\n',
        "pkg/__init__.py": "",
        "pkg/config/model/default.yaml": MODEL,
        "pkg/config/data/default.yaml": DATA,
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def _jobs(project: Path) -> CompiledJobs:
    compiler = Compiler.of_project(find_project(project), with_hydra=True)
    return compile_jobs(compiler.compile_call("train", [COPY]), [COPY])


def test_a_variable_goes_along_and_is_in_no_file(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that lacks it has it once it is called with a job; Hydra's node, which is saved, has not."""
    monkeypatch.setenv("CANARY", "hunter2")
    jobs = _jobs(project)
    task = pickle.dumps(JobTask(jobs))
    monkeypatch.delenv("CANARY")
    monkeypatch.setattr(HydraConfig.instance(), "cfg", None)  # as outside of a job

    with pytest.raises(ValueError, match="HydraConfig was not set"):
        pickle.loads(task)(jobs.common)

    assert "hunter2" == os.environ["CANARY"]
    assert "hunter2" not in OmegaConf.to_yaml(jobs.common)


def test_a_variable_that_is_not_set_is_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing starts, as with Hydra itself."""
    monkeypatch.delenv("CANARY", raising=False)

    with pytest.raises(UnsetVariableError, match="`CANARY`, which is not set"):
        _jobs(project)
