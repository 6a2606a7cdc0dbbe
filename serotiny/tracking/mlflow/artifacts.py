"""The artifacts of a run: in its store, or beside the sqlite database if the project was moved."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from serotiny.credentials.masking import mask_credentials
from serotiny.filesystem import is_file, is_folder, leads_out
from serotiny.schemas.rules.locations import fault_of_input_path, host_of, is_trusted_host
from serotiny.schemas.rules.user_hosts import user_hosts
from serotiny.tracking.errors import TrackingError, TransientTrackingError, unreachable
from serotiny.tracking.mlflow.artifact_folder import folder_here, folder_of, refuse_what_is_not_its_own
from serotiny.tracking.mlflow.http.rest import blocks_of
from serotiny.tracking.mlflow.retries import is_lost_connection, reason_of, retried

if TYPE_CHECKING:
    from mlflow import MlflowClient

_INDIRECT = frozenset({"models", "runs"})
"""Schemes that lead to whatever location the store has for something else."""
_SERVED = frozenset({"mlflow-artifacts", "http", "https"})


class RunArtifacts:
    """The artifacts of one run.

    A store that cannot be reached is a `TransientTrackingError`. The other exceptions of the artifact stores, each of
    which has its own, are not translated.

    A sqlite store records absolute paths, which are wrong once its project was moved or renamed; the artifacts are
    then looked for beside the database, where serotiny puts them.
    """

    def __init__(self, client: MlflowClient, run_id: str, database: Path | None) -> None:
        """`database` is the file of a sqlite store; None for other stores."""
        self._client = client
        self._run_id = run_id
        self._database = database

    def put(self, file: Path, folder: str) -> None:
        """Upload `file` into a folder ("" is the top); never half of it."""
        self._refuse_misplaced()
        with self._reached():
            if self._moved is None:
                self._client.log_artifact(self._run_id, str(file), folder or None)
            else:
                self._moved.log_artifact(str(file), folder or None)

    def paths(self, folder: str) -> set[str]:
        """The paths of the artifacts in a folder.

        Raises:
            TrackingError: it leads out of the run's artifacts, or is none.
        """
        self._refuse_misplaced()
        self._refuse_foreign(folder, is_folder)
        with self._reached():
            found = (
                self._client.list_artifacts(self._run_id, folder)
                if self._moved is None
                else self._moved.list_artifacts(folder)
            )
        return {item.path for item in found}

    def fetch(self, path: str, into: Path, most_bytes: int) -> Path:
        """A local copy of one artifact, below `into`.

        Raises:
            TrackingError: it leads out of that folder or of the run's artifacts, is no plain file, or a server sends
                more than `most_bytes` of it.
            TransientTrackingError: the store cannot be reached, or does not give an artifact that it has.
        """
        self._refuse_misplaced()
        self._refuse_foreign(path, is_file)
        try:
            with self._reached():
                found = self._download(path, into, most_bytes)
        except TrackingError:
            raise
        except Exception as error:
            # MLflow's client says the same of an artifact that does not exist and of a server that went away
            if self.may_have(path):
                raise self._withheld(path, error) from error
            raise
        if leads_out(Path(found), into):
            raise TrackingError(f"the artifact {path} leads out of the folder that it is fetched into")
        return Path(found)

    def may_have(self, path: str) -> bool:
        """Whether the store lists an artifact, or does not say which it has.

        Raises:
            TransientTrackingError: the store cannot be reached.
        """
        try:
            return path in self.paths(PurePosixPath(path).parent.as_posix())
        except TransientTrackingError:
            raise
        except Exception:  # such as refused credentials
            return True

    def _withheld(self, path: str, error: Exception) -> TransientTrackingError:
        if self._is_served:
            return unreachable(self._client.tracking_uri, f"it does not give {path}")
        return TransientTrackingError(
            f"{path} in {self._location} cannot be read: {reason_of(error)}; try again when it can"
        )

    def _download(self, path: str, into: Path, most_bytes: int) -> str:
        if self._is_served:
            return _apart(partial(self._download_file, path, into, most_bytes))
        if self._moved is None:
            return _apart(partial(self._client.download_artifacts, self._run_id, path, str(into)))
        return _apart(partial(self._moved.download_artifacts, path, str(into)))

    def _download_file(self, path: str, into: Path, most_bytes: int) -> Path:
        """Download a file from a server that passes it on.

        MLflow's `download_artifacts` asks for the folders in it first, and for those in them as long as the server
        names some; then it reads the file as long as the server sends any of it.
        """
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
        from mlflow.utils import rest_utils
        from mlflow.utils.credentials import get_default_host_creds

        target = into / path
        if leads_out(target, into):
            raise TrackingError(f"the artifact {path} leads out of the folder that it is fetched into")
        target.parent.mkdir(parents=True, exist_ok=True)
        repository: Any = get_artifact_repository(self._location, tracking_uri=self._client.tracking_uri)
        requests: Any = rest_utils
        credentials_of: Any = get_default_host_creds
        access = credentials_of(repository.artifact_uri)
        with requests.http_request(access, f"/{path}", "GET", stream=True) as response:
            requests.augmented_raise_for_status(response)
            read = partial(response.raw.read1, decode_content=True)
            try:
                with target.open("wb") as stream:
                    stream.writelines(blocks_of(read, self._client.tracking_uri, most_bytes))
            except BaseException:
                target.unlink(missing_ok=True)
                raise
        return target

    def _refuse_misplaced(self) -> None:
        """Check that a local artifact location is not a folder of the system or a hidden folder of the user.

        The store may be another person's, and could name any folder of this machine, or any host, to which MLflow
        would send its credentials.

        Raises:
            TrackingError: it is such a folder, or such a host, or no address at all.
        """
        uri = self._location
        try:
            parts = urlsplit(uri)
        except ValueError:
            uri = ""
        if not uri:
            raise TrackingError(
                f"the artifacts of run {self._run_id} cannot be used: the store does not say where they lie"
            )
        if parts.scheme in _INDIRECT:
            raise TrackingError(
                f"the artifacts of run {self._run_id} cannot be used: {uri} is no place of its own"
            )
        if parts.scheme in _SERVED and not is_trusted_host(uri, self._hosts):
            store = mask_credentials(str(self._client.tracking_uri))
            raise TrackingError(
                f"the artifacts of run {self._run_id} cannot be used: they lie on `{host_of(uri)}`, which only the "
                f"store {store} names; add that host to `trusted_hosts` in [tool.serotiny] if it is yours"
            )
        if parts.scheme not in {"", "file"} or self._moved is not None:
            return
        fault = fault_of_input_path(unquote(parts.path), PurePosixPath("/nowhere"))
        if fault is not None:
            raise TrackingError(
                f"the artifacts of run {self._run_id} cannot be used: their folder {uri} {fault}"
            )

    def _refuse_foreign(self, path: str, is_right: Callable[[Path], bool]) -> None:
        """Refuse a link out of the run's folder, a pipe and the like, where that folder is on this machine.

        MLflow would say `Invalid path`, or wait for what comes out of it.
        """
        folder = self._folder_here or folder_of(self._location)
        if folder is not None:
            refuse_what_is_not_its_own(folder, path, is_right)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """A context for a request.

        Raises:
            TransientTrackingError: the tracking server, or a store of artifacts beside it, cannot be reached.
        """
        try:
            yield
        except Exception as error:
            if isinstance(error.__context__, TrackingError):
                raise error.__context__ from None
            if not is_lost_connection(error):
                raise
            if self._is_served:
                raise unreachable(self._client.tracking_uri, reason_of(error)) from None
            raise TransientTrackingError(
                f"the artifacts in {self._location} cannot be reached: {reason_of(error)}; try again when they can"
            ) from None

    @property
    def _is_served(self) -> bool:
        """Whether the tracking server itself passes the artifacts on."""
        return urlsplit(self._location).scheme in _SERVED

    @property
    def _hosts(self) -> tuple[str, ...]:
        """The hosts that may be sent credentials, beside this machine."""
        own = host_of(self._client.tracking_uri)
        return (*user_hosts(), *([own] if own else []))

    @cached_property
    def _location(self) -> str:
        """The location of the artifacts that the store records."""
        run = retried(self._client.tracking_uri, lambda: self._client.get_run(self._run_id), attempts=1)
        found = run.info.artifact_uri
        return found if isinstance(found, str) else ""

    @cached_property
    def _folder_here(self) -> Path | None:
        """The folder beside the database; None if nothing was moved."""
        return None if self._database is None else folder_here(self._location, self._database)

    @cached_property
    def _moved(self) -> Any:
        """MLflow's artifact repository (untyped) of the folder beside the database; None if nothing was moved."""
        if self._folder_here is None:
            return None
        from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

        return LocalArtifactRepository(self._folder_here.as_uri())


def _apart(call: Callable[[], Any]) -> str:
    """The text that a call gives, which is made in a thread of its own.

    A signal's handler may raise in the main thread at any moment. While MLflow starts one of its own threads that would
    leave a thread which nobody ends, and for which Python waits when the process ends.
    """
    outcome: Future[str] = Future()

    def work() -> None:
        try:
            outcome.set_result(str(call()))
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=work, name="serotiny-download", daemon=True).start()
    return outcome.result()
