"""Where a config may point to, judged where a path really leads."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path, PurePosixPath

import pytest

from serotiny.schemas.rules.locations import (
    fault_of_checkpoint_path,
    fault_of_input_path,
    fault_of_output_path,
    fault_of_tracking_uri,
)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PurePosixPath:
    """A project in no temporary folder, with links out of it."""
    home = tmp_path / "home"
    for folder in ("project/data", "temporary", "home/.ssh", "home/.cache", "data"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "project/etc").symlink_to("/etc")
    (tmp_path / "project/keys").symlink_to(home / ".ssh")
    (tmp_path / "project/elsewhere").symlink_to(tmp_path / "data")
    (tmp_path / "project/loop").symlink_to(tmp_path / "project/loop")
    os.mkfifo(tmp_path / "project/pipe")
    (tmp_path / "project/notes.txt").write_text("no database, but a text")
    (tmp_path / "project/empty.db").touch()
    with closing(sqlite3.connect(tmp_path / "project/made.db")) as database:
        database.execute("CREATE TABLE runs (name)")
    return PurePosixPath(tmp_path / "project")


@pytest.mark.parametrize(
    "uri",
    [
        "sqlite:////etc/mlflow.db",
        "sqlite:////%65tc/mlflow.db",
        "sqlite:///%2e%2e/%2e%2e/mlflow.db",
        "sqlite:///../mlflow.db",
        "sqlite:///etc/mlflow.db",
        "sqlite:///keys/mlflow.db",
        "sqlite:///file:/etc/mlflow.db?uri=true",
        "sqlite:///mlflow.db?mode=memory",
        "sqlite:///%66ile:mlflow.db%3Furi=true",
        "sqlite+pysqlite:///mlflow.db",
        "sqlite://",
        "http://[::1",
        "http://host:99999999",
        "http://a host:5000",
        "postgresql:///a host",
        " sqlite:///mlflow.db",
        "sqlite:///mlflow\u2028.db",
        "http://host:5000/\n",
        f"http://{'a' * 5_000}",
        "sqlite:///pipe",
        "sqlite:///notes.txt",
    ],
)
def test_a_store_elsewhere_or_nowhere_is_refused(root: PurePosixPath, uri: str) -> None:
    """Escapes, links, options of SQLite's own, broken addresses and other files are seen through."""
    assert fault_of_tracking_uri(uri, root) is not None


@pytest.mark.parametrize(
    "uri",
    [
        "sqlite:///mlflow.db",
        "sqlite:///data/my%20runs.db",
        "sqlite:///my data/100% mine.db",
        "sqlite:///mlflow.db?timeout=30",
        "sqlite:///empty.db",
        "sqlite:///made.db",
        "http://127.0.0.1:5000",
        "http://[::1]:5000",
        "https://me:secret@mlflow.example.org/path",
        "postgresql+psycopg2://me@db/mlflow",
        "databricks://profile",
    ],
)
def test_a_store_in_its_place_is_accepted(root: PurePosixPath, uri: str) -> None:
    """What people write is fine."""
    assert fault_of_tracking_uri(uri, root) is None


@pytest.mark.parametrize(
    ("address", "fix"),
    [
        ("file:///data/my%20run/last.ckpt", "write `/data/my run/last.ckpt`"),
        ("runs:/0123/checkpoints/last.ckpt", "`mlflow.run_id`"),
        ("models:/digits/1", "`mlflow.run_id`"),
        ("https://example.org/last.ckpt", "download it first"),
    ],
)
def test_checkpoint_by_an_address_is_told_what_to_write(root: PurePosixPath, address: str, fix: str) -> None:
    """A local one as a path, one of MLflow's by its run, and any other one once it is here."""
    fault = fault_of_checkpoint_path(address, root)

    assert fault is not None
    assert fix in fault


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "etc/passwd", "keys/id_rsa", "~/.ssh/../.ssh/id_rsa", "/proc/self/mem"]
)
def test_files_of_the_system_and_of_its_user_are_not_read(root: PurePosixPath, path: str) -> None:
    """Neither as data nor as a checkpoint, whatever leads there."""
    path = path.replace("~", str(Path.home()))

    assert fault_of_input_path(path, root) is not None
    assert fault_of_checkpoint_path(path, root) is not None


@pytest.mark.parametrize("path", ["data/a.csv", "elsewhere/a.csv", "~/.cache/a.csv", "/data/a.csv", "loop"])
def test_data_may_lie_anywhere_else(root: PurePosixPath, path: str) -> None:
    """Links to folders for data are common."""
    assert fault_of_input_path(path.replace("~", str(Path.home())), root) is None


@pytest.mark.parametrize(
    ("path", "is_fine"),
    [
        ("outputs/${now:%Y}", True),
        ("elsewhere/outputs", True),
        ("/scratch/outputs", True),
        ("etc/outputs", False),
        ("keys", False),
        ("/etc/outputs", False),
        ("../outputs", False),
        ("/scratch/../etc", False),
    ],
)
def test_outputs_lie_where_the_path_really_leads(root: PurePosixPath, path: str, is_fine: bool) -> None:
    """A link into a folder of the system is that folder."""
    assert is_fine == (fault_of_output_path(path, root) is None)
