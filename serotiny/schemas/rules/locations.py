"""Where a config may point to on this machine: pure rules, nothing is opened."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

_TRACKING_SCHEMES = frozenset(
    {"http", "https", "sqlite", "postgresql", "mysql", "mssql", "databricks", "file", "uc"}
)

_HOST_AND_PORT = re.compile(r"[\w.-]+:\d+(?:/|$)")


def fault_of_checkpoint_path(path: str, project_root: PurePosixPath) -> str | None:
    """Why a checkpoint cannot be read from `path`, or None.

    A URL is refused because Lightning reads those with full unpickling, which runs code; a relative
    path may not leave the project, an absolute one says that it is meant.
    """
    if "://" in path:
        return "must be a local file: download it first"
    if not path:
        return "is empty: write `null` for none"
    if not PurePosixPath(path).is_absolute() and _climbs_out(path):
        return f"leaves the project {project_root}: write an absolute path if that is meant"
    return None


def fault_of_tracking_uri(uri: str, project_root: PurePosixPath) -> str | None:
    """Why runs cannot be recorded at `uri`, or None.

    An SQLite file is created where it is named, so it must lie below the project, the user's home or
    the system's temporary folder.
    """
    if not uri:
        return "is empty: write `null` to run without MLflow"
    if _HOST_AND_PORT.match(uri):
        return f"has no scheme: write `http://{uri}`"
    scheme = urlsplit(uri).scheme.split("+")[0]
    if not scheme or (len(scheme) == 1):
        return f"`{uri}` is a folder: MLflow keeps no runs in folders any more; write `sqlite:///mlflow.db`"
    if scheme not in _TRACKING_SCHEMES:
        return f"has the scheme `{scheme}://`, which MLflow does not know"
    if scheme == "file":
        return "is a folder: MLflow keeps no runs in folders any more; write `sqlite:///mlflow.db`"
    if scheme != "sqlite":
        return None
    database = uri.split(":///", 1)[1] if ":///" in uri else ""
    if not database or database.split("?")[0] == ":memory:":
        return "names no file: write `sqlite:///mlflow.db`"
    path = PurePosixPath(database.split("?")[0])
    if not path.is_absolute():
        return f"leaves the project {project_root}" if _climbs_out(str(path)) else None
    allowed = (project_root, PurePosixPath(Path.home()), PurePosixPath(tempfile.gettempdir()))
    if ".." in path.parts or not any(path.is_relative_to(folder) for folder in allowed):
        return "creates a database outside the project, your home folder and the temporary folder"
    return None


_SYSTEM = tuple(
    PurePosixPath(f"/{name}")
    for name in [
        "bin",
        "boot",
        "dev",
        "etc",
        "lib",
        "lib32",
        "lib64",
        "proc",
        "root",
        "sbin",
        "sys",
        "usr",
        "var",
    ]
)
_INTERPOLATION = re.compile(r"\$\{[^{}]*\}")


def fault_of_output_path(path: str, project_root: PurePosixPath) -> str | None:
    """Why nothing may be written to `path`, or None; interpolations in it count as names."""
    plain = path
    while (shorter := _INTERPOLATION.sub("x", plain)) != plain:
        plain = shorter
    target = PurePosixPath(plain)
    if not target.is_absolute():
        return "leaves the project" if _climbs_out(plain) else None
    allowed = (project_root, PurePosixPath(Path.home()), PurePosixPath(tempfile.gettempdir()))
    if ".." in target.parts:
        return "climbs with `..`: write the path out"
    if any(target.is_relative_to(folder) for folder in allowed) or not any(
        target.is_relative_to(folder) for folder in _SYSTEM
    ):
        return None
    return f"is `{path}`, in a folder of the system"


def _climbs_out(path: str) -> bool:
    depth = 0
    for part in PurePosixPath(path).parts:
        depth += -1 if part == ".." else 0 if part == "." else 1
        if depth < 0:
            return True
    return False
