"""Whole small projects: what is wrong with each, through the API and the command line alike.

A new case is a new folder below `tests/cases/clean` or `tests/cases/broken`: a project, the call in
`arguments.json`, and what `check config --format json` prints in `expected.json`. Its `study/parts.py`,
the code that its configs name, is that of all cases unless it has one of its own, or a link to one of
`tests/cases/modules` that several cases share.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from serotiny.api.compilation import Compilation
from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import find_project
from serotiny.compiler.project_check.compile_project import compile_project
from serotiny.diagnostics import RULES
from serotiny.report.formats import Format, renderer_of
from tests.case_projects import CASES, lay_out

CLEAN = sorted(path.parent for path in CASES.glob("clean/*/arguments.json"))
BROKEN = sorted(path.parent for path in CASES.glob("broken/*/arguments.json"))
# of a project without a table the command line says as well what was found
DECLARED = [case for case in BROKEN if (case / "pyproject.toml").exists()]

# Faults that need more than the configs of one project: they are shown where their part is tested.
SHOWN_ELSEWHERE = {
    "SER115": "tests/system/cli/test_other_layouts.py",
    "SER116": "tests/system/cli/test_other_layouts.py",
    "SER122": "tests/unit/compiler/test_limits.py",
    "SER123": "tests/unit/compiler/test_limits.py",
    "SER313": "tests/system/cli/test_checks.py",
    "SER320": "tests/system/cli/test_checks.py",
    "SER321": "tests/system/cli/test_checks.py",
    "SER322": "tests/system/cli/test_checks.py",
    "SER323": "tests/system/cli/test_checks.py",
    "SER324": "tests/system/cli/test_checks.py",
    "SER325": "tests/system/cli/test_column_types.py",
    "SER326": "tests/system/cli/test_checks.py",
    "SER330": "tests/system/cli/test_checks.py",
    "SER327": "tests/system/cli/test_rehearsal.py",
    "SER403": "tests/system/tracking",
    "SER404": "tests/system/tracking",
    "SER405": "tests/system/tracking",
    "SER406": "tests/system/tracking",
    "SER407": "tests/system/tracking",
    "SER409": "tests/system/ml_ops",
    "SER410": "tests/unit/compiler/composition/test_planned.py",
    "SER503": "tests/system/cli/test_secrets.py",
}


def _arguments(case: Path) -> list[str]:
    arguments: list[str] = json.loads((case / "arguments.json").read_text())
    return arguments


def _expected(case: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((case / "expected.json").read_text())
    return document


def _compile(root: Path) -> Compilation:
    project = find_project(root)
    compiler = Compiler.of_project(project)
    arguments = _arguments(root)
    if not arguments:
        return Compilation.of(compile_project(compiler), project)
    multirun = "-m" in arguments
    overrides = [argument for argument in arguments[1:] if argument != "-m"]
    return Compilation.of(compiler.compile_call(arguments[0], overrides, multirun), project)


@pytest.mark.parametrize("case", [*CLEAN, *BROKEN], ids=lambda case: f"{case.parent.name}/{case.name}")
def test_a_case_compiled_gives_what_is_expected(case: Path, tmp_path: Path) -> None:
    """Compiling a project gives exactly the diagnostics beside it, with their places."""
    report = _compile(lay_out(case, tmp_path)).report

    assert _expected(case) == json.loads(renderer_of(Format.JSON)(report))


@pytest.mark.parametrize("case", [CLEAN[0], *DECLARED[::6]], ids=lambda case: case.name)
def test_a_case_checked_on_the_command_line_gives_the_same(case: Path, tmp_path: Path) -> None:
    """The command prints what the API gives, exits 1 on errors, and writes nothing."""
    root = lay_out(case, tmp_path)
    before = sorted(root.rglob("*"))

    process = subprocess.run(
        [sys.executable, "-m", "serotiny.cli.main", "check", "config", *_arguments(case), "--format", "json"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )

    expected = _expected(case)
    assert expected == json.loads(process.stdout)
    assert (1 if expected["errors"] else 0) == process.returncode
    # without a table a line tells what was made out
    has_table = any("[tool.serotiny]" in file.read_text() for file in root.glob("pyproject.toml"))
    assert has_table == (process.stderr == "")
    assert before == sorted(root.rglob("*"))


@pytest.mark.parametrize("case", CLEAN, ids=lambda case: case.name)
def test_a_clean_case_has_no_diagnostics(case: Path) -> None:
    """What is filed as clean is clean."""
    assert [] == _expected(case)["diagnostics"]


def test_every_code_has_a_case() -> None:
    """Each published code is shown by a case, or by the tests of the part that gives it."""
    shown = {item["code"] for case in BROKEN for item in _expected(case)["diagnostics"]}

    assert sorted(set(RULES) - set(SHOWN_ELSEWHERE)) == sorted(shown)


def test_ten_faults_in_five_files_and_two_overrides_are_ten_diagnostics() -> None:
    """Faults of all stages are told at once, none twice, each at its own place."""
    diagnostics = _expected(CASES / "broken" / "ten-faults")["diagnostics"]

    places = {(item["file"], item["override"], item["line"], item["column"]) for item in diagnostics}
    assert (10, 10) == (len(diagnostics), len(places))
    assert 5 == len({item["file"] for item in diagnostics if item["file"]})
    assert 2 == len({item["override"] for item in diagnostics if item["override"]})
