"""What is meant for a callback or a logger and is none, which scripts pass over."""

from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import Project
from serotiny.compiler.project.layout import TEMPLATE
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.validation.validate import Validator
from serotiny.diagnostics import Diagnostic

STOPPING = "_target_: lightning.pytorch.callbacks.EarlyStopping\n  monitor: loss\n"
CSV = "_target_: lightning.pytorch.loggers.CSVLogger\n  save_dir: logs\n"


def told(root: Path, section: str, option: str, text: str, experiment: str = "seed: 1\n") -> list[Diagnostic]:
    """The faults of a job that chooses an option with a text, and an experiment called `csv`."""
    configs = {
        "train": f"defaults:\n  - {section}: {option}\n",
        f"{section}/{option}": text,
        "experiment/csv": f"# @package _global_\n{experiment}",
    }
    for name, written in configs.items():
        path = root / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(written)
    project = Project(root=root, package=None, config_folders=(root,), layout=TEMPLATE)
    compiler = Compiler(Sources(project), Validator.of_project(project))
    return [
        fault
        for fault in compiler.compile_job("train", ("+experiment=csv",)).diagnostics
        if fault.code == "SER309"
    ]


@pytest.mark.parametrize(
    ("section", "text", "place", "suggestion"),
    [
        ("callbacks", f"stopping:\n  {STOPPING.replace('_target_', 'class_path')}", "2:3", "_target_"),
        ("logger", f"stopping:\n  {CSV.replace('_target_', 'target')}", "2:3", "_target_"),
        ("callbacks", f"stoping:\n  {STOPPING}stopping:\n  mode: min\n", "1:1", "stopping"),
    ],
)
def test_mapping_that_is_meant_for_one_is_an_error(
    section: str, text: str, place: str, suggestion: str, tmp_path: Path
) -> None:
    """By a class at another key, or by its name, of which that of the option's file is right."""
    (fault,) = told(tmp_path, section, "stopping", text)

    assert (f"{section}/stopping.yaml:{place}", suggestion) == (str(fault.place), fault.suggestion)
    assert fault.is_error


def test_option_that_gives_no_class_is_warned_of(tmp_path: Path) -> None:
    """Another option may bring it, so it is no error."""
    text = f"csv:\n  save_dir: logs\nrows:\n  {CSV}"

    (fault,) = told(tmp_path, "logger", "csv", text)

    assert ("logger/csv.yaml:1:1", False) == (str(fault.place), fault.is_error)
    assert "`logger.csv` has no `_target_`, so it is no logger and is passed over" == fault.message


def test_option_that_a_script_makes_otherwise_is_no_fault(tmp_path: Path) -> None:
    """It may know its names, or have a key of its own for them; then none has a `_target_`, or the key tells."""
    assert [] == told(tmp_path, "callbacks", "affinity", "affinity:\n  rows: 3\n")
    assert [] == told(tmp_path, "callbacks", "named", f"named:\n  _name_: x\nother:\n  {STOPPING}")


def test_key_without_a_space_behind_its_colon_is_told(tmp_path: Path) -> None:
    """The whole is a text then, in place of the callback."""
    experiment = "callbacks:\n  stopping:\n    patience:15\n"

    (fault,) = told(tmp_path, "callbacks", "stopping", f"stopping:\n  {STOPPING}", experiment)

    assert ("experiment/csv.yaml:4:5", True) == (str(fault.place), fault.is_error)
    assert "write `patience: 15`" in str(fault.help)


@pytest.mark.parametrize("experiment", ["logger:\n  csv:\n    name: rows\n", "logger:\n  folder: logs\n"])
def test_settings_of_a_logger_that_is_not_chosen_are_no_fault(experiment: str, tmp_path: Path) -> None:
    """An experiment may set something of a logger that the call is to choose, even one of its own name."""
    assert [] == told(tmp_path, "logger", "rows", f"rows:\n  {CSV}", experiment)


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        (
            f"saving:\n  {STOPPING}stopping:\n_target_: lightning.pytorch.callbacks.Timer\n",
            "indent it by two spaces, below `stopping`",
        ),
        (f"_target_: lightning.pytorch.callbacks.Timer\nsaving:\n  {STOPPING}", None),
    ],
)
def test_class_that_is_not_indented_below_its_name_is_passed_over(
    text: str, fix: str | None, tmp_path: Path
) -> None:
    """A script takes what has a class by its name; what stands below a class otherwise may be its arguments."""
    found = told(tmp_path, "callbacks", "all", text)

    assert [fix] * (fix is not None) == [fault.help for fault in found]
