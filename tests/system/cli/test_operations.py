"""Calls of train, test and predict as a user makes them, and what they leave behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from serotiny.cli.commands.new import create_project
from serotiny.tracking import layout
from serotiny.tracking.mlflow.stored_run import StoredRun
from serotiny.tracking.run_folder.folder import RunFolder
from serotiny.tracking.run_folder.owner_file import Occupant
from tests.case_projects import CASES, lay_out

NAMED = ("++mlflow.run_name=one", "++mlflow.experiment_name=e", "++trainer.max_epochs=1")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new project with one trained run, `one` in experiment `e`."""
    root = create_project({}, no_input=True, output_dir=tmp_path_factory.mktemp("new"))
    trained = _call(root, "train", *NAMED)
    assert 0 == trained.returncode, trained.stderr
    return root


def _call(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "serotiny.cli.main", *arguments],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def test_train_on_a_broken_project_starts_nothing(tmp_path: Path) -> None:
    """Ten faults are told and exit 1 is given; there is no run, no store and no folder."""
    broken = lay_out(CASES / "broken" / "ten-faults", tmp_path)
    before = sorted(broken.rglob("*"))

    process = _call(broken, "train", *json.loads((broken / "arguments.json").read_text())[1:])

    assert (1, 10) == (process.returncode, process.stderr.count("error[SER"))
    assert before == sorted(broken.rglob("*"))


def test_a_plan_that_was_written_is_replayed(project: Path, tmp_path: Path) -> None:
    """`compile -o` and `train --plan` train what was compiled, without composing again."""
    plan = tmp_path / "plan.yaml"
    compiled = _call(project, "compile", "train", *NAMED[1:], "++mlflow.run_name=planned", "-o", str(plan))

    replayed = _call(project, "train", "--plan", str(plan))

    assert (0, 0) == (compiled.returncode, replayed.returncode), compiled.stderr + replayed.stderr
    assert "planned (" in replayed.stdout


def test_a_plan_keeps_the_folder_that_was_given_for_its_job(project: Path, tmp_path: Path) -> None:
    """A `hydra.run.dir` of the call to `compile` counts in `train --plan`, and a launcher, which is for sweeps, does not."""
    plan = tmp_path / "plan.yaml"
    typed = ("hydra.run.dir=given/${mlflow.run_name}", "hydra/launcher=joblib")
    compiled = _call(
        project, "compile", "train", *NAMED[1:], "++mlflow.run_name=placed", *typed, "-o", str(plan)
    )

    replayed = _call(project, "train", "--plan", str(plan))

    assert (0, 0) == (compiled.returncode, replayed.returncode), compiled.stderr + replayed.stderr
    assert (project / "given" / "placed" / "checkpoints" / "last.ckpt").is_file()
    assert not (project / "given" / "placed" / "multirun.yaml").exists()


def test_a_job_in_a_folder_of_its_own_records_in_the_project(project: Path) -> None:
    """From a sub-folder and with `hydra.job.chdir`, data and runs are those of the project, and nothing stays below."""
    below = project / "notes"
    below.mkdir()

    trained = _call(below, "train", *NAMED[1:], "++mlflow.run_name=below", "hydra.job.chdir=true")

    assert 0 == trained.returncode, trained.stderr
    assert [] == [*below.iterdir()]
    assert [project / "mlflow.db"] == [*project.rglob("mlflow.db")]
    assert "below" in _call(project, "runs", "list", "--experiment", "e").stdout


def test_outlook_says_what_train_would_do_and_writes_nothing(project: Path) -> None:
    """`check --runs` names the run that has a name, without making an experiment for one that is free."""
    taken = _call(project, "check", "config", "train", *NAMED, "--runs", "--format", "json")
    free = _call(project, "check", "config", "train", "++mlflow.experiment_name=new", "--runs")

    (outlook,) = json.loads(taken.stdout)["runs"]
    assert ("one", "e", [0]) == (outlook["name"], outlook["experiment"], outlook["jobs"])
    assert "create" in free.stdout
    listed = _call(project, "runs", "list", "--experiment", "new")
    assert (2, True) == (listed.returncode, "there is no experiment `new` yet" in listed.stderr)


def test_a_name_that_is_taken_is_refused_where_it_was_asked_for(project: Path) -> None:
    """`on_existing=error` makes a finished run of the name an error, at the override that names it."""
    call = ("train", *NAMED, "++mlflow.on_existing=error")

    checked = _call(project, "check", "config", *call, "--runs", "--format", "json")
    trained = _call(project, *call)

    (diagnostic,) = json.loads(checked.stdout)["diagnostics"]
    assert ("SER404", NAMED[0]) == (diagnostic["code"], diagnostic["override"])
    assert (1, 1) == (checked.returncode, trained.returncode)
    assert "error[SER404]" in trained.stderr


def test_another_config_under_a_name_is_told_before_training(project: Path) -> None:
    """`check --runs` tells the differences in the words of `train`, at the override that names the run."""
    call = ("train", *NAMED, "model.latent_dim=7")

    checked = _call(project, "check", "config", *call, "--runs", "--format", "json")
    trained = _call(project, *call)

    (diagnostic,) = json.loads(checked.stdout)["diagnostics"]
    assert ("SER406", NAMED[0]) == (diagnostic["code"], diagnostic["override"])
    assert (1, 1) == (checked.returncode, trained.returncode)
    assert "error[SER406]" in trained.stderr
    assert f"`mlflow.run_name` was set by override `{NAMED[0]}`" in trained.stderr
    assert [True] * 3 == [
        text in trained.stderr for text in (diagnostic["message"], diagnostic["help"], diagnostic["notes"][0])
    ]


def test_a_folder_that_was_given_is_looked_at_before_training(project: Path) -> None:
    """`check --runs` says of a run without MLflow, and of another's folder, what `train` and `test` say."""
    here = ("hydra.run.dir=here", "mlflow.tracking_uri=null")
    named = ("++mlflow.run_name=filed", "++trainer.max_epochs=1")
    calls = {
        ("train", *named, *here): "SER",
        ("train", *named, *here, "++model.latent_dim=3"): "SER406",
        ("test", "++mlflow.run_name=filed", *here, "++ckpt_path=best"): "finished",
        ("test", "++mlflow.run_name=filed", *here, "++ckpt_path=lost"): "SER407",
    }
    assert 0 == _call(project, "train", *named, *here).returncode

    for call, expected in calls.items():
        checked = _call(project, "check", "config", *call, "--runs")
        started = _call(project, *call)

        assert checked.returncode == started.returncode, checked.stdout + started.stderr
        assert (expected in started.stdout + started.stderr) == (expected != "SER"), started.stderr
        assert (expected in checked.stdout) == expected.startswith("SER4"), checked.stdout


def test_a_folder_of_another_run_is_told_where_it_was_asked_for(project: Path) -> None:
    """`check --runs` tells of a folder whose run has not finished, in the words of `train`, at the override that names it."""
    folder = project / "taken"
    owner = RunFolder.claim(
        folder,
        Occupant(operation="train", run_name="dead", experiment="e", identity="i"),
        has_begun=False,
    )
    assert isinstance(owner, RunFolder)
    owner.hold("its id", "dead")
    owner.end("KILLED")
    call = ("train", *NAMED[1:], "++mlflow.run_name=other", "hydra.run.dir=taken")

    checked = _call(project, "check", "config", *call, "--runs", "--format", "json")
    trained = _call(project, *call)

    (diagnostic,) = json.loads(checked.stdout)["diagnostics"]
    assert ("SER409", call[-1]) == (diagnostic["code"], diagnostic["override"])
    assert (1, 1) == (checked.returncode, trained.returncode)
    assert diagnostic["message"] in trained.stderr


@pytest.mark.parametrize("operation", ["test", "predict"])
@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (("++ckpt_path=bset", *NAMED[:2]), ("override", "run `one` has no checkpoint `bset`")),
        (("++mlflow.run_name=noone", NAMED[1]), ("override", "there is no run `noone` to {}")),
        (("++mlflow.run_id=" + "0" * 32,), ("override", f"there is no run `{'0' * 32}`")),
        ((NAMED[1],), ("default", "`{}` needs a trained run or a checkpoint, and none is named")),
        (
            ("++mlflow.tracking_uri=null", NAMED[0]),
            ("override", "`{}` needs a checkpoint, and none is named"),
        ),
        (("++mlflow.tracking_uri=null", "++ckpt_path=best"), ("override", "there is no checkpoint `best`")),
    ],
    ids=["checkpoint", "name", "id", "none", "nowhere", "checkpoint of nothing"],
)
def test_outlook_on_an_evaluation_is_what_it_says_itself(
    project: Path, operation: str, overrides: tuple[str, ...], told: tuple[str, str]
) -> None:
    """`check --runs` of `test` and `predict` tells what they tell when they look for their run and its checkpoint."""
    call = (operation, *overrides)

    checked = _call(project, "check", "config", *call, "--runs", "--format", "json")
    ran = _call(project, *call)

    (diagnostic,) = json.loads(checked.stdout)["diagnostics"]
    assert told == (
        diagnostic["origin"],
        diagnostic["message"].replace(f"`{operation}`", "`{}`").replace(f"to {operation}", "to {}"),
    )
    assert (1, 1, "SER407") == (checked.returncode, ran.returncode, diagnostic["code"])
    assert [True] * 2 == [text in ran.stderr for text in (diagnostic["message"], diagnostic["help"])]


def test_outlook_on_an_evaluation_that_runs_names_its_run(project: Path) -> None:
    """With a run that has the checkpoint, `check --runs` says that it is used."""
    checked = _call(project, "check", "config", "test", *NAMED, "++ckpt_path=last", "--runs")

    assert 0 == checked.returncode, checked.stdout + checked.stderr
    assert "run `one` in `e`: use (run " in checked.stdout


def test_log_of_a_job_is_an_artifact_of_its_run(project: Path, tmp_path: Path) -> None:
    """What the job wrote to its log file, and to no other, lies among the artifacts of the run."""
    run = StoredRun.open("sqlite:///mlflow.db", "one", project)

    paths = run.artifacts.paths("logs")

    assert ["logs/train.log"] == [*paths]
    log = Path(run.record.tags[layout.TAG_RUN_DIR]) / "train.log"
    assert log.read_bytes() == run.artifacts.fetch("logs/train.log", tmp_path, 10_000_000).read_bytes()


def test_runs_are_listed_and_nothing_is_left_to_send(project: Path) -> None:
    """`runs list` names the run with its state, and `runs sync` finds everything in the store."""
    (run,) = (
        found
        for found in json.loads(
            _call(project, "runs", "list", "--experiment", "e", "--format", "json").stdout
        )
        if found["name"] == "one"
    )
    synced = _call(project, "runs", "sync", "outputs")

    assert ("finished", "checkpoints/last.ckpt") == (run["state"], run["checkpoint"])
    assert (0, "everything is in the store\n") == (synced.returncode, synced.stdout)


def test_a_job_that_fails_gives_exit_3_and_no_traceback(project: Path) -> None:
    """A fault of the job itself is one line, also in the list of runs; its traceback lies in the job's folder."""
    fails = ("++mlflow.run_name=fails", f"model.latent_dim={10**15}")  # more than there is memory for
    process = _call(project, "train", *fails, "++mlflow.experiment_name=e")
    listed = _call(project, "runs", "list", "--experiment", "e", "--filter", "failed", "--limit", "1")

    assert 3 == process.returncode, process.stdout + process.stderr
    assert "Traceback" not in process.stderr + process.stdout
    assert "fails failed: InstantiationError: `model` could not be made" in listed.stdout
    assert "one " not in listed.stdout
    assert 80 >= max(map(len, listed.stdout.splitlines()))


def test_a_store_that_is_away_gives_exit_2_and_says_how_to_start_one(project: Path) -> None:
    """The message names the address and the command; no run folder is taken for a result."""
    process = _call(project, "train", "++mlflow.tracking_uri=http://127.0.0.1:9")

    assert 2 == process.returncode
    assert "http://127.0.0.1:9 cannot be reached" in process.stderr
    assert "mlflow server" in process.stderr


def test_the_composed_config_is_printed_on_request(project: Path) -> None:
    """`--cfg job` prints YAML with overrides applied and runs nothing."""
    process = _call(project, "train", "--cfg", "job", "model.latent_dim=7")

    assert (0, True) == (process.returncode, "latent_dim: 7" in process.stdout), process.stderr
