"""Twelve secrets, planted in twelve ways: none is in a byte that a command prints or a run writes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SECRETS = tuple(f"Planted{number:02d}Canary" for number in range(1, 13))

PARTS = """
import logging
import pytorch_lightning as pl


class Net(pl.LightningModule):
    def __init__(self, **given):
        super().__init__()
        logging.getLogger(__name__).warning("made with %s", given)
        raise ValueError(f"cannot go on with {given}")


class Data(pl.LightningDataModule):
    pass
"""

TRAIN = f"""
model:
  _target_: planted.parts.Net
  api_key: {SECRETS[0]}
  nested: {{password: "{SECRETS[1]}", pwd: {SECRETS[2]}}}
  plain: ${{oc.env:PLANTED_A}}
  inside: before-${{oc.env:PLANTED_B}}-behind
  copied: ${{model.plain}}
  decoded: ${{oc.decode:${{oc.env:PLANTED_C}}}}
  url: https://me:{SECRETS[6]}@example.org/x
  query: https://example.org/x?token={SECRETS[7]}
  header: Bearer {SECRETS[8]}
  deep: [{{client_secret: {SECRETS[9]}}}]
data:
  _target_: planted.parts.Data
mlflow:
  tracking_uri: null
"""

OVERRIDES = (f"++model.extra={{password:{SECRETS[10]}}}", f"++model.hf_token={SECRETS[11]}")
NAMED_ALIKE = ("++mlflow.run_name=${oc.env:PLANTED_A}", "++mlflow.tracking_uri=sqlite:///runs.db")
ENVIRONMENT = {"PLANTED_A": SECRETS[3], "PLANTED_B": SECRETS[4], "PLANTED_C": f"[{SECRETS[5]}]"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    config = tmp_path / "planted" / "config"
    config.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[tool.serotiny]\npackage = "planted"\n')
    (tmp_path / "planted" / "__init__.py").touch()
    (tmp_path / "planted" / "parts.py").write_text(PARTS)
    (config / "train.yaml").write_text(TRAIN)
    return tmp_path


@pytest.mark.parametrize(
    "call",
    [
        ("check", "config", "train", *OVERRIDES, "++model.plain=${oc.env:PLANTED_A}"),
        ("check", "config", "train", *OVERRIDES, "++data.wrong=1", "--format", "json"),
        ("check", "config", "train", *OVERRIDES, "++data.wrong=1", "--format", "github"),
        ("check", "config", "train", "++mlflow.tracking_uri=${oc.env:PLANTED_A}"),
        ("check", "config", "train", "++model.made={_target_:nothing.${oc.env:PLANTED_A}}"),
        ("check", "config", "train", "-m", *NAMED_ALIKE, "seed=1,2"),
        ("train", "--cfg", "all", *OVERRIDES),
        ("train", "--info", "config", *OVERRIDES),
        ("compile", "train", *OVERRIDES, "-o", "plan.yaml"),
        ("train", *OVERRIDES),
        ("rehearse", "train", *OVERRIDES),
        ("train", "-m", *OVERRIDES, "seed=1,2"),
    ],
    ids=lambda call: "-".join(word for word in call if word.isalpha() or word in ("-m", "--cfg", "--info")),
)
def test_no_planted_secret_comes_out(project: Path, call: tuple[str, ...]) -> None:
    """Neither the screen nor any file of a job that fails, a sweep, a plan, a report or a cache holds one."""
    given = {file: file.read_bytes() for file in project.rglob("*") if file.is_file()}
    process = subprocess.run(
        [sys.executable, "-m", "serotiny.cli.main", *call],
        cwd=project,
        env={**os.environ, **ENVIRONMENT, "SEROTINY_CACHE_DIR": str(project / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "Traceback" not in process.stderr
    shown = {"stdout": process.stdout.encode(), "stderr": process.stderr.encode()}
    written = {
        str(file.relative_to(project)): file.read_bytes()
        for file in project.rglob("*")
        if file.is_file() and file not in given and file.suffix != ".pyc"
    }
    found = [
        (name, secret)
        for name, content in {**shown, **written}.items()
        for secret in SECRETS
        if secret.encode() in content
    ]
    assert [] == found
