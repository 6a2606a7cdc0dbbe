"""Toy jobs that run in the test's own process, without MLflow."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from serotiny.compiler.plan.plan import Plan
from serotiny.ml_ops.checkpoints.file import read_checkpoint
from serotiny.ml_ops.run import run

TOY_JOBS = Path(__file__).parents[2] / "fakes" / "toy_jobs"

MakePlan = Callable[..., Plan]
Undisturbed = Callable[..., Path]


@pytest.fixture(autouse=True)
def toy_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes `toy_job` importable, as a project's own package is."""
    monkeypatch.syspath_prepend(TOY_JOBS)


def toy_config(max_epochs: int = 3) -> dict[str, Any]:
    return {
        "data": {"_target_": "toy_job.ToyData"},
        "model": {"_target_": "toy_job.ToyModel"},
        "trainer": {
            "_target_": "pytorch_lightning.Trainer",
            "max_epochs": max_epochs,
            "accelerator": "cpu",
            "log_every_n_steps": 1,
            "enable_progress_bar": False,
        },
        "mlflow": {"tracking_uri": None},
        "seed": 7,
    }


def changed(config: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """The config with other values at dotted paths, written with `__` for the dots."""
    result: dict[str, Any] = copy.deepcopy(dict(config))
    for path, value in changes.items():
        *groups, key = path.split("__")
        node = result
        for group in groups:
            node = node.setdefault(group, {})
        node[key] = value
    return result


@pytest.fixture
def make_plan(tmp_path: Path) -> MakePlan:
    def make(operation: str = "train", run_name: str | None = "toy", **changes: Any) -> Plan:
        config = changed(toy_config(), **changes)
        return Plan(
            operation=operation,
            config=config,
            logged_config=config,
            identity="identity",
            run_name=run_name,
            overrides=(),
            project_root=str(tmp_path),
            package=None,
            trusted=("toy_job", "toy_unified"),
            versions={},
        )

    return make


@pytest.fixture(scope="module")
def trained() -> dict[str, Path]:
    """The folders of runs that nothing disturbed, by what was changed in their plans."""
    return {}


@pytest.fixture
def undisturbed(
    make_plan: MakePlan, trained: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Undisturbed:
    """Gives the folder of a whole run with such changes, which is trained once for all tests of a module."""

    def of(**changes: Any) -> Path:
        key = json.dumps(changes, sort_keys=True)
        if key not in trained:
            folder = tmp_path_factory.mktemp("undisturbed")
            run(make_plan(**changes), folder)
            trained[key] = folder
        return trained[key]

    return of


def trained_state(run_dir: Path) -> dict[str, Any]:
    """What has to be equal, bit by bit, between a resumed run and one that was not."""
    checkpoint = read_checkpoint(run_dir / "checkpoints" / "last.ckpt")
    keys = ("state_dict", "optimizer_states", "lr_schedulers", "global_step", "epoch")
    state = {key: checkpoint[key] for key in keys}
    state["random"] = checkpoint["serotiny"]["random"]
    return state


def metrics(run_dir: Path) -> dict[tuple[str, int], set[float]]:
    """Every value that was logged, by metric and step, over all sessions in the folder."""
    found: dict[tuple[str, int], set[float]] = {}
    for line in (run_dir / "metrics.jsonl").read_text().splitlines():
        entry = json.loads(line)
        for name, value in entry["values"].items():
            found.setdefault((name, entry["step"]), set()).add(value)
    return found
