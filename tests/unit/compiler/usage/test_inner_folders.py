"""Folders inside a folder of configs from which jobs start on their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.compiler.project import find_project
from serotiny.compiler.usage.inner_folders import inner_folders_in_words


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
