"""The entry point: exit statuses, wrong calls, and no traceback whatever happens."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from serotiny.cli.main import main

MODEL = "_target_: serotiny.models.TabularVAE\nx_label: x\nx_dim: 2\nlatent_dim: 2\nhidden_layers: [8]\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small complete project, which is the current folder."""
    for name, text in {
        "pyproject.toml": '[tool.serotiny]\npackage = "pkg"\n',
        "pkg/__init__.py": "",
        "pkg/config/model/default.yaml": MODEL,
        "pkg/config/data/default.yaml": "_target_: pytorch_lightning.LightningDataModule\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["check", "config"], 0),
        (["check", "config", "train", "model.x_dim=3"], 0),
        (["check", "config", "train", "model.x_dim=x"], 1),
        (["check", "config", "train", "model.x_dim=3,x", "-m"], 1),
        (["check", "config", "fit"], 2),
        (["check", "config", "-m"], 2),
        (["check", "config", "--config-dir", "gone"], 2),
        (["check", "config", "--format", "xml"], 2),
        (["check", "config", "--no-such-option"], 2),
        (["train", "model.x_dim=x"], 1),
        (["train", "--plan", "gone.yaml"], 2),
        (["--version"], 0),
        (["--help"], 0),
    ],
)
@pytest.mark.usefixtures("project")
def test_exit_status_tells_what_is_wrong(
    arguments: list[str], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 nothing, 1 the configuration, 2 the call or the environment; a traceback never."""
    assert status == main(arguments)

    shown = capsys.readouterr()
    assert "Traceback" not in shown.out + shown.err


@pytest.mark.usefixtures("project")
def test_overrides_of_a_plan_are_answered_with_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """A plan takes no overrides; the command that compiles another one is printed, and works."""
    compiled = main(["compile", "train", "model.x_dim=3", "++seed=1", "-o", "plan.yaml"])
    refused = main(["train", "--plan", "plan.yaml", "++model.x_dim=4"])

    command = "serotiny compile train ++seed=1 ++model.x_dim=4 -o plan-changed.yaml"
    assert command in capsys.readouterr().err
    assert (0, 2, 0) == (compiled, refused, main(command.split()[1:]))
    assert Path("plan-changed.yaml").is_file()


def test_no_project_is_a_wrong_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message goes to stderr, and nothing to stdout."""
    monkeypatch.chdir(tmp_path)

    assert 2 == main(["check", "config"])
    shown = capsys.readouterr()
    assert "" == shown.out
    assert shown.err.startswith(f"error: no serotiny project in {tmp_path} or above")


@pytest.mark.parametrize(
    ("typed", "hint"),
    [("chek", "there is no command `chek`; did you mean `check`?"), ("zzz", "there is no command `zzz`\n")],
)
def test_an_unknown_command_names_the_closest(
    typed: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip of the finger is answered with the command that was meant, if one is close."""
    assert 2 == main([typed])
    assert hint in capsys.readouterr().err


@pytest.mark.usefixtures("project")
def test_quiet_says_nothing_but_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    """A clean check is silent; faults are reported as ever."""
    assert 0 == main(["--quiet", "check", "config", "train"])
    assert ("", "") == capsys.readouterr()

    assert 1 == main(["--quiet", "check", "config", "train", "model.x_dim=x"])
    assert "error[SER303]" in capsys.readouterr().out


def test_quiet_keeps_documents_whole(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A program that asked for JSON gets it, quiet or not."""
    assert 0 == main(["--quiet", "check", "config", "train", "--format", "json"])
    assert capsys.readouterr().out.startswith('{\n  "version": 1')
    assert project == Path.cwd()


@pytest.mark.usefixtures("project")
def test_a_folder_that_is_gone_is_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """A current folder that was deleted meanwhile ends with one line on stderr."""
    gone = Path("gone")
    gone.mkdir()
    os.chdir(gone)
    gone_path = Path.cwd()
    gone_path.rmdir()

    assert 2 == main(["check", "config"])
    assert 1 == len(capsys.readouterr().err.splitlines())


@pytest.mark.usefixtures("project")
def test_a_check_writes_nothing(project: Path) -> None:
    """The files of a project are the same before and after, whatever the outcome."""
    before = sorted(project.rglob("*"))

    main(["check", "config"])
    main(["check", "config", "train", "model.x_dim=x"])

    assert before == sorted(project.rglob("*"))


@pytest.mark.usefixtures("project")
def test_ctrl_c_before_a_job_says_how_to_start_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing has begun while the configuration is compiled."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    former = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    try:
        status = main(["train"])
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)

    assert 130 == status
    assert "interrupted before a job began: the same command starts it" == capsys.readouterr().err.strip()
