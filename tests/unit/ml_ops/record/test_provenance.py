from __future__ import annotations

import json
import platform
import subprocess
from dataclasses import replace
from importlib import metadata
from pathlib import Path

from serotiny.credentials.known import KnownSecrets
from serotiny.ml_ops.record.environment import environment_text, uncommitted_changes
from serotiny.ml_ops.record.provenance import provenance_tags
from tests.unit.ml_ops.conftest import MakePlan


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    done = subprocess.run(
        ["git", "-C", str(folder), *who, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_run_says_where_it_comes_from(make_plan: MakePlan, tmp_path: Path) -> None:
    """Command, options, commit and whether files differ from it, under MLflow's names; credentials are masked."""
    (tmp_path / "code.py").write_text("a = 1\n")
    git(tmp_path, "init", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    plan = replace(
        make_plan(),
        project_root=str(tmp_path),
        overrides=("model=vae", "++mlflow.tracking_uri=https://me:hunter2@example.org"),
        choices={"model": "vae"},
    )

    clean = provenance_tags(plan)
    (tmp_path / "code.py").write_text("a = 2\n")
    changed = provenance_tags(plan)

    assert git(tmp_path, "rev-parse", "HEAD") == clean["mlflow.source.git.commit"]
    assert ("false", "true") == (clean["mlflow.source.git.dirty"], changed["mlflow.source.git.dirty"])
    assert ("main", "vae") == (clean["mlflow.source.git.branch"], clean["serotiny.choice.model"])
    assert clean["mlflow.source.name"].startswith("serotiny train model=vae ")
    assert "hunter2" not in str(clean)


def test_outside_of_a_repository_nothing_is_said_of_git(make_plan: MakePlan, tmp_path: Path) -> None:
    """A project need not be in git."""
    tags = provenance_tags(replace(make_plan(), project_root=str(tmp_path)))

    assert not [key for key in tags if "git" in key]


def test_what_was_not_committed_is_told_without_what_is_secret(make_plan: MakePlan, tmp_path: Path) -> None:
    """A diff of the project's folder; values of the config from the environment, and what looks like one, are masked."""
    (tmp_path / "code.yaml").write_text("a: 1\n")
    git(tmp_path, "init", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    secrets = KnownSecrets.between({"key": "correct-horse"}, {"key": "${oc.env:KEY}"})
    assert uncommitted_changes(tmp_path, secrets) is None

    (tmp_path / "code.yaml").write_text("a: 2\nb: correct-horse\npassword: hunter2hunter2\n")
    changes = uncommitted_changes(tmp_path, secrets)

    assert changes is not None
    assert "-a: 1\n+a: 2\n+b: ***\n+password: ***" in changes


def test_outside_of_a_repository_no_changes_are_known(tmp_path: Path) -> None:
    """A project need not be in git."""
    assert uncommitted_changes(tmp_path, KnownSecrets(iter(()))) is None


def test_the_environment_has_the_versions_that_are_installed() -> None:
    """Each distribution under its name, and Python's version."""
    found = json.loads(environment_text())
    for name in ("torch", "pytorch-lightning", "mlflow"):
        assert metadata.version(name) == found["packages"][name]
    assert platform.python_version() == found["python"]
