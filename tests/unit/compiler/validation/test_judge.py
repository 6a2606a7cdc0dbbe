"""Which targets may be called, and what is said of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from serotiny.compiler.tree import Node
from serotiny.compiler.validation.judge import TargetJudge
from serotiny.targets import SignatureReader
from serotiny.targets.policy.trust import Trust

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("base", "expected"), [("not_installed.HubMixin", "SER312"), ("builtins.dict", "SER502")]
)
def test_method_of_a_base_that_is_not_installed_is_told_with_its_package(
    tmp_path: Path, base: str, expected: str
) -> None:
    """Whether such a method may be called shows once its package is there; one of another base is refused."""
    module, _, name = base.rpartition(".")
    (tmp_path / "study.py").write_text(f"from {module} import {name}\nclass Net({name}): ...\n")
    judge = TargetJudge(SignatureReader([tmp_path]), Trust((), ("study",), ()))

    found = judge.judge(("model",), Node("study.Net.from_pretrained"))

    assert isinstance(found, list)
    assert [expected] == [fault.code for fault in found]
