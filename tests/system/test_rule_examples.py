"""The example in each code's text gives that code, in a new project."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from serotiny.cli.commands.new import create_project
from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import find_project
from serotiny.diagnostics import RULES

NOT_COMPILED = {
    "SER108": "its example is a file in another encoding",
    "SER330": "needs a check that somebody registers",
    "SER325": "needs a parquet file",
    "SER327": "needs data to be loaded",
    "SER403": "asks the tracking store",
    "SER404": "asks the tracking store",
    "SER405": "asks the tracking store",
    "SER406": "asks the tracking store",
    "SER407": "asks the tracking store",
    "SER112": "needs an experiment that chooses a launcher",
    "SER113": "its directive stands in the first line, where the name of the file would be",
    "SER115": "needs a project of another layout",
    "SER116": "needs a project of another layout",
    "SER121": "is a call of `check config`",
    "SER122": "its example shows the beginning of what is too much",
    "SER123": "its example shows the beginning of what is too much",
    "SER210": "its example shows the beginning of what is too much",
    "SER314": "needs a Python file that is none",
    "SER340": "is told when the whole project is checked",
    "SER409": "asks the folder",
    "SER410": "edits a plan",
    "SER504": "needs a class of that name",
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return create_project({}, no_input=True, output_dir=tmp_path_factory.mktemp("new"))


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "project"))


def example_of(code: str) -> tuple[str, str]:
    """Return the example's language and content."""
    found = re.search(r"^## Example\n\n```(\w+)\n(.*?)^```", RULES[code].text, flags=re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1], found[2]


def write(project: Path, content: str) -> str:
    """Put a YAML example where its first line says; return the operation that reads it."""
    where = re.match(r"# config/(\S+\.yaml)", content)
    assert where is not None
    (project / "a_tiny_project" / "config" / where[1]).write_text(content)
    return "train" if "/" in where[1] else Path(where[1]).stem


def codes_of(project: Path, operation: str, overrides: list[str], multirun: bool = False) -> set[str]:
    compiler = Compiler.of_project(find_project(project))
    return {fault.code for fault in compiler.compile_call(operation, overrides, multirun).diagnostics}


@pytest.mark.parametrize("code", [code for code in RULES if code not in NOT_COMPILED])
def test_example_gives_its_code(project: Path, code: str) -> None:
    """Written into a new project, or called there, the example of a text gives the code that it explains."""
    language, content = example_of(code)
    if language == "yaml":
        assert code in codes_of(project, write(project, content), [])
        return
    for line in content.splitlines():
        _, _, operation, *arguments = shlex.split(line, comments=True)
        overrides = [argument for argument in arguments if argument != "-m"]
        assert code in codes_of(project, operation, overrides, "-m" in arguments), line
