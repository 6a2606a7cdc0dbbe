"""Credentials that are written out in a config are warned of, and shown, logged and stored nowhere."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from serotiny.cli.commands.new import create_project
from serotiny.cli.main import main
from serotiny.compiler.compile import Compiler
from serotiny.compiler.plan.plan import Plan, PlanError
from serotiny.compiler.project import find_project
from serotiny.report.formats import Format, renderer_of
from serotiny.report.report import Report

URI = "mlflow.tracking_uri=http://me:hunter2@127.0.0.1:5000"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return create_project({}, no_input=True, output_dir=tmp_path_factory.mktemp("new"))


@pytest.mark.parametrize(
    ("override", "key"),
    [
        (URI, "mlflow.tracking_uri"),
        ("++model.password=hunter2", "model.password"),
        ("++model.api_key='x hunter2'", "model.api_key"),
        ("++model.extra={hf_token: hunter2, a: 1}", "model.extra.hf_token"),
        ("+hydra.job.env_set.MY_TOKEN=hunter2", "hydra.job.env_set.MY_TOKEN"),
        ("+hydra.job.env_set.MLRUNS='http://me:hunter2@host'", "hydra.job.env_set.MLRUNS"),
    ],
)
def test_literal_credential_is_warned_of_and_not_shown(project: Path, override: str, key: str) -> None:
    """SER503 stands at the credential's key, and no format shows it, whatever else is wrong there."""
    compilation = Compiler.of_project(find_project(project)).compile_call("train", [override])

    assert [key] == [item.key for item in compilation.diagnostics if item.code == "SER503"]
    report = Report(jobs=1, diagnostics=compilation.diagnostics, root=project)
    assert [] == [name for name in Format if "hunter2" in renderer_of(name)(report)]


@pytest.mark.parametrize(
    ("setting", "key"), [("password: hunter2", "password"), ("webhook_token: hunter2", "webhook_token")]
)
@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("of_key", [True, False])
def test_an_explanation_shows_no_credential(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    setting: str,
    key: str,
    form: str,
    of_key: bool,
) -> None:
    """Neither that of the whole config nor that of the key, or of one that refers to it."""
    monkeypatch.chdir(project)
    added = ["+secrets={" + setting + "}", f"+copy='${{secrets.{key}}}'"]

    for asked in [[f"secrets.{key}"], ["copy"]] if of_key else [[]]:
        main(["explain", *asked, "train", *added, "--format", form])

    printed = capsys.readouterr().out
    assert (True, False) == (key in printed, "hunter2" in printed)


@pytest.mark.parametrize(
    "override",
    [
        "mlflow.tracking_uri=http://127.0.0.1:5000",
        "mlflow.tracking_uri='https://${oc.env:HOME,x}:${oc.env:HOME,x}@host'",
        "++model.pad_token=hunter2",
        "++model.password=null",
        "++model.token=${oc.env:HOME,x}",
        "mlflow.run_name=${oc.env:USER,x}",
    ],
)
def test_what_is_no_literal_credential_is_not_warned_of(project: Path, override: str) -> None:
    """Ports, words of a vocabulary, nothing at all, and what comes from the environment are no secrets."""
    compilation = Compiler.of_project(find_project(project)).compile_call("train", [override])

    assert "SER503" not in {item.code for item in compilation.diagnostics}


def test_credential_of_an_override_is_told_once(project: Path) -> None:
    """Also where Hydra's own node is compiled, in which Hydra writes the overrides of the call."""
    compiler = Compiler.of_project(find_project(project), with_hydra=True)

    compilation = compiler.compile_call("train", [URI])

    assert ["mlflow.tracking_uri"] == [item.key for item in compilation.diagnostics if item.code == "SER503"]


@pytest.mark.parametrize("key", ["mlflow.run_name", "mlflow.experiment_name", "hydra.run.dir"])
@pytest.mark.parametrize("value", ["out-${oc.env:WANDB_TOKEN,x}", "out-${model.name}"])
def test_name_that_is_made_of_a_credential_is_warned_of(project: Path, key: str, value: str) -> None:
    """Of the name of a run or folder nothing is kept back, so what its variable is called must do, wherever it stands."""
    overrides = ["++model={_target_: builtins.dict, name: '${oc.env:WANDB_TOKEN,x}'}", f"{key}={value}"]
    compilation = Compiler.of_project(find_project(project)).compile_call("train", overrides)

    assert [key] == [item.key for item in compilation.diagnostics if item.code == "SER503"]


def test_a_sweep_over_a_credential_is_warned_of(project: Path) -> None:
    """A sweep that Hydra's node describes makes overrides of it, which are stored."""
    config = project / project.name / "config" / "train.yaml"
    written = config.read_text()
    config.write_text(written + "hydra: {sweeper: {params: {model.name: '${oc.env:WANDB_TOKEN,x}'}}}\n")
    compilation = Compiler.of_project(find_project(project)).compile_call("train", [], multirun=True)
    config.write_text(written)

    found = [item.key for item in compilation.diagnostics if item.code == "SER503"]
    assert ["hydra.sweeper.params.model.name"] == found


def test_what_refers_to_a_credential_is_not_stored_either(project: Path) -> None:
    """What is logged has `***` in its place; what runs has the value."""
    given = ["+secrets={password: hunter2}", "+copy=${secrets.password}", "+text=a ${secrets.password}"]
    plan = Compiler.of_project(find_project(project)).compile_call("train", given).jobs[0].plan()

    assert "hunter2" not in plan.to_json()
    assert ("***", "a ***") == (plan.logged_config["copy"], plan.logged_config["text"])
    assert ("hunter2", "a hunter2") == (plan.config["copy"], plan.config["text"])


def test_plan_holds_no_credential_and_says_so_when_replayed(project: Path) -> None:
    """What runs has the credential; what is logged and stored has not, and replaying it says what to do."""
    compiler = Compiler.of_project(find_project(project))
    plan = compiler.compile_call("train", [URI]).jobs[0].plan()

    assert "http://me:hunter2@127.0.0.1:5000" == plan.config["mlflow"]["tracking_uri"]
    assert "http://***@127.0.0.1:5000" == plan.logged_config["mlflow"]["tracking_uri"]
    assert "hunter2" not in plan.to_json()
    with pytest.raises(PlanError, match="MLFLOW_TRACKING_URI"):
        compiler.compile_plan(Plan.from_json(plan.to_json()), "plan.yaml")


@pytest.mark.parametrize(
    "how",
    [("-m",), ("-m", "hydra.sweep.dir=swept"), ("hydra.run.dir=there",)],
    ids=["sweep", "sweep-of-its-own-folder", "job-of-its-own-folder"],
)
def test_a_job_that_fails_shows_no_credential(project: Path, tmp_path: Path, how: tuple[str, ...]) -> None:
    """What Hydra writes of a call is masked, and it prints no override of what failed; a sweep does not even begin."""
    copy = shutil.copytree(project, tmp_path / "project")

    process = subprocess.run(
        [
            sys.executable,
            "-m",
            "serotiny.cli.main",
            "train",
            *how,
            f"++{URI.replace('5000', '9')}",
        ],  # nobody listens there
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    )

    assert 2 == process.returncode, process.stderr
    assert "hunter2" not in process.stderr
    written = [path for path in copy.rglob("*") if path.is_file()]
    assert [] == [path for path in written if "hunter2" in path.read_text("utf-8", "replace")]
    assert ("-m" not in how) == any(path.name == "overrides.yaml" for path in written)
