"""The hostile and harmless parts of configs, as they stand in a store: which models and data modules are made of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from mlflow import MlflowClient

from serotiny.diagnostics import SerotinyError
from serotiny.ml_ops.instantiation import InstantiationError
from serotiny.ml_ops.mlflow_utils import load_datamodule, load_model_from_checkpoint
from tests.fakes.hostile_configs import PARTS, with_parts, write_study

# MLflow's own use of SQLAlchemy
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")

_HARMLESS_ALONE = frozenset({"t-selected"})
"""Harmless in a store, since a loaded model has none of the other nodes that it refers to."""

_REFUSED = frozenset({"ok-chain", "ok-anchor", "ok-node-interpolation"})
"""Accepted in a config, which is resolved before it is stored."""


def _asks(part: str) -> list[Any]:
    """The cases that have a part of their own."""
    return [
        pytest.param(case, id=case["id"])
        for case in PARTS
        if re.search(f"^{part}:", case["parts"], re.MULTILINE)
    ]


@dataclass(frozen=True)
class Stored:
    """A store with one run.

    Attributes:
        uri, run: the store's address, and the run's id.
        config: the file of the run's config.
        canary: what a hostile config would make.
    """

    uri: str
    run: str
    config: Path
    canary: Path

    def fault(self, load: Any, parts: str) -> SerotinyError | None:
        """Why nothing can be loaded from a config with these parts; None if it can."""
        self.config.write_text(with_parts(parts, self.canary))
        try:
            load(self.uri, self.run)
        except SerotinyError as error:
            return error
        return None


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    root = tmp_path_factory.mktemp("stored")
    write_study(root)
    artifacts = root / "mlartifacts"
    artifacts.mkdir()
    uri = f"sqlite:///{root}/mlflow.db"
    client = MlflowClient(uri)
    tags = {"serotiny.state": "owned", "serotiny.layout": "1", "serotiny.operation": "train"}
    experiment = client.create_experiment("study", artifacts.as_uri())
    run = client.create_run(experiment, tags=tags, run_name="stored").info.run_id
    client.log_text(run, "model: {}\n", "config/train.yaml")
    torch.save({"state_dict": {}}, root / "empty.ckpt")
    return Stored(uri, run, artifacts / run / "artifacts" / "config" / "train.yaml", root / "canary")


@pytest.fixture(autouse=True)
def in_project(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    """Load in the folder of the project, whose package cannot be imported: whatever passes the judge ends there."""
    monkeypatch.chdir(stored.canary.parent)


@pytest.mark.parametrize("case", _asks("model"))
def test_a_stored_model_is_judged_before_it_is_made(stored: Stored, case: dict[str, Any]) -> None:
    """A hostile one is refused and calls nothing; a harmless one is refused by its own package alone."""
    weights = stored.canary.with_name("empty.ckpt")
    fault = stored.fault(partial(load_model_from_checkpoint, checkpoint=weights), case["parts"])

    is_harmless = case["expected"] == "accept" and case["id"] not in _REFUSED
    passes = is_harmless or case["id"] in _HARMLESS_ALONE
    assert passes == (isinstance(fault, InstantiationError) and "cannot be imported" in str(fault))
    assert not stored.canary.exists()


@pytest.mark.parametrize("case", _asks("data"))
def test_a_stored_data_module_is_judged_before_it_is_made(stored: Stored, case: dict[str, Any]) -> None:
    """Nothing hostile is called, and what is wrong is told."""
    fault = stored.fault(load_datamodule, case["parts"])

    assert fault is not None
    assert case["expected"] == "accept" or "cannot be imported" not in str(fault)
    assert not stored.canary.exists()
