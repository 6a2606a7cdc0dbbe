"""Folders inside a folder of configs from which jobs start on their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import find_project
from serotiny.compiler.project_check.compile_project import compile_project
from serotiny.compiler.usage.inner_folders import inner_folders_in_words

SCRIPT = '@hydra.main(config_path="{}", config_name="{}")\ndef main_{}(cfg): ...\n'


TABLE = '[tool.serotiny]\npackage = "start"\nconfig = "configs"\nroots = ["train"]\nlayout = "hydra"\n'


@pytest.mark.parametrize("table", ["", TABLE])
def test_config_of_a_script_in_the_folder_of_a_group_is_no_option_of_it(table: str, tmp_path: Path) -> None:
    """The script has that folder as its own; what a list names is an option all the same."""
    (tmp_path / "pyproject.toml").write_text(table)
    (tmp_path / "configs/data").mkdir(parents=True)
    (tmp_path / "configs/train.yaml").write_text("defaults: [{data: rows}, _self_]\nwidth: ${data.width}\n")
    (tmp_path / "configs/data/rows.yaml").write_text("width: 3\n")
    (tmp_path / "configs/data/fetch.yaml").write_text("name: all\nfile: ${name}.csv\n")
    points = [("configs", "train"), ("configs", "train"), ("configs/data", "fetch"), ("configs/data", "rows")]
    scripts = "".join(SCRIPT.format(folder, name, name) for folder, name in points)
    (tmp_path / "start.py").write_text(f"import hydra\n{scripts}")
    project = find_project(tmp_path)

    made = compile_project(Compiler.of_project(project))

    assert [] == [fault.message for fault in made.diagnostics]
    assert ["train"] == [job.composed.primary for job in made.jobs]
    if not table:
        named = "; jobs of their own start in configs/data: check them with --config-dir"
        assert named == inner_folders_in_words(project)


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("defaults: [{task: lift}]\nhydra: {job: {name: first}}\n", True),
        ("defaults:\n  - override hydra/launcher: basic\n", True),
        ("# @package _global_\nhydra: {job: {name: first}}\n", False),
        ("_target_: torch.nn.Linear\n", False),
    ],
)
def test_folder_of_primary_configs_of_its_own_is_named(text: str, is_named: bool, tmp_path: Path) -> None:
    """It is told by Hydra's own settings, which no option has at its top unless it is laid over the whole config."""
    (tmp_path / "configs/legacy").mkdir(parents=True)
    (tmp_path / "configs/config.yaml").write_text("width: 3\n")
    (tmp_path / "configs/legacy/first.yaml").write_text(text)

    told = inner_folders_in_words(find_project(tmp_path))

    named = "; jobs of their own start in configs/legacy: check them with --config-dir"
    assert (named if is_named else "") == told


def test_folders_further_below_are_named_too(tmp_path: Path) -> None:
    """Where there are many, the first of them."""
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs/config.yaml").write_text("width: 3\n")
    for name in ("saved/first", "saved/first/again", "saved/second", "saved/third/once", "saved/third/twice"):
        (tmp_path / "configs" / name).mkdir(parents=True)
        (tmp_path / "configs" / name / "run.yaml").write_text("hydra: {job: {name: first}}\n")

    told = inner_folders_in_words(find_project(tmp_path))

    named = "configs/saved/first, configs/saved/second, configs/saved/third/once and 1 more"
    assert f"; jobs of their own start in {named}: check them with --config-dir" == told
