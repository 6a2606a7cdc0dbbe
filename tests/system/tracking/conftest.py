"""Stores that the tests share: each is started once, and only when a test asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .servers import MlflowServer, postgres_binaries, postgres_cluster

_WORKERS = 4


@pytest.fixture(scope="session")
def http_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an MLflow server over sqlite."""
    folder = tmp_path_factory.mktemp("http-sqlite")
    server = MlflowServer(folder, f"sqlite:///{folder}/mlflow.db", _WORKERS)
    server.start()
    yield server.uri
    server.kill()


@pytest.fixture(scope="session")
def http_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an MLflow server over PostgreSQL."""
    if postgres_binaries() is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    with postgres_cluster() as database:
        server = MlflowServer(tmp_path_factory.mktemp("http-postgres"), database, _WORKERS)
        server.start()
        yield server.uri
        server.kill()


@pytest.fixture(scope="session")
def plain_sqlite(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a sqlite store without a server."""
    return f"sqlite:///{tmp_path_factory.mktemp('plain-sqlite')}/mlflow.db"


@pytest.fixture(params=["http_sqlite", "http_postgres", "plain_sqlite"])
def store_uri(request: pytest.FixtureRequest) -> str:
    """Each kind of store in turn."""
    uri: str = request.getfixturevalue(request.param)
    return uri
