"""Faults of values that the environment gives."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import pytest

from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import find_project

OPTUNA = ("hydra/sweeper=optuna", "hydra/launcher=joblib", "seed=1,2", "++sweep.metric=val_loss")


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("trainer._target_", "planted-word", "SER502"),
        ("trainer._target_", "planted/word.Name", "SER502"),
        ("trainer._target_", "os.planted_word", "SER502"),
        ("trainer._target_", "os.planted_word(1)", "SER502"),
        ("trainer._target_", "PlantedName", "SER305"),
        ("trainer._target_", "torch.optim.PlantedName", "SER305"),
        ("trainer.max_epochs", "planted-word", "SER303"),
        ("hydra.sweeper.storage", "planted-word", "SER111"),
        ("hydra.sweeper.direction", "planted-word", "SER111"),
        ("hydra.sweeper.sampler._target_", "planted-word", "SER505"),
        ("hydra.launcher._target_", "planted-word", "SER505"),
        ("hydra.launcher.prefer", "proceses", "SER111"),
        ("hydra.launcher.pre_dispatch", "planted-word", "SER111"),
        ("hydra.launcher.max_nbytes", "planted-word", "SER111"),
        ("hydra.job_logging.root.level", "planted-word", "SER111"),
        ("hydra.job_logging.handlers.file.filename", "../planted-word", "SER506"),
        ("hydra.sweep.dir", "../planted-word", "SER506"),
    ],
)
def test_a_fault_does_not_show_the_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, value: str, code: str
) -> None:
    """Nor what would be a part of it in a suggestion."""
    monkeypatch.setenv("PLANTED", value)
    (tmp_path / "study/config").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[tool.serotiny]\npackage = "study"\n')
    (tmp_path / "study/config/train.yaml").write_text(
        "seed: 1\ntrainer: {_target_: pytorch_lightning.Trainer}\n"
    )

    compiler = Compiler.of_project(find_project(tmp_path))
    found = compiler.compile_call("train", [*OPTUNA, f"++{key}=${{oc.env:PLANTED}}"], multirun=True)

    assert code in {fault.code for fault in found.diagnostics}
    told = str([astuple(fault) for fault in found.diagnostics])
    assert [] == [form for form in (value, value.replace("/", "."), value.partition("(")[0]) if form in told]
