from __future__ import annotations

import pytest

from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import find_project
from tests.case_projects import CASES, lay_out

OUTPUT = "hydra.runtime.output_dir"


@pytest.fixture(scope="module")
def compiler(tmp_path_factory: pytest.TempPathFactory) -> Compiler:
    root = lay_out(CASES / "clean" / "minimal", tmp_path_factory.mktemp("early"))
    return Compiler.of_project(find_project(root))


@pytest.mark.parametrize(
    ("override", "multirun", "folder", "needed"),
    [
        (f"hydra.run.dir=${{{OUTPUT}}}", False, "hydra.run.dir", OUTPUT),
        ("hydra.run.dir=${hydra:runtime.output_dir}", False, "hydra.run.dir", OUTPUT),
        ("hydra.run.dir=out/${hydra.job.num}", False, "hydra.run.dir", "hydra.job.num"),
        ("hydra.run.dir=${hydra.sweep.subdir}", False, "hydra.run.dir", "hydra.job.num"),
        ("hydra.run.dir=${mlflow.tags.folder}", False, "hydra.run.dir", OUTPUT),
        ("hydra.sweep.dir=${hydra.sweep.subdir}", True, "hydra.sweep.dir", "hydra.job.num"),
        ("hydra.sweep.dir=out/${hydra.job.id}", True, "hydra.sweep.dir", "hydra.job.id"),
        (f"hydra.sweep.subdir=${{{OUTPUT}}}", True, "hydra.sweep.subdir", OUTPUT),
    ],
)
def test_a_folder_named_by_what_is_known_in_it_is_refused(
    compiler: Compiler, override: str, multirun: bool, folder: str, needed: str
) -> None:
    """Also where other values lie between, and at the folder alone that this call makes."""
    tagged = "+mlflow.tags.folder=${hydra:runtime.output_dir}"

    found = compiler.compile_call("train", (tagged, override), multirun).diagnostics

    assert [("SER111", folder)] == [(fault.code, fault.key) for fault in found if fault.is_error]
    assert f"needs `{needed}`" in found[0].message


@pytest.mark.parametrize(
    ("override", "multirun"),
    [
        ("hydra.run.dir=out/${hydra.job.num}", True),
        ("hydra.sweep.dir=out/${hydra.job.num}", False),
        ("hydra.sweep.subdir=${hydra.job.num}_${hydra.job.id}", True),
        ("hydra.run.dir=${oc.select:hydra.job.num,out}", False),
        ("hydra.run.dir=out/${hydra.job.name}", False),
    ],
)
def test_a_folder_that_is_not_made_or_is_known_is_accepted(
    compiler: Compiler, override: str, multirun: bool
) -> None:
    """A sweep does not make the folder of a single job, nor that one those of a sweep."""
    found = compiler.compile_call("train", (override,), multirun).diagnostics

    assert [] == [fault for fault in found if fault.is_error]
