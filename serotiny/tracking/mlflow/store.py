"""Open a tracking store: resolve its address, check within seconds that it answers, and silence MLflow."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import warnings
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote, urlsplit

from serotiny.schemas.mlflow import MlflowConfig
from serotiny.schemas.rules.user_hosts import add_variables
from serotiny.tracking.errors import (
    OtherVersionError,
    TimedOutError,
    TrackingError,
    TransientTrackingError,
    of_another_version,
    unreachable,
)
from serotiny.tracking.mlflow.artifact_folder import ARTIFACTS_FOLDER
from serotiny.tracking.mlflow.artifacts import RunArtifacts
from serotiny.tracking.mlflow.http.rest import PLAIN_AUTH, NotPlainError, RestConnection
from serotiny.tracking.mlflow.registry import MlflowRegistry, resolve_experiment
from serotiny.tracking.mlflow.retries import retried
from serotiny.tracking.mlflow.sink import MlflowSink
from serotiny.tracking.mlflow.sqlite.lock import queued_at
from serotiny.tracking.mlflow.sqlite.store import opening

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflow import MlflowClient

_T = TypeVar("_T")

_SQLITE = "sqlite:///"
_AUTH = "MLFLOW_TRACKING_AUTH"
_DEFAULT_PORTS = {"http": 80, "https": 443, "postgresql": 5432, "mysql": 3306, "mssql": 1433}
_DATABASES = frozenset({"postgresql", "mysql", "mssql"})
_PROBE_TIMEOUT_S = 5.0
_NOISY_LOGGERS = MappingProxyType(
    {
        "mlflow": logging.ERROR,
        "mlflow.store": logging.CRITICAL,
        "alembic": logging.ERROR,
        "sqlalchemy": logging.CRITICAL,
        "urllib3": logging.ERROR,
    }
)


@dataclass(frozen=True)
class Store:
    """An open tracking store and one experiment in it.

    Attributes:
        uri: resolved; it may hold credentials and is for requests only.
    """

    settings: MlflowConfig
    uri: str
    client: MlflowClient
    registry: MlflowRegistry

    def sink(self, run_id: str) -> MlflowSink:
        """The sink of one run."""
        return MlflowSink(self.client, self.registry, self.uri, run_id, self.artifacts(run_id))

    def artifacts(self, run_id: str) -> RunArtifacts:
        """The artifacts of one run."""
        return RunArtifacts(self.client, run_id, sqlite_file(self.uri))

    def queue(self) -> AbstractContextManager[None]:
        """A context in which the processes of this machine claim names one at a time; see `sqlite.lock`."""
        file = sqlite_file(self.uri)
        return queued_at(file) if file else contextlib.nullcontext()


def open_store(settings: MlflowConfig, root: Path) -> Store:
    """Open the store and the experiment of `settings`; both are created if they do not exist and can be created.

    Raises:
        TrackingError: the store cannot be reached or refuses.
    """
    if settings.tracking_uri is None:
        raise TrackingError("there is no tracking store: `mlflow.tracking_uri` is null")
    uri = resolve_tracking_uri(settings.tracking_uri, root)
    client = open_client(uri)
    experiment_id = resolve_experiment(client, settings.experiment_name, artifact_location_of(uri))
    return Store(settings, uri, client, MlflowRegistry(client, experiment_id))


def resolve_tracking_uri(uri: str, root: Path) -> str:
    """`uri` with a relative sqlite file or folder made absolute, relative to `root` and not the working directory.

    A job may run in its own folder, where `sqlite:///mlflow.db` must not mean another file.
    """
    if uri.startswith(_SQLITE):
        path = unquote(uri.removeprefix(_SQLITE))
        return uri if path in {"", ":memory:"} else f"{_SQLITE}{(root / path).absolute()}"
    # MLflow accepts these without `//`
    if "://" not in uri and not uri.startswith(("databricks", "file:", "uc:")):
        raise TrackingError(
            f"`{uri}` is not the address of a tracking store; write `http://HOST:PORT` or `sqlite:///FILE.db`"
        )
    return uri


def sqlite_file(uri: str) -> Path | None:
    """The database file of a (resolved) sqlite address."""
    if not uri.startswith(_SQLITE):
        return None
    return Path(uri.removeprefix(_SQLITE).partition("?")[0])


def artifact_location_of(uri: str) -> str | None:
    """The location of new artifacts: beside the database of a sqlite store; None lets other stores decide."""
    file = sqlite_file(uri)
    return (file.parent / ARTIFACTS_FOLDER).as_uri() if file else None


def check_alive(uri: str) -> None:
    """Check for at most a few seconds that a server accepts connections.

    MLflow itself would retry for minutes, and print the address with its password.

    Raises:
        TrackingError: no server listens at the address.
    """
    parts = urlsplit(uri)
    scheme = parts.scheme.partition("+")[0]
    if scheme not in _DEFAULT_PORTS:
        return
    try:
        port = parts.port or _DEFAULT_PORTS[scheme]
        if not parts.hostname:
            return  # a local socket, which the query names
        socket.create_connection((parts.hostname, port), timeout=_PROBE_TIMEOUT_S).close()
    except (OSError, ValueError) as error:
        raise unreachable(uri, _reason(error)) from None


def refuse_silent_server(uri: str) -> None:
    """Ask a server for one experiment, as MLflow's client does, which would wait for its headers without end.

    Raises:
        TimedOutError: they do not come in time. What else may be wrong is left to the client.
    """
    try:
        connection = RestConnection(uri)
    except NotPlainError:
        return
    with contextlib.closing(connection), contextlib.suppress(NotPlainError):
        try:
            connection.post("experiments/search", b'{"max_results": 1}')
        except TimedOutError:
            raise
        except TrackingError:
            return


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {_PROBE_TIMEOUT_S:.0f} s"
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


def open_client(uri: str) -> MlflowClient:
    """A client of the store with a resolved address; a sqlite file that does not exist is created.

    Raises:
        TrackingError: the store cannot be reached or opened.
    """
    check_alive(uri)
    refuse_silent_server(uri)
    _set_switches()
    _silence_loggers()
    file = sqlite_file(uri)
    try:
        with contextlib.ExitStack() as stack:
            stack.enter_context(warnings.catch_warnings())
            # Warnings about deprecations inside of mlflow and its dependencies do not concern our users.
            warnings.simplefilter("ignore")
            from mlflow import MlflowClient

            _silence_loggers()  # again, since importing mlflow resets their levels
            if file is not None:
                import mlflow.store.tracking.sqlalchemy_store  # noqa: F401  # takes seconds, so before the lock is taken

                stack.enter_context(
                    opening(file, uri, lambda beside: _translated(uri, lambda: _make(beside)))
                )
            elif not uri.startswith(("http://", "https://")) and _is_of_another_version(uri):
                raise of_another_version(uri)
            return _translated(uri, lambda: _connected(MlflowClient(uri)))
    except OSError as error:
        raise TrackingError(f"the tracking store {uri} cannot be opened: {error.strerror or error}") from None


def _translated(uri: str, connect: Callable[[], _T]) -> _T:
    """What `connect` gives, with each error of MLflow's or a driver's as one of ours.

    Raises:
        TrackingError: it cannot connect.
    """
    try:
        return retried(uri, connect)
    except (TransientTrackingError, OtherVersionError):
        raise
    except TrackingError as error:
        raise unreachable(uri, " ".join(str(error).split())) from None
    except Exception as error:  # of SQLAlchemy or a driver, whose text contains the password
        raise unreachable(uri, _in_one_line(error)) from None


def _make(uri: str) -> None:
    """Make the tables of a sqlite store, and the experiment `Default`, as MLflow's client does at its first request."""
    from mlflow.store.tracking import DEFAULT_LOCAL_FILE_AND_ARTIFACT_PATH
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    store = SqlAlchemyStore(uri, DEFAULT_LOCAL_FILE_AND_ARTIFACT_PATH)  # type: ignore[no-untyped-call]  # without types
    store.engine.dispose()


def _in_one_line(error: Exception) -> str:
    """The error of a database without the statement that SQLAlchemy adds to it."""
    return f"{type(error).__name__}: {error}".partition("\n")[0]


def _connected(client: MlflowClient) -> MlflowClient:
    """The client, after one request, without which a wrong address would not be noticed."""
    client.search_experiments(max_results=1)
    return client


def _is_of_another_version(uri: str) -> bool:
    """Whether a database has some but not all tables of this version of MLflow, so that opening it would migrate it."""
    if urlsplit(uri).scheme.partition("+")[0] not in _DATABASES:
        return False
    import mlflow.store.tracking.sqlalchemy_store  # noqa: F401  # defines the tables
    import sqlalchemy
    from mlflow.store.db.base_sql_model import Base

    engine = sqlalchemy.create_engine(uri, poolclass=sqlalchemy.pool.NullPool)
    try:
        names = set(sqlalchemy.inspect(engine).get_table_names())
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise unreachable(uri, _in_one_line(error)) from None
    expected = set(Base.metadata.tables)
    return bool(names & expected) and not expected <= names


def _set_switches() -> None:
    """Set MLflow's environment variables, unless the user has set them.

    They turn off "View run" lines (which print addresses and control characters of names) and usage statistics, bound
    what is read of an answer, and limit retries to seconds, since our sender retries itself.
    """
    for name, value in {
        "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",
        "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
        "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
        "MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER": "false",  # which may be an hour, in which a job would hang
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    }.items():
        os.environ.setdefault(name, value)
    if not os.environ.get(_AUTH):
        add_variables({_AUTH: PLAIN_AUTH})
    # No jitter: MLflow draws it from Python's global generator, which would change the results of the job.
    os.environ["MLFLOW_HTTP_REQUEST_BACKOFF_JITTER"] = "0"


def _silence_loggers() -> None:
    """Turn off loggers that print credentials; each error is raised as well, and its credentials are masked then."""
    for name, level in _NOISY_LOGGERS.items():
        logging.getLogger(name).setLevel(level)
