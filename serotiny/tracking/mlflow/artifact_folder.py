"""The folder of a run's artifacts where it is on this machine, in which another person may have put anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from serotiny.filesystem import is_folder, leads_out
from serotiny.tracking.errors import TrackingError, TransientTrackingError

ARTIFACTS_FOLDER = "mlartifacts"
_OF_DEFAULT = "mlruns"


def folder_of(location: str) -> Path | None:
    """The folder of a location of artifacts; None where it is none of this machine."""
    try:
        parts = urlsplit(location)
    except ValueError:
        return None
    path = Path(unquote(parts.path))
    return path if parts.scheme in {"", "file"} and not parts.netloc and path.is_absolute() else None


def refuse_what_is_not_its_own(folder: Path, path: str, is_right: Callable[[Path], bool]) -> None:
    """Refuse what leads out of the folder of a run's artifacts, or is of another kind than it should be.

    Raises:
        TransientTrackingError: it is a link to what is not there, as on a disk that is not mounted.
        TrackingError: it does, or is; what does not exist is not refused.
    """
    found = folder / path
    try:
        found.stat()
    except FileNotFoundError:
        if not found.is_symlink():
            return
        raise TransientTrackingError(
            f"{path} in {folder.as_uri()} cannot be read: it is a link to what is not there; try again when it is, or "
            "delete the link"
        ) from None
    except OSError:  # links that lead to one another
        pass
    if not is_right(found) or leads_out(found, folder):
        kind = "folder" if is_right is is_folder else "file"
        raise TrackingError(
            f"{path} in {folder.as_uri()} cannot be read: it is no {kind} of this run's own, but a link, a pipe or the "
            f"like; put the {kind} itself there, or delete it"
        )


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
