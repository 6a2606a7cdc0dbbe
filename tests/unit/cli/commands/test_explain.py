"""`serotiny explain`: values, their chain, and codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from serotiny.cli.app import cli
from serotiny.cli.commands.new import create_project
from serotiny.diagnostics import RULES


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = create_project({}, no_input=True, output_dir=tmp_path)
    monkeypatch.chdir(made)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return made


def _explain(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["explain", *arguments], standalone_mode=False)


def _json(*arguments: str) -> Any:
    result = _explain(*arguments, "--format", "json")
    assert 0 == result.return_value, result.output
    return json.loads(result.stdout)


def test_chain_leads_from_file_to_override(project: Path) -> None:
    """Each place that set a value is named, oldest first, and the last one gives the value."""
    found = _json("trainer.max_epochs", "train", "trainer.max_epochs=5")
    assert 5 == found["value"]
    assert [("file", 4), ("override", 1)] == [(place["origin"], place["line"]) for place in found["set_by"]]
    assert "a_tiny_project/config/trainer/default.yaml" == found["set_by"][0]["file"]
    assert "trainer.max_epochs=5" == found["set_by"][1]["override"]
    assert "int or null" == found["type"]
    assert "Stop training once" in found["doc"]


def test_chain_starts_with_the_schema_default(project: Path) -> None:
    """A key of serotiny's own schemas has their default at the start of its chain."""
    found = _json("mlflow.experiment_name")
    assert ["default", "file"] == [place["origin"] for place in found["set_by"]]
    assert "Default" == found["default"]


def test_interpolation_names_what_it_comes_from(project: Path) -> None:
    """The referents of an interpolation are followed to their own."""
    found = _json("x", "train", "+x=${y}", "+y=${model.latent_dim}")
    assert 2 == found["value"]
    assert [("y", 2), ("model.latent_dim", 2)] == [
        (item["name"], item["value"]) for item in found["referents"]
    ]


def test_environment_is_never_shown(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes from the environment, and what is made of it, stands as it is written."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://me:hunter2@example.org")
    for arguments in (("mlflow.tracking_uri",), (), ("x", "train", "+x=${mlflow.tracking_uri}")):
        for more in ((), ("--format", "json")):
            result = _explain(*arguments, *more)
            assert 0 == result.return_value
            assert "hunter2" not in result.output
    assert _json("mlflow.tracking_uri")["secret"]


def test_password_in_an_override_is_masked(project: Path) -> None:
    """Credentials that stand in the config itself are masked, also where an override is quoted."""
    override = "mlflow.tracking_uri=https://me:hunter2@example.org"
    for more in ((), ("--format", "json")):
        assert "hunter2" not in _explain("mlflow.tracking_uri", "train", override, *more).output


def test_parameter_that_is_not_set_shows_its_default(project: Path) -> None:
    """A declared key that nothing sets is explained by its signature."""
    found = _json("trainer.max_steps")
    assert (False, "-1", []) == (found["is_set"], found["value"], found["set_by"])


def test_whole_config_shows_each_value_with_its_origin(project: Path) -> None:
    """Without a key every value is listed with what set it."""
    values = {row["key"]: row for row in _json()["values"]}
    assert 1337 == values["seed"]["value"]
    assert "a_tiny_project/config/train.yaml" == values["seed"]["set_by"]["file"]
    assert "default" == values["mlflow.heartbeat_s"]["set_by"]["origin"]
    text = _explain("test").stdout
    assert "latent_dim: 2" in text
    assert "a_tiny_project/config/test.yaml:9" in text


@pytest.mark.parametrize(
    ("key", "suggested"),
    [
        ("trainer.max_epoch", "trainer.max_epochs"),
        ("modell", "model"),
        ("mlflow.heartbeat", "mlflow.heartbeat_s"),
        ("latent_dim", "model.latent_dim"),
    ],
)
def test_unknown_key_suggests_the_closest(project: Path, key: str, suggested: str) -> None:
    """A misspelt key gives status 1 and a name that exists."""
    result = _explain(key)
    assert 1 == result.return_value
    assert f"did you mean `{suggested}`?" in result.stderr


def test_unknown_key_that_is_like_none_names_what_there_is_beside_it(project: Path) -> None:
    """The keys that the config sets there and the parameters of the target, but none of Hydra's own."""
    result = _explain("model.qqqq")
    assert 1 == result.return_value
    assert "has no key `model.qqqq`; there is `model." in result.stderr
    assert "_target_" not in result.stderr


@pytest.mark.parametrize("code", sorted(RULES))
def test_every_code_is_explained(code: str) -> None:
    """Each published code has a text, in both formats and either case."""
    assert code in _explain(code.lower()).stdout
    assert RULES[code].name == json.loads(_explain(code, "--format", "json").stdout)["name"]


def test_unknown_code_suggests_the_closest() -> None:
    """A code that does not exist gives status 1."""
    result = _explain("SER2011")
    assert 1 == result.return_value
    assert "did you mean `SER201`?" in result.stderr


def test_override_at_fault_is_reported(project: Path) -> None:
    """What cannot be composed is not explained."""
    result = _explain("model", "train", "model=nothing")
    assert 1 == result.return_value
    assert "SER104" in result.stderr


def test_key_named_like_an_operation_is_a_key_before_one(project: Path) -> None:
    """`explain test train` is about the key `test` of `train`."""
    assert True is _json("test", "train")["value"]
