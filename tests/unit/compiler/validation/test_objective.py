"""What the jobs of an optimizing sweep tell their sweeper."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import find_project
from serotiny.compiler.tree import Node
from serotiny.compiler.validation.objective import is_optimizing
from serotiny.targets import SignatureReader
from tests.case_projects import CASES, lay_out

OPTUNA = ("hydra/sweeper=optuna", "model.width=1,2")


def _objectives(root: Path, *overrides: str) -> set[tuple[str, ...] | None]:
    compilation = Compiler.of_project(find_project(root)).compile_call("train", overrides, multirun=True)
    return {job.objective for job in compilation.jobs}


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (OPTUNA, ("val_loss",)),
        ((*OPTUNA, "++sweep.metric=train_loss"), ("train_loss",)),
        ((*OPTUNA, "++sweep.metric=[val_loss,train_loss]"), ("val_loss", "train_loss")),
        ((*OPTUNA, "trainer.callbacks.stopping.monitor=train_loss"), ()),
        ((*OPTUNA, "~trainer.callbacks"), ()),
        (("hydra/sweeper=basic", "model.width=1,2"), None),
    ],
)
def test_the_objective_is_named_or_monitored(
    tmp_path: Path, overrides: tuple[str, ...], expected: tuple[str, ...] | None
) -> None:
    """`sweep.metric` comes first; else it is what callbacks monitor, where that is one metric."""
    root = lay_out(CASES / "clean" / "sweep-that-optimizes", tmp_path)

    assert {expected} == _objectives(root, *overrides)


def test_in_the_templates_layout_it_is_the_optimized_metric(tmp_path: Path) -> None:
    """A search of lightning-hydra-template's layout is told what its own script returns."""
    root = Path(shutil.copytree(CASES / "projects" / "template", tmp_path / "template"))

    assert {("val/acc_best",)} == _objectives(root, "hparams_search=optuna")


def test_a_sweeper_that_reads_no_results_does_not_optimize(tmp_path: Path) -> None:
    """A plug-in whose package nowhere reads what jobs return makes its jobs in its own way, and is told nothing."""
    for name, line in (("listing", "jobs"), ("searching", "job.return_value")):
        folder = tmp_path / "hydra_plugins" / name
        folder.mkdir(parents=True)
        (folder / "plugin.py").write_text(f"def sweep(jobs):\n    return [{line} for job in jobs]\n")
    reader = SignatureReader([tmp_path])

    found = [
        is_optimizing(
            Node({"sweeper": Node({"_target_": Node(f"hydra_plugins.{name}.plugin.Sweeper")})}), reader
        )
        for name in ("listing", "searching", "not_installed")
    ]

    assert [False, True, True] == found
