from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import find_project
from tests.case_projects import CASES, lay_out


@pytest.mark.parametrize(
    ("settings", "keys"),
    [
        ('{run: {dir: "out\\0"}}', ["hydra.run.dir"]),
        ('{output_subdir: "out\\0"}', ["hydra.output_subdir"]),
        ('{job: {name: "a\\0b"}}', ["hydra.job.name"]),
        (f"{{run: {{dir: out/{'n' * 256}/x}}}}", ["hydra.run.dir"]),
        (f"{{sweep: {{subdir: {'ä' * 128}}}}}", ["hydra.sweep.subdir"]),
        (f"{{run: {{dir: out/{'n' * 255}}}}}", []),
        ('{job: {env_set: {COLOUR: "a\\0b"}}}', ["hydra.job.env_set.COLOUR"]),
        ("{job: {env_set: {'COLOUR=x': blue}}}", ["hydra.job.env_set.COLOUR=x"]),
        ("{run: {dir: out}, output_subdir: null, job: {name: a b, env_set: {COLOUR: a=b}}}", []),
    ],
)
def test_settings_that_python_cannot_hand_to_the_system_are_refused(
    tmp_path: Path, settings: str, keys: list[str]
) -> None:
    """Names of folders and variables, and values of variables, which Hydra would set before the job starts."""
    root = lay_out(CASES / "clean" / "minimal", tmp_path / "study")
    (file,) = root.rglob("train.yaml")
    file.write_text(f"{file.read_text()}\nhydra: {settings}\n")

    found = Compiler.of_project(find_project(root)).compile_call("train", ()).diagnostics

    assert keys == [fault.key for fault in found if fault.code == "SER111"]


@pytest.mark.parametrize(
    ("variable", "is_refused"), [("WANDB__SERVICE_WAIT", False), ("WANDB__EXECUTABLE", True)]
)
def test_variable_that_only_says_how_long_to_wait_may_be_set(
    tmp_path: Path, variable: str, *, is_refused: bool
) -> None:
    """The others of its kind say what programs start."""
    root = lay_out(CASES / "clean" / "minimal", tmp_path / "study")
    (file,) = root.rglob("train.yaml")
    file.write_text(f"{file.read_text()}\nhydra: {{job: {{env_set: {{{variable}: 300}}}}}}\n")

    found = Compiler.of_project(find_project(root)).compile_call("train", ()).diagnostics

    assert is_refused == ("SER505" in [fault.code for fault in found])


@pytest.mark.parametrize(
    ("settings", "is_refused"),
    [
        ("{job: {name: a/b}}", True),
        ("{job: {name: a/b}, job_logging: {handlers: {file: {filename: run.log}}}}", False),
        ("{job: {name: ab}}", False),
    ],
)
def test_name_of_a_job_with_a_slash_is_refused_where_its_log_is_named_by_it(
    tmp_path: Path, settings: str, is_refused: bool
) -> None:
    """Hydra makes the folder of the run, and none in it for the log."""
    root = lay_out(CASES / "clean" / "minimal", tmp_path / "study")
    (file,) = root.rglob("train.yaml")
    file.write_text(f"{file.read_text()}\nhydra: {settings}\n")

    found = Compiler.of_project(find_project(root)).compile_call("train", ()).diagnostics

    assert is_refused == ("hydra.job.name" in [fault.key for fault in found if fault.code == "SER506"])
