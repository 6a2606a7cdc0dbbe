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


PROGRAMS = """
[core]
    fsmonitor = {0}
    hooksPath = {1}
    sshCommand = {0}
[diff]
    external = {0}
[diff "own"]
    textconv = {0}
    command = {0}
[filter "own"]
    clean = {0}
    process = {0}
    required = true
"""


def _repository(folder: Path, canary: Path) -> Path:
    """A repository with a change, whose own settings name a program wherever git starts one."""
    folder.mkdir()
    (folder / "code.py").write_text("a = 1\n")
    git(folder, "init", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "first")
    hooks = folder / "hooks"
    hooks.mkdir()
    program = hooks / "post-index-change"
    program.write_text(f"#!/bin/sh\ntouch {canary}\n")
    program.chmod(0o755)
    with (folder / ".git/config").open("a") as settings:
        settings.write(PROGRAMS.format(program, hooks))
    (folder / ".gitattributes").write_text("* diff=own filter=own\n")
    (folder / "code.py").write_text("a = 2\n")
    return folder


def test_a_repository_that_names_programs_is_asked_without_them(make_plan: MakePlan, tmp_path: Path) -> None:
    """Its commit, that it was changed, and the change, as of any other; nothing of its settings is run."""
    folder = _repository(tmp_path / "repository", tmp_path / "canary")

    tags = provenance_tags(replace(make_plan(), project_root=str(folder)))
    changes = uncommitted_changes(folder, KnownSecrets(()))

    assert "true" == tags["mlflow.source.git.dirty"]
    assert "+a = 2" in (changes or "")
    assert not (tmp_path / "canary").exists()


def test_a_folder_with_the_files_of_a_repository_is_none(make_plan: MakePlan, tmp_path: Path) -> None:
    """It may have come with a clone, and its settings would count."""
    _repository(tmp_path / "repository", tmp_path / "canary")
    folder = tmp_path / "bare"
    (tmp_path / "repository/.git").rename(folder)
    with (folder / "config").open("a") as settings:
        settings.write(f"[core]\n    bare = false\n    worktree = {tmp_path / 'repository'}\n")

    tags = provenance_tags(replace(make_plan(), project_root=str(folder)))

    assert not [key for key in tags if "git" in key]
    assert not (tmp_path / "canary").exists()
