"""`serotiny diff`: which values differ, and what set them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from serotiny.cli.app import cli
from serotiny.cli.commands.new import create_project
from serotiny.tracking import layout
from serotiny.tracking.mlflow.store import open_client
from serotiny.tracking.mlflow.stored_run import config_text


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = create_project({}, no_input=True, output_dir=tmp_path)
    monkeypatch.chdir(made)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return made


def _diff(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["diff", *arguments], standalone_mode=False)


def _differences(left: str, right: str) -> dict[str, Any]:
    result = _diff(left, right, "--format", "json")
    assert 0 == result.return_value, result.output
    return {row["key"]: row for row in json.loads(result.stdout)["differences"]}


def test_options_differ_value_by_value() -> None:
    """Two options of a group differ in their values, each with the file that set it."""
    found = _differences("train", "train model=my_model data=my_data")
    assert "serotiny.models.TabularVAE" == found["model._target_"]["left"]["value"]
    assert 2 == found["model._target_"]["right"]["set_by"]["line"]
    assert {"is_set": False} == found["model.n_classes"]["left"]
    assert "data.path" not in found


@pytest.mark.parametrize(
    "override",
    [
        "model.optimizer.lr=5e-3",
        "model.optimizer.lr=0.00500",
        "'model.hidden_layers=[16,  16]'",
        "mlflow.heartbeat_s=30",
        "trainer.devices=1",
    ],
)
def test_other_spelling_is_no_difference(override: str) -> None:
    """What only reformats a value does not differ."""
    assert {} == _differences("train", f"train {override}")


@pytest.mark.parametrize(
    ("key", "override"),
    [
        ("trainer.devices", "trainer.devices='\"1\"'"),
        ("model.hidden_layers", "model.hidden_layers=[16]"),
        ("seed", "seed=null"),
    ],
)
def test_other_value_is_a_difference(key: str, override: str) -> None:
    """Text is no number, a shorter list is another one, and null is not what it takes the place of."""
    found = _differences("train", f"train {override}")
    assert [key] == list(found)
    assert "override" == found[key]["right"]["set_by"]["origin"]


def test_plan_is_compared_with_a_call(tmp_path: Path) -> None:
    """A plan file is a side, and its lines are named."""
    plan = tmp_path / "plan.yaml"
    assert (
        not CliRunner().invoke(cli, ["compile", "train", "-o", str(plan)], standalone_mode=False).return_value
    )
    assert {} == _differences(str(plan), "train")
    found = _differences(str(plan), "train seed=7")
    assert (1337, 7) == (found["seed"]["left"]["value"], found["seed"]["right"]["value"])
    assert str(plan) == found["seed"]["left"]["set_by"]["file"]


def test_recorded_run_is_compared_with_a_call(project: Path) -> None:
    """The config that a run has among its artifacts is a side, named by the run's id or its name."""
    client = open_client(f"sqlite:///{project / 'mlflow.db'}")
    experiment_id = client.create_experiment("e", (project / "artifacts").as_uri())
    run_id = client.create_run(experiment_id, run_name="a run: 1").info.run_id
    config = {"seed": 7, "trainer": {"max_epochs": 20.0}}
    client.log_text(run_id, config_text(config), layout.config_path("train"))
    found = _differences(run_id, "train")
    assert (7, 1337) == (found["seed"]["left"]["value"], found["seed"]["right"]["value"])
    assert found["seed"]["left"]["set_by"] is None
    assert "trainer.max_epochs" not in found
    assert found == _differences("a run: 1", "train")


def test_text_shows_both_sides() -> None:
    """People see each key with its two values and what set them."""
    text = _diff("train", "train seed=7").stdout
    assert "seed\n  - 1337  a_tiny_project/config/train.yaml:10\n  + 7  override `seed=7`\n" in text
    assert "no value differs\n" == _diff("train", "train").stdout


def test_configuration_with_errors_is_reported() -> None:
    """A side that cannot be compiled gives status 1 and its diagnostics."""
    result = _diff("train", "train model=nothing")
    assert 1 == result.return_value
    assert "SER104" in result.stderr


def test_environment_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes from the environment stands as it is written."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://me:hunter2@example.org")
    result = _diff("train", "train mlflow.tracking_uri=https://me:hunter3@example.org")
    assert "mlflow.tracking_uri" in result.stdout
    assert "hunter" not in result.output


@pytest.mark.parametrize(
    ("side", "said"),
    [
        ("nothing", "what can be compared"),
        ("0" * 32, "there is no run"),
        ("train 'x", "a quote is left open in it"),
        ("a" * 5000, "there is no run"),
        ("train -m seed=1,2", "`-m` cannot stand in a side"),
    ],
)
def test_what_is_no_side_is_refused(side: str, said: str) -> None:
    """A word that is no call of one job, no plan and no run is an error of the call."""
    result = _diff(side, "train")
    assert said in str(result.exception)
