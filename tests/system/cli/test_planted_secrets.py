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
hydra:
  job:
    env_set: {{MY_TOKEN: {SECRETS[0]}, API_TOKEN_2: {SECRETS[1]}, GITHUB_PAT: {SECRETS[2]}, clientSecret: {SECRETS[6]}}}
"""

TRAINED = """
import logging

import pytorch_lightning as pl
import torch


class Net(pl.LightningModule):
    def __init__(self, **given):
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(1, 1)
        logging.getLogger(__name__).warning("made with %s", given)

    def training_step(self, batch, _):
        loss = self.layer(batch).sum()
        self.log("loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


class Data(pl.LightningDataModule):
    def __init__(self, **given):
        super().__init__()
        self.save_hyperparameters()

    def train_dataloader(self):
        return torch.utils.data.DataLoader(torch.zeros(2, 1))
"""

RECORDED = f"""
  tracking_uri: sqlite:///runs.db
  tags:
    hf_token: {SECRETS[0]}
    from_environment: ${{oc.env:PLANTED_A}}
    inside: before-${{oc.env:PLANTED_B}}
    address: https://me:{SECRETS[6]}@example.org/x
trainer: {{max_epochs: 1, enable_progress_bar: false}}
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
    process = _called(project, call)

    assert "Traceback" not in process.stderr
    assert [] == _found(process, project, given)


def test_no_planted_secret_is_in_what_a_training_records(project: Path) -> None:
    """Neither in the tags, parameters and configs of the run, nor in its checkpoint, journal, report and log."""
    (project / "planted" / "parts.py").write_text(TRAINED)
    config = project / "planted" / "config" / "train.yaml"
    data = f"data:\n  password: {SECRETS[1]}\n  plain: ${{oc.env:PLANTED_A}}\n"
    config.write_text(TRAIN.replace("data:\n", data).replace("\n  tracking_uri: null\n", RECORDED))
    given = {file: file.read_bytes() for file in project.rglob("*") if file.is_file()}

    process = _called(project, ("train", *OVERRIDES, "++mlflow.run_name=recorded"))

    assert 0 == process.returncode, process.stderr
    assert [True, True] == [any(project.rglob(name)) for name in ("last.ckpt", "runs.db")]
    assert [] == _found(process, project, given)


def _called(project: Path, call: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "serotiny.cli.main", *call],
        cwd=project,
        env={**os.environ, **ENVIRONMENT, "SEROTINY_CACHE_DIR": str(project / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )


def _found(
    process: subprocess.CompletedProcess[str], project: Path, given: dict[Path, bytes]
) -> list[tuple[str, str]]:
    """Where which secret is, in what was said and written."""
    shown = {"stdout": process.stdout.encode(), "stderr": process.stderr.encode()}
    written = {
        str(file.relative_to(project)): file.read_bytes()
        for file in project.rglob("*")
        if file.is_file() and file not in given and file.suffix != ".pyc"
    }
    return [
        (name, secret)
        for name, content in {**shown, **written}.items()
        for secret in SECRETS
        if secret.encode() in content
    ]
