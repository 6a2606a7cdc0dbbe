"""Making a project; that it compiles and trains is shown in tests/system/test_template.py."""

from __future__ import annotations

import compileall
import os
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from cookiecutter.exceptions import FailedHookException
from cookiecutter.main import cookiecutter

from serotiny.cli.commands.new import NewProjectError, command, create_project, package_name_fault

TEMPLATE = Path(__file__).parents[4] / "serotiny" / "template"

TREE = """\
.gitignore
MANIFEST.in
README.md
a_tiny_project/__init__.py
a_tiny_project/callbacks.py
a_tiny_project/config/data/default.yaml
a_tiny_project/config/data/my_data.yaml
a_tiny_project/config/debug/default.yaml
a_tiny_project/config/experiment/my_experiment.yaml
a_tiny_project/config/mlflow/default.yaml
a_tiny_project/config/model/default.yaml
a_tiny_project/config/model/my_model.yaml
a_tiny_project/config/predict.yaml
a_tiny_project/config/test.yaml
a_tiny_project/config/train.yaml
a_tiny_project/config/trainer/callbacks/default.yaml
a_tiny_project/config/trainer/callbacks/my_callbacks.yaml
a_tiny_project/config/trainer/callbacks/pictures.yaml
a_tiny_project/config/trainer/default.yaml
a_tiny_project/models.py
data/manifest.csv
pyproject.toml
setup.py
tests/test_config.py
"""


def tree(folder: Path) -> str:
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    return "".join(f"{file}\n" for file in files)


def texts(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_no_input_makes_the_whole_tree(tmp_path: Path) -> None:
    """Without a question the project has its documented files, and no others."""
    project = create_project({}, no_input=True, output_dir=tmp_path)

    assert tmp_path / "a_tiny_project" == project
    assert TREE == tree(project)


def test_cookiecutter_itself_makes_the_same_files(tmp_path: Path) -> None:
    """`cookiecutter PATH` and `serotiny new` give the same project, byte for byte."""
    ours = create_project({"project_name": "A & B"}, no_input=True, output_dir=tmp_path / "ours")

    theirs = cookiecutter(
        str(TEMPLATE),
        no_input=True,
        extra_context={"project_name": "A & B"},
        output_dir=str(tmp_path / "theirs"),
        default_config=True,
    )

    assert texts(ours) == texts(Path(theirs))


def test_template_that_pip_has_compiled_makes_the_same_files(tmp_path: Path) -> None:
    """The bytecode beside the files of an installed template does not get into a project."""
    installed = shutil.copytree(TEMPLATE, tmp_path / "installed")
    assert compileall.compile_dir(installed, quiet=2)

    project = cookiecutter(str(installed), no_input=True, output_dir=str(tmp_path), default_config=True)

    assert TREE == tree(Path(project))


def test_questions_are_asked_in_order(tmp_path: Path) -> None:
    """project_name, package_name and project_description are asked; an empty answer takes the default."""
    result = CliRunner().invoke(command, ["--output-dir", str(tmp_path)], input="Cell Study\n\nAll of it\n")

    assert 0 == result.exit_code, result.output
    project = tomllib.loads((tmp_path / "cell_study" / "pyproject.toml").read_text())
    assert ("cell_study", "All of it") == (project["project"]["name"], project["project"]["description"])
    assert f"cd {tmp_path / 'cell_study'}" in result.output


def test_awkward_texts_arrive_unchanged(tmp_path: Path) -> None:
    """Quotes and markup in a description survive TOML; the project's name survives YAML."""
    said = """say "it's <b>bold</b>" & \\ go"""

    project = create_project(
        {"project_name": said, "package_name": "quoted", "project_description": said},
        no_input=True,
        output_dir=tmp_path,
    )

    assert said == tomllib.loads((project / "pyproject.toml").read_text())["project"]["description"]
    mlflow = yaml.safe_load((project / "quoted/config/mlflow/default.yaml").read_text())
    assert said == mlflow["experiment_name"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("package_name=9lives",), "`9lives` is not a package name"),
        (("package_name=a-b",), "`a-b` is not a package name"),
        (("package_name=../up",), "`../up` is not a package name"),
        (("package_name=",), "`` is not a package name"),
        (("package_name=class",), "`class` is a word of Python's grammar"),
        (("package_name=json",), "`json` would hide another module"),
        (("package_nam=x",), "did you mean `package_name`?"),
        (("colour=x",), "the keys are project_name, package_name, project_description"),
        (("my_study",), "`my_study` is not KEY=VALUE: `serotiny new project_name=my_study` makes"),
        (("my study",), "`serotiny new 'project_name=my study'` makes a project of that name"),
        (("project_name={{ oops",), "an answer cannot be used in the template"),
    ],
)
def test_unusable_answer_is_refused(tmp_path: Path, values: tuple[str, ...], message: str) -> None:
    """A wrong answer is named, and nothing is made."""
    with pytest.raises(NewProjectError) as caught:
        command(["--no-input", "--output-dir", str(tmp_path), *values], standalone_mode=False)

    assert message in str(caught.value)
    assert [] == list(tmp_path.iterdir())


def test_existing_folder_is_left_alone(tmp_path: Path) -> None:
    """A folder of that name is refused and keeps what it holds."""
    (tmp_path / "a_tiny_project").mkdir()
    (tmp_path / "a_tiny_project" / "mine.txt").write_text("mine")

    with pytest.raises(NewProjectError, match="exists; choose another"):
        create_project({}, no_input=True, output_dir=tmp_path)

    assert {"mine.txt": "mine"} == texts(tmp_path / "a_tiny_project")


def test_output_dir_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """A file where the output folder should be is a clear error."""
    (tmp_path / "file").write_text("")

    with pytest.raises(NewProjectError, match="was not made"):
        create_project({}, no_input=True, output_dir=tmp_path / "file")


def test_end_of_input_breaks_off(tmp_path: Path) -> None:
    """When the questions cannot be answered nothing is made, and the way without questions is named."""
    result = CliRunner().invoke(command, ["--output-dir", str(tmp_path)], input="Cell Study\n")

    assert isinstance(result.exception, NewProjectError)
    assert "--no-input asks nothing" in str(result.exception)
    assert [] == list(tmp_path.iterdir())


def test_interrupt_breaks_off(tmp_path: Path) -> None:
    """Ctrl-C at a question ends with a message, and nothing is made."""
    code = "from serotiny.cli.commands.new import command; command([], standalone_mode=False)"
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-uc", code], cwd=tmp_path, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as process:
        assert process.stdout is not None
        asked = b""
        while b"[1/3]" not in asked:
            asked += os.read(process.stdout.fileno(), 1024)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)

    assert "NewProjectError: broken off before all was answered; nothing was made" in errors
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "advised"),
    [
        ("9x", "project_9x"),
        ("a-b", "a_b"),
        ("../up", "up"),
        ("class", "class_project"),
        ("json", "json_project"),
        ("data", "data_project"),
        ("é", "my_project"),
        ("", "my_project"),
    ],
)
def test_refused_package_name_comes_with_one_that_can_be_used(
    name: str, advised: str, tmp_path: Path
) -> None:
    """What is to be written is said, and works."""
    with pytest.raises(NewProjectError) as caught:
        create_project({"package_name": name}, no_input=True, output_dir=tmp_path)

    assert str(caught.value).endswith(f"; write `package_name={advised}`")
    assert tmp_path / advised == create_project({"package_name": advised}, no_input=True, output_dir=tmp_path)


NAMES = ["a_tiny_project", "A1", "x", "9x", "a-b", "a_", "_a", "é", "class", "match", "json", "data", "tests"]


@pytest.mark.parametrize("name", NAMES)
def test_hook_judges_names_alike(tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    """The template's hook, which stands alone, refuses the names that `serotiny new` refuses, in the same words."""
    fault = package_name_fault(name)
    try:
        cookiecutter(
            str(TEMPLATE),
            no_input=True,
            extra_context={"package_name": name},
            output_dir=str(tmp_path),
            default_config=True,
        )
    except FailedHookException:
        assert fault is not None
        assert fault in capfd.readouterr().err
    else:
        assert fault is None


def test_help_imports_no_cookiecutter() -> None:
    """Asking for help does not import the library that renders the template."""
    code = (
        "import sys; from serotiny.cli.commands.new import command; command(['--help'], standalone_mode=False); "
        "assert 'cookiecutter' not in sys.modules"
    )

    assert 0 == subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode
