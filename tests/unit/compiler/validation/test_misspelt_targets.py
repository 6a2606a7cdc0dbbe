"""A key in place of `_target_`, without which nothing is made of a node."""

from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import Project
from serotiny.compiler.project.layout import HYDRA
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.validation.validate import Validator


@pytest.mark.parametrize(
    ("key", "is_meant"),
    [("_taget_", True), ("_class_", True), ("_cls_", True), ("target", False), ("_module_", False)],
)
def test_key_in_place_of_a_target_is_told(key: str, is_meant: bool, tmp_path: Path) -> None:
    """It has a dotted path, and underscores as only Hydra's own keys have."""
    (tmp_path / "train.yaml").write_text(f"layers:\n  - {key}: torch.nn.Linear\n    in_features: 3\n")
    project = Project(root=tmp_path, package=None, config_folders=(tmp_path,), layout=HYDRA)
    compiler = Compiler(Sources(project), Validator.of_project(project))

    told = compiler.compile_job("train", ()).diagnostics

    assert [("SER309", f"layers[0].{key}")] * is_meant == [(fault.code, fault.key) for fault in told]
