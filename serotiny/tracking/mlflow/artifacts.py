"""The artifacts of a run: in its store, or beside the sqlite database if the project was moved."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from serotiny.filesystem import is_folder
from serotiny.schemas.rules.locations import fault_of_input_path
from serotiny.tracking.errors import TrackingError

if TYPE_CHECKING:
    from mlflow import MlflowClient

ARTIFACTS_FOLDER = "mlartifacts"
_OF_DEFAULT = "mlruns"


class RunArtifacts:
    """The artifacts of one run. The exceptions of the artifact stores, each of which has its own, are not translated.

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
        if self._moved is None:
            self._client.log_artifact(self._run_id, str(file), folder or None)
        else:
            self._moved.log_artifact(str(file), folder or None)

    def paths(self, folder: str) -> set[str]:
        """The paths of the artifacts in a folder."""
        self._refuse_misplaced()
        found = (
            self._client.list_artifacts(self._run_id, folder)
            if self._moved is None
            else self._moved.list_artifacts(folder)
        )
        return {item.path for item in found}

    def fetch(self, path: str, into: Path) -> Path:
        """A local copy of one artifact, below `into`."""
        self._refuse_misplaced()
        source = self._client.download_artifacts if self._moved is None else None
        found = (
            source(self._run_id, path, str(into))
            if source
            else self._moved.download_artifacts(path, str(into))
        )
        if not Path(found).resolve().is_relative_to(into.resolve()):
            raise TrackingError(f"the artifact {path} leads out of the folder that it is fetched into")
        return Path(found)

    def _refuse_misplaced(self) -> None:
        """Check that a local artifact location is not a folder of the system or a hidden folder of the user.

        The store may be another person's, and could name any folder of this machine.

        Raises:
            TrackingError: it is such a folder.
        """
        uri = self._location
        parts = urlsplit(uri)
        if parts.scheme not in {"", "file"} or self._moved is not None:
            return
        fault = fault_of_input_path(unquote(parts.path), PurePosixPath("/nowhere"))
        if fault is not None:
            raise TrackingError(
                f"the artifacts of run {self._run_id} cannot be used: their folder {uri} {fault}"
            )

    @cached_property
    def _location(self) -> str:
        """The location of the artifacts that the store records."""
        return str(self._client.get_run(self._run_id).info.artifact_uri)

    @cached_property
    def _moved(self) -> Any:
        """MLflow's artifact repository (untyped) of the folder beside the database; None if nothing was moved."""
        if self._database is None:
            return None
        folder = folder_here(self._location, self._database)
        if folder is None:
            return None
        from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

        return LocalArtifactRepository(folder.as_uri())


def folder_here(artifact_uri: str, database: Path) -> Path | None:
    """The folder of the artifacts beside the database, if the project was moved and the recorded folder is wrong."""
    parts = urlsplit(artifact_uri)
    if parts.scheme not in {"", "file"}:
        return None
    stored = Path(unquote(parts.path))
    for below in (
        2,
        3,
    ):  # ours: mlartifacts/RUN/artifacts; of the experiment `Default`: mlruns/0/RUN/artifacts
        root = stored.parents[below - 1] if len(stored.parents) > below else stored
        if root.name in {ARTIFACTS_FOLDER, _OF_DEFAULT}:
            here = database.parent / root.name / stored.relative_to(root)
            return here if here != stored and (is_folder(here) or not is_folder(root)) else None
    return None  # a location that the user chose
