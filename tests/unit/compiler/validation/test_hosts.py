"""Which hosts are sent credentials and values of the environment."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import find_project
from serotiny.compiler.project.environment import added_variables
from serotiny.schemas.rules.user_hosts import ADDED_NAMES, add_variables, user_hosts

TOKEN = "MLFLOW_TRACKING_TOKEN"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (TOKEN, "MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PLANTED", "hunter2-in-the-environment")
    (tmp_path / "study/config").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.serotiny]\npackage = "study"\ntrusted_hosts = ["Ours.example.org", "db.example.org:5432"]\n'
    )
    return tmp_path


def told(root: Path, uri: str, *overrides: str) -> bool:
    (root / "study/config/train.yaml").write_text(f"mlflow: {{tracking_uri: '{uri}'}}\n" if uri else "")
    found = Compiler.of_project(find_project(root)).compile_call("train", overrides).diagnostics
    return "SER507" in {fault.code for fault in found}


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("https://other.example.org/${oc.env:PLANTED}", True),
        ("https://me:${oc.env:PLANTED}@other.example.org", True),
        ("https://${oc.env:PLANTED}.example.org", True),
        ("postgresql://me:${oc.env:PLANTED}@db.example.org:5433/mlflow", True),
        ("postgresql://me:${oc.env:PLANTED}@db.example.org:5432/mlflow", False),
        ("https://me:${oc.env:PLANTED}@ours.example.org", False),
        ("http://127.0.0.1:5000/${oc.env:PLANTED}", False),
        ("http://127.0.0.1.example.org/${oc.env:PLANTED}", True),
        ("http://localhost@other.example.org/${oc.env:PLANTED}", True),
        ("http://[::1]:5000/${oc.env:PLANTED}", False),
        ("https://other.example.org", False),
    ],
)
def test_values_of_the_environment_go_to_trusted_hosts_alone(root: Path, uri: str, expected: bool) -> None:
    """This machine and listed hosts are trusted; a plain address needs no trust."""
    assert expected == told(root, uri)


def test_an_address_that_the_environment_gives_is_trusted(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody but the user says what stands there, also for a part of an address."""
    monkeypatch.setenv("STORE", "https://store.example.org")
    monkeypatch.setenv("STORE_HOST", "host.example.org")

    assert not told(root, "${oc.env:STORE}")
    assert not told(root, "http://${oc.env:STORE_HOST}:5000")


def test_mlflows_token_goes_to_trusted_hosts_alone(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With credentials around, a host that a config names is refused; one that the user names is not."""
    monkeypatch.setenv(TOKEN, "a-token-of-the-user")

    assert told(root, "https://other.example.org")
    assert not told(root, "https://ours.example.org")
    assert not told(root, "", "mlflow.tracking_uri=https://other.example.org")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://other.example.org/mlflow")
    assert not told(root, "https://other.example.org")


def test_a_host_that_the_projects_env_file_names_is_not_the_users(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever writes the configs writes that file too; also in a job, where its variables are set, and a launcher's process."""
    (root / "pyproject.toml").write_text(
        '[tool.serotiny]\npackage = "study"\nconfig = "study/config"\nlayout = "lightning-hydra-template"\n'
    )
    (root / ".env").write_text(
        f"MLFLOW_TRACKING_URI=https://other.example.org\nSTORE=other.example.org\n{ADDED_NAMES}=nothing\n"
    )
    monkeypatch.setenv(TOKEN, "a-token-of-the-user")
    monkeypatch.setenv(ADDED_NAMES, "")

    for _ in range(2):
        assert told(root, "https://other.example.org")
        assert told(root, "${oc.env:MLFLOW_TRACKING_URI}")
        assert told(root, "https://${oc.env:STORE}")
        for name in ("MLFLOW_TRACKING_URI", "STORE"):
            monkeypatch.setenv(name, "")  # so that it is unset again after the test
            monkeypatch.delenv(name)
        add_variables(added_variables(find_project(root)))
        assert "https://other.example.org" == os.environ["MLFLOW_TRACKING_URI"]
        assert () == user_hosts()

    for name in ("MLFLOW_TRACKING_URI", "STORE", ADDED_NAMES):
        monkeypatch.delenv(name)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://other.example.org")
    assert not told(root, "https://other.example.org")


def test_a_projects_env_file_sends_its_own_credentials(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To a plain address; they are none of the user's."""
    monkeypatch.setenv(ADDED_NAMES, os.environ.get(ADDED_NAMES, ""))
    monkeypatch.setenv(TOKEN, "")
    monkeypatch.delenv(TOKEN)
    add_variables({TOKEN: "of-the-project"})

    assert not told(root, "https://other.example.org")
    monkeypatch.delenv(TOKEN)


@pytest.fixture
def logged(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of a user who has the credentials of two services."""
    monkeypatch.setenv(TOKEN, "a-token-of-the-user")
    monkeypatch.setenv("WANDB_API_KEY", "a-key-of-the-user")
    monkeypatch.setenv("STORE", "https://store.example.org")
    return root


def places_told(root: Path, logger: str) -> list[str | None]:
    (root / "study/config/train.yaml").write_text(
        f"trainer: {{_target_: pytorch_lightning.Trainer, logger: {logger}}}\n"
    )
    found = Compiler.of_project(find_project(root)).compile_call("train", ()).diagnostics
    return [fault.key for fault in found if fault.code == "SER507"]


MLFLOW = "_target_: pytorch_lightning.loggers.MLFlowLogger"


@pytest.mark.parametrize(
    ("logger", "expected"),
    [
        (f"{{{MLFLOW}, tracking_uri: 'http://other.example.org'}}", "trainer.logger.tracking_uri"),
        (f"[{{{MLFLOW}, tracking_uri: 'HTTP://other.example.org'}}]", "trainer.logger[0].tracking_uri"),
        (f"{{{MLFLOW}, tracking_uri: ' http://other.example.org'}}", "trainer.logger.tracking_uri"),
        (
            f"{{{MLFLOW}, tracking_uri: 'http://other.example.org\\@localhost'}}",
            "trainer.logger.tracking_uri",
        ),
        (f"{{{MLFLOW}, _args_: [a, b, 'https://other.example.org']}}", "trainer.logger._args_[2]"),
        (
            f"{{{MLFLOW}, artifact_location: 'mlflow-artifacts://other.example.org/a'}}",
            "trainer.logger.artifact_location",
        ),
        (
            "{_target_: lightning.pytorch.loggers.MLFlowLogger, tracking_uri: 'https://other.example.org'}",
            "trainer.logger.tracking_uri",
        ),
        ("{_target_: study.Own, registry_uri: 'https://other.example.org'}", "trainer.logger.registry_uri"),
        (
            f"{{{MLFLOW}, tracking_uri: 'postgresql://a:${{oc.env:PLANTED}}@other.example.org/b'}}",
            "trainer.logger.tracking_uri",
        ),
        (
            "{_target_: pytorch_lightning.loggers.WandbLogger, settings: {base_url: 'https://other.example.org'}}",
            "trainer.logger.settings.base_url",
        ),
    ],
)
def test_a_logger_sends_credentials_to_trusted_hosts_alone(logged: Path, logger: str, expected: str) -> None:
    """Whatever the logger, wherever the address stands, and however it is spelt."""
    assert [expected] == places_told(logged, logger)


@pytest.mark.parametrize(
    "logger",
    [
        f"{{{MLFLOW}, tracking_uri: 'http://127.0.0.1:5000'}}",
        f"{{{MLFLOW}, tracking_uri: 'https://ours.example.org'}}",
        f"{{{MLFLOW}, tracking_uri: '${{oc.env:STORE}}'}}",
        f"{{{MLFLOW}, tracking_uri: 'file:./ml-runs', artifact_location: 's3://bucket/${{oc.env:PLANTED}}'}}",
        f"{{{MLFLOW}, tracking_uri: '${{oc.env:PLANTED}}/mlruns', tags: {{page: 'https://other.example.org'}}}}",
        "{_target_: pytorch_lightning.loggers.CSVLogger, save_dir: 's3://bucket/runs'}",
        "{_target_: study.Own, base_url: 'https://other.example.org'}",
    ],
)
def test_a_logger_of_a_trusted_host_is_not_refused(logged: Path, logger: str) -> None:
    """Nor one of files, nor addresses to which nothing of the two services is sent."""
    assert [] == places_told(logged, logger)


def test_the_address_of_the_store_is_told_once(logged: Path) -> None:
    """Where a logger takes it from there; a typed one is the user's choice in both places."""
    (logged / "study/config/train.yaml").write_text(
        "mlflow: {tracking_uri: 'HTTPS://other.example.org'}\n"
        f"trainer: {{_target_: pytorch_lightning.Trainer, logger: {{{MLFLOW}, tracking_uri: '${{mlflow.tracking_uri}}'}}}}\n"
    )
    compiler = Compiler.of_project(find_project(logged))

    def told(*overrides: str) -> list[str | None]:
        found = compiler.compile_call("train", overrides).diagnostics
        return [fault.key for fault in found if fault.code == "SER507"]

    assert ["mlflow.tracking_uri"] == told()
    assert [] == told("mlflow.tracking_uri=https://other.example.org")
