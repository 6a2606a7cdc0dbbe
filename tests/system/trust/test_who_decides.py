"""What is judged has no say in the judgement, and judging runs none of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.cli.main import main
from tests.fakes.hostile_configs import with_parts, write_study

HOSTILE = "model: {_target_: study_pkg.models.Tiny, width: 8, net: {_target_: os.system, command: touch @CANARY@}}\n"


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The config of a project whose modules tell when they are imported, with the project as the working directory."""
    config = write_study(tmp_path)
    models = tmp_path / "study_pkg" / "models.py"
    models.write_text(f"open({str(tmp_path / 'canary')!r}, 'w')\n{models.read_text()}")
    config.write_text(with_parts("", tmp_path / "canary"))
    monkeypatch.chdir(tmp_path)
    return config


@pytest.mark.parametrize(
    "call",
    [
        ("check", "config"),
        ("check", "config", "train", "hydra.job.chdir=true"),
        ("compile", "train"),
        ("explain", "model.width"),
        ("config", "study_pkg.models.Tiny"),
    ],
    ids=lambda call: call[0],
)
def test_nothing_of_a_project_is_imported_to_look_at_it(study: Path, call: tuple[str, ...]) -> None:
    """Its package and what lies beside it are read as text."""
    assert 0 == main(list(call))
    assert not (study.parents[2] / "canary").exists()


@pytest.mark.parametrize("name", ["trusted", "allowed"])
def test_a_plan_does_not_say_what_is_trusted(
    study: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its lists tell what was trusted when it was compiled; what is trusted here, the project's table says."""
    root = study.parents[2]
    assert 0 == main(["compile", "train", "-o", "plan.yaml"])
    harmless = "  model:\n    _target_: study_pkg.models.Tiny\n    width: 8\n"
    plan = (root / "plan.yaml").read_text()
    assert harmless in plan
    hostile = "  " + HOSTILE.replace("@CANARY@", str(root / "canary"))
    widened = plan.replace(harmless, hostile).replace(f"{name}: []", f"{name}: [os, os.system]")
    (root / "plan.yaml").write_text(widened)

    assert 1 == main(["train", "--plan", "plan.yaml"])
    assert "`os.system` may not be named by a config" in capsys.readouterr().err
    assert not (root / "canary").exists()


def test_a_config_does_not_say_what_is_trusted(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Keys that are called like those of the project's table are keys like all others."""
    lists = "trusted: [os]\nallow: [os.system]\ntool: {serotiny: {trusted: [os], allow: [os.system]}}\n"
    study.write_text(with_parts(HOSTILE + lists, study.parents[2] / "canary"))

    assert 1 == main(["train"])
    assert "error[SER502]" in capsys.readouterr().err
    assert not (study.parents[2] / "canary").exists()
