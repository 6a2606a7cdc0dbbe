"""Which targets may be called, and what is said of the others."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from serotiny.compiler.tree import Node
from serotiny.compiler.validation.judge import TargetJudge
from serotiny.diagnostics import Severity
from serotiny.targets import SignatureReader, TargetSignature
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


@pytest.mark.parametrize(
    ("path", "code", "fix"),
    [
        ("src/parts/net.Net", "SER502", "write dots where it has `/`, as in `torch.optim.Adam`"),
        ("src.parts/net.Net", "SER502", "write dots where it has `/`, as in `torch.optim.Adam`"),
        (
            "src.net_@.Net",
            "SER502",
            "write nothing but letters, digits, `_` and dots, as in `torch.optim.Adam`",
        ),
        (
            "__main__.Net",
            "SER502",
            "name the module by its file, as in `train.Net` for a class of `train.py`",
        ),
    ],
)
def test_path_that_leads_nowhere_is_told_with_how_one_is_written(
    tmp_path: Path, path: str, code: str, fix: str
) -> None:
    """Such a path is refused, and it is not said that it runs code."""
    judge = TargetJudge(SignatureReader([tmp_path]), Trust((), ("src",), ()))

    found = judge.judge(("model",), Node(path))

    assert isinstance(found, list)
    assert [(code, fix)] == [(fault.code, fault.help) for fault in found]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("src.my-net.Net", None),
        ("src.my-parts.net.Net", None),
        ("lone-net.Net", None),
        ("src.my-net.Nett", ("SER305", "Net")),
        ("src.my-nett.Net", ("SER305", "write `src.my_nett.Net`")),
        ("src.net.My-Net", ("SER305", "write `src.net.My_Net`")),
        ("src.-net.Net", None),
        ("os-.system", ("SER305", "write `os_.system`")),
    ],
)
def test_module_whose_file_no_statement_could_import_is_read(
    tmp_path: Path, path: str, told: tuple[str, str] | None
) -> None:
    """Hydra imports a module by a text, in which its file may have any name; of a class it may not."""
    (tmp_path / "src/my-parts").mkdir(parents=True)
    for name in ("src/my-net", "src/my-parts/net", "src/net", "src/-net", "lone-net"):
        (tmp_path / f"{name}.py").write_text("class Net:\n    def __init__(self, width: int) -> None: ...\n")
    judge = TargetJudge(SignatureReader([tmp_path]), Trust((), ("src", "lone-net"), ()))

    found = judge.judge(("model",), Node(path))

    if told is None:
        assert isinstance(found, TargetSignature)
        assert ["width"] == [item.name for item in found.parameters]
    else:
        assert isinstance(found, list)
        assert [told] == [(fault.code, fault.suggestion or fault.help) for fault in found]


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="it is valid there")
@pytest.mark.parametrize(
    ("python", "severity"), [(None, Severity.ERROR), ((3, 12), Severity.ERROR), ((3, 13), Severity.WARNING)]
)
def test_module_of_a_newer_python_is_a_warning_where_the_project_asks_for_that(
    tmp_path: Path, python: tuple[int, int] | None, severity: Severity
) -> None:
    """It is told from which Python on it is valid: the project may well run, though not here."""
    (tmp_path / "study.py").write_text("class Net[T = int]:\n    pass\n")
    judge = TargetJudge(SignatureReader([tmp_path]), Trust(("study",), (), ()), tmp_path, python)

    found = judge.judge(("model",), Node("study.Net"))

    assert isinstance(found, list)
    here = ".".join(map(str, sys.version_info[:2]))
    assert [("SER314", severity, (f"such a line is Python from 3.13 on, and this is {here}",))] == [
        (fault.code, Severity.ERROR if fault.is_error else Severity.WARNING, fault.notes) for fault in found
    ]


def test_path_in_lightnings_older_form_is_told_with_the_whole_one(tmp_path: Path) -> None:
    """The package `lightning` has the modules of `pytorch_lightning` in a part of it."""
    judge = TargetJudge(SignatureReader([tmp_path]), Trust((), ("src",), ()))

    found = judge.judge(("logger",), Node("lightning.loggers.csv_logs.CSVLogger"))

    assert isinstance(found, list)
    assert [("SER305", "write `lightning.pytorch.loggers.csv_logs.CSVLogger`")] == [
        (fault.code, fault.help) for fault in found
    ]


@pytest.mark.parametrize(
    ("path", "only_checks", "is_error"),
    [
        ("torch.profiler.tensorboard_trace_handler", False, True),
        ("torch.profiler.tensorboard_trace_handler", True, False),
        ("torch.load", True, True),
        ("os.system", True, True),
    ],
)
def test_target_that_nobody_reviewed_is_a_warning_where_serotiny_runs_nothing(
    path: str, only_checks: bool, is_error: bool
) -> None:
    """What runs code or reads pickles is an error all the same."""
    judge = TargetJudge(SignatureReader(), Trust(), only_checks=only_checks)

    found = judge.judge(("handler",), Node(path))

    assert isinstance(found, list)
    assert [("SER502", is_error)] == [(fault.code, fault.is_error) for fault in found]
