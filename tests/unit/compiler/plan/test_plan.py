"""Plans as data: their JSON and YAML, their identity, and what is refused."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from serotiny.compiler.plan.plan import Plan, PlanError, identity_of, refuse_masked
from serotiny.compiler.plan.plan_file import read_plan, write_plan


def make(**changes: object) -> Plan:
    config = {"model": {"_target_": "pkg.Net", "width": 8}, "mlflow": {"run_name": "ü"}, "seed": None}
    fields: dict[str, object] = {
        "operation": "train",
        "config": config,
        "logged_config": config,
        "identity": identity_of(config),
        "run_name": "ü",
        "overrides": ("model.width=8",),
        "project_root": "/project",
        "package": "pkg",
        "trusted": ("mine",),
        "versions": {"serotiny": "1"},
        "choices": {"model": "default"},
    }
    return Plan(**{**fields, **changes})  # type: ignore[arg-type]  # fields by name


def test_a_plan_comes_back_from_json_as_it_was() -> None:
    """Every field survives the round trip."""
    assert make() == Plan.from_json(make().to_json())


def test_a_plan_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    """Every field survives on disk, in YAML that is readable as written."""
    file = tmp_path / "plan.yaml"

    write_plan(make(), file)

    assert make() == read_plan(file)
    assert "run_name: ü" in file.read_text("utf-8")


def test_secrets_stay_out_of_json() -> None:
    """The config with its secrets is not written, and credentials in overrides are masked."""
    uri = "mlflow.tracking_uri=https://user:pass@host"
    text = make(config={"token": "hunter2"}, overrides=(uri,)).to_json()

    assert "hunter2" not in text
    assert ["mlflow.tracking_uri=https://***@host"] == json.loads(text)["overrides"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not a plan: "),
        ("[]", "not a plan; `serotiny compile train -o plan.yaml` writes one"),
        ("null", "not a plan; "),
        ('{"model": {"width": 1}, "seed": 1}', "not a plan but a config; a run has its plan beside it"),
        ('{"format": 2}', "a plan of format 2, not 1: compile it again"),
        ('{"format": 1}', "not a whole plan: `operation` is missing; compile it again"),
        (
            json.dumps({**json.loads(make().to_json()), "more": 1}),
            "not a whole plan: `more` is no part of one; compile it again",
        ),
        (
            json.dumps({**json.loads(make().to_json()), "config": {}}),
            "not a whole plan: `config` is no part of one; compile it again",
        ),
        (
            json.dumps({**json.loads(make().to_json()), "format": True}),
            "a plan of format True, not 1: compile it again",
        ),
    ],
)
def test_what_is_no_plan_is_refused(text: str, message: str) -> None:
    """Other JSON, another format, a part of a plan, or more than one."""
    with pytest.raises(PlanError) as error:
        Plan.from_json(text)

    assert str(error.value).startswith(message)


def test_identity_is_that_of_what_is_computed() -> None:
    """Order, `1` for `1.0`, and the whole `mlflow` group change nothing."""
    assert identity_of({"a": 1, "b": [2.0]}) == identity_of({"b": [2], "a": 1.0, "mlflow": {"run_name": "x"}})


@pytest.mark.parametrize("value", [2, 1.5, "1", True, None, [1], {"b": 1}, math.nan, math.inf])
def test_identity_tells_values_apart(value: object) -> None:
    """Another value, or the same one as text or in a list, is another job."""
    assert identity_of({"a": 1}) != identity_of({"a": value})


def test_identity_is_stable() -> None:
    """The hash is part of what is stored with a run, so it never changes."""
    assert "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862" == identity_of({"a": 1})
    assert identity_of({"a": math.nan}) == identity_of({"a": math.nan})


def test_a_masked_plan_is_not_run() -> None:
    """The message names the value that was left out and a variable to give it by."""
    plan = make(logged_config={"data": {"items": [{"token": "***"}]}})

    with pytest.raises(PlanError, match=r"p\.yaml: .* that of `data\.items\[0\]\.token` was left out"):
        refuse_masked(plan, "p.yaml")
    refuse_masked(make(), "p.yaml")


def test_a_plan_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    """The message names the file, and neither a part of it nor a temporary one stays."""
    (tmp_path / "plan.yaml").mkdir()

    with pytest.raises(PlanError, match=r"plan\.yaml cannot be written: "):
        write_plan(make(), tmp_path / "plan.yaml")
    with pytest.raises(PlanError, match=r"gone/plan\.yaml cannot be written: there is no folder "):
        write_plan(make(), tmp_path / "gone" / "plan.yaml")

    assert [tmp_path / "plan.yaml"] == list(tmp_path.iterdir())


def test_a_plan_is_not_written_over_something_else(tmp_path: Path) -> None:
    """A table or a config that is named by mistake stays as it is."""
    for content in ("a,b\n1,2\n", "defaults:\n- model: vae\n", "format: 10\n"):
        (tmp_path / "other").write_text(content)
        with pytest.raises(PlanError, match="it is there and holds something else; name another file"):
            write_plan(make(), tmp_path / "other")
        assert content == (tmp_path / "other").read_text()

    (tmp_path / "other").write_text("")
    write_plan(make(), tmp_path / "other")
    assert make() == read_plan(tmp_path / "other")


def test_a_plan_replaces_an_older_one_whole(tmp_path: Path) -> None:
    """The new plan takes the old one's place, whoever still reads the old one keeps it."""
    file = tmp_path / "plan.yaml"
    write_plan(make(operation="test"), file)
    with file.open() as reader:
        write_plan(make(), file)
        assert "operation: test" in reader.read()

    assert ("train", [file]) == (read_plan(file).operation, list(tmp_path.iterdir()))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: [", "is not a plan: "),
        (b"caf\xe9", "is not a plan: "),
        (b"", "not a plan; "),
        (b"\x00", "is not"),
    ],
)
def test_an_unreadable_plan_file_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    """Broken YAML, another encoding, and a file without a plan."""
    file = tmp_path / "plan.yaml"
    file.write_bytes(content)

    with pytest.raises(PlanError) as error:
        read_plan(file)

    assert message in str(error.value)


def test_a_plan_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A missing file and a folder are told by the system's own words, with the command that writes a plan."""
    with pytest.raises(
        PlanError,
        match=r"cannot be read: No such file or directory; `serotiny compile train -o .*` writes one",
    ):
        read_plan(tmp_path / "gone.yaml")
    with pytest.raises(PlanError, match="is a folder; name the file of a plan"):
        read_plan(tmp_path)
