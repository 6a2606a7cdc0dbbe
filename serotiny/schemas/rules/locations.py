"""Where a config may point to: on this machine, judged where a path really leads, and on others.

Nothing is opened but a database, of which the first bytes are read.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from serotiny.diagnostics.suggestions import closest
from serotiny.filesystem import is_file, is_folder, is_there, open_plain_file, real_path

_TRACKING_SCHEMES = frozenset(
    {"http", "https", "sqlite", "postgresql", "mysql", "mssql", "databricks", "file", "uc"}
)

_DATABASE_OPTIONS = frozenset(
    {
        "application_name",
        "charset",
        "client_encoding",
        "collation",
        "connect_timeout",
        "driver",
        "encrypt",
        "keepalives",
        "keepalives_idle",
        "options",
        "read_timeout",
        "ssl",
        "ssl_ca",
        "ssl_cert",
        "ssl_key",
        "ssl_mode",
        "sslcert",
        "sslkey",
        "sslmode",
        "sslrootcert",
        "target_session_attrs",
        "timeout",
        "trustservercertificate",
        "write_timeout",
    }
)
"""Of the options behind a database's `?` those that neither name another host, nor what is loaded or handed out."""

_LONGEST_ADDRESS = 4_000
_WORDS_FOR_NONE = frozenset({"none", "null", "false", "no", "off", "disabled"})
_FIRST_BYTES = b"SQLite format 3\0"
_SQLITE_OPTIONS = frozenset({"", "timeout", "check_same_thread", "cached_statements"})
_DRIVER = re.compile(r"\{?[\w .()-]+\}?")
_FILE = re.compile(r"[\w.-]+(?:/[\w.-]+)*", re.ASCII)
_BRACKETS = re.compile(r"[^\[\]]*|\[[0-9A-Fa-f:.]+\](?::\d*)?")
"""A host with its port; brackets are those of an IPv6 address, with nothing but the port behind them."""
_LOOPBACK = re.compile(r"127(?:\.\d{1,3}){3}|::1")
_SHARED_MEMORY = PurePosixPath("/dev/shm")  # where loaders keep data; nothing is made there by this
_PRIVATE_EXCEPT = frozenset({".cache", ".local"})
_DATABASES = (".db", ".sqlite", ".sqlite3")
"""How the names of database files end."""
_INSTEAD_OF_A_FOLDER = "write `sqlite:///mlflow.db`, or `http://HOST:PORT` for a server"
_HOST_AND_PORT = re.compile(r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\]):\d+(?:/|$)")
_PORT = re.compile(r":?(\d{2,5})")
_OF_FILES = frozenset({"", "file", "sqlite"})
"""Schemes of addresses that are paths, in which a space is a space."""
_SCHEME_WITHOUT_COLON = re.compile(r"(https?)/+(.+)")


def fault_of_checkpoint_path(path: str, project_root: PurePosixPath) -> str | None:
    """Why a checkpoint cannot be read from `path`, or None.

    A URL is refused because Lightning reads those with full unpickling, which runs code; a relative
    path may not leave the project, an absolute one says that it is meant.
    """
    if path.startswith("file:///"):
        return f"is a path, and no address: write `{unquote(path.removeprefix('file://'))}`"
    if path.startswith(("runs:/", "models:/", "mlflow-artifacts:")):
        return (
            "must be a local file: download it first, or let `test` and `predict` fetch it: name the run with "
            "`mlflow.run_id`, and here `last` or `best`"
        )
    if "://" in path:
        return "must be a local file: download it first"
    if not path:
        return "is empty: write `null` for none"
    if not path.isprintable():
        return "holds a character that cannot be seen"
    if not PurePosixPath(path).is_absolute() and _climbs_out(path):
        return f"leaves the project {project_root}: write an absolute path if that is meant"
    return fault_of_input_path(path, project_root)


def fault_of_input_path(path: str, project_root: PurePosixPath) -> str | None:
    """Why a config may not have a file at `path` read, or None: where the system, or its user, keeps what is no data."""
    fault = _fault_of_real_path(real_path(project_root / path), project_root)
    return None if fault is None else f"is in {fault}"


def fault_of_tracking_uri(uri: str, project_root: PurePosixPath) -> str | None:
    """Why runs cannot be recorded at `uri`, or None.

    An SQLite file is created where it is named, so it must lie below the project, the user's home or
    the system's temporary folder.
    """
    if not uri:
        return "is empty: write `null` to run without MLflow"
    if uri.lower() in _WORDS_FOR_NONE:
        return f"is the text `{uri}`: write `null` to run without MLflow"
    if len(uri) > _LONGEST_ADDRESS:
        return f"is longer than {_LONGEST_ADDRESS:,} characters"
    if uri == "databricks":
        return "names no workspace: write `databricks://PROFILE`"
    if _HOST_AND_PORT.match(uri):
        return f"has no scheme: write `http://{uri}`"
    if (found := _PORT.fullmatch(uri)) is not None:
        return f"names no host: write `http://localhost:{found[1]}`"
    if (found := _SCHEME_WITHOUT_COLON.fullmatch(uri)) is not None:
        return f"has no colon behind its scheme: write `{found[1]}://{found[2]}`"
    if uri == "localhost":
        return "has no scheme: write `http://localhost:5000`"
    parts = _split(uri)
    if parts is None:
        return "is no address: a host and port look like `http://HOST:5000`"
    scheme, _, driver = parts.scheme.partition("+")
    if not scheme and uri.endswith(_DATABASES):
        return f"has no scheme: write `sqlite:///{uri}`"
    if not scheme or (len(scheme) == 1):
        return f"`{uri}` is a folder: MLflow keeps no runs in folders any more; {_INSTEAD_OF_A_FOLDER}"
    if scheme not in _TRACKING_SCHEMES:
        meant = closest(scheme, sorted(_TRACKING_SCHEMES))
        fix = f"write `{meant}://`" if meant else "write `http://…`, `sqlite:///…` or `postgresql://…`"
        return f"has the scheme `{scheme}://`, which MLflow does not know: {fix}"
    if scheme == "file":
        return f"is a folder: MLflow keeps no runs in folders any more; {_INSTEAD_OF_A_FOLDER}"
    if scheme in ("http", "https") and not parts.hostname:
        return f"names no host: write `{scheme}://HOST:PORT`, with two slashes"
    if scheme not in ("sqlite", "http", "https"):
        return _fault_of_options(parts.query)
    if parts.fragment and parts.hostname:
        port = "" if parts.port is None else f":{parts.port}"
        return f"is the address of a page: write `{scheme}://{parts.hostname}{port}`"
    if scheme != "sqlite":
        return None
    if driver:
        return f"names a driver: write `sqlite:///` without `+{driver}`"
    return _fault_of_database(uri, project_root)


def fault_of_study_uri(uri: str, project_root: PurePosixPath) -> str | None:
    """Why the study of a sweep may not be kept at `uri`, or None; interpolations in it count as names."""
    scheme, _, place = uri.partition("://")
    database, _, options = place.partition("?")
    if scheme.partition("+")[0] != "sqlite":
        return _fault_of_options(options)
    for path in (database.removeprefix("/"), unquote(database.removeprefix("/"))):
        if path.startswith("file:"):
            return "opens a database by options of SQLite's own: write `sqlite:///study.db`"
        if (fault := fault_of_output_path(path, project_root)) is not None:
            return fault
    return None


def without_address(fault: str, uri: str) -> str:
    """What is wrong with an address that may not be shown, such as one of the environment."""
    for part in (uri, uri.partition("//")[2]):
        # a scheme alone tells nothing
        if part and part.rstrip(":/") not in _TRACKING_SCHEMES:
            fault = fault.replace(part, "…")
    return fault.removeprefix("`…` ")


def _split(uri: str) -> SplitResult | None:
    """The parts of an address; None for what is none."""
    # one reader takes a backslash for the end of the host, another for a part of the name before it
    if "\\" in uri or not uri.isprintable() or uri != uri.strip():
        return None
    try:
        parts = urlsplit(uri)
        parts.port  # noqa: B018  # it is read when it is asked for
    except ValueError:
        return None
    if " " in uri and (parts.netloc or parts.scheme not in _OF_FILES):
        return None
    return parts if _BRACKETS.fullmatch(parts.netloc.rpartition("@")[2]) else None


def _fault_of_options(query: str) -> str | None:
    """Why the options of a database or of Databricks may not be given, or None."""
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name.lower() not in _DATABASE_OPTIONS:
            return f"gives the option `{name}`, which may lead elsewhere: leave it out"
        # of a path ODBC loads the library that lies there
        if name.lower() == "driver" and not _DRIVER.fullmatch(value):
            return "names a driver by its path: write the name that it is installed under"
    return None


def _fault_of_database(uri: str, project_root: PurePosixPath) -> str | None:
    database = uri.split(":///", 1)[1] if ":///" in uri else ""
    for text in (database, unquote(database)):
        file, _, options = text.partition("?")
        if not file or file == ":memory:":
            meant = uri.partition(":")[2].strip("/") if not file else ""
            return f"names no file: write `sqlite:///{meant if _FILE.fullmatch(meant) else 'mlflow.db'}`"
        if (
            file.startswith("file:")
            or {name.partition("=")[0] for name in options.split("&")} - _SQLITE_OPTIONS
        ):
            return "opens a database by options of SQLite's own: write `sqlite:///mlflow.db`"
        path = PurePosixPath(file)
        if not path.is_absolute():
            if _climbs_out(file):
                return f"leaves the project {project_root}"
            path = project_root / path
        real = real_path(path)
        if ".." in path.parts or not _is_own(real, project_root):
            return "creates a database outside the project, your home folder and the temporary folder"
        if (fault := _fault_of_real_path(real, project_root)) is not None:
            return f"creates a database in {fault}"
        if is_folder(Path(real)):
            return f"names a folder: write `sqlite:///{file.rstrip('/')}/mlflow.db`"
        if is_there(Path(real)) and not _may_be_database(Path(real)):
            return "names a file that is no SQLite database: name another one, as `sqlite:///mlflow.db`"
    return None


def _may_be_database(file: Path) -> bool:
    """Whether a file is empty, or begins as SQLite's files do, or may not be read."""
    if not is_file(file):
        return False
    try:
        with open_plain_file(file) as stream:
            return stream.read(len(_FIRST_BYTES)) in (b"", _FIRST_BYTES)
    except OSError:
        return True


def host_of(uri: str) -> str | None:
    """The host that an address names, in lower case; None where it names none."""
    parts = _split(uri)
    return parts.hostname if parts is not None else None


def is_trusted_host(uri: str, trusted: Collection[str]) -> bool:
    """Whether an address is of this machine, or of one of the trusted hosts (`HOST`, or `HOST:PORT`).

    An address without a host, such as `sqlite:///mlflow.db`, is of this machine; what is no address is not trusted.
    """
    parts = _split(uri)
    if parts is None:
        return False
    if parts.hostname is None:
        return True
    host = parts.hostname.rstrip(".")
    if host == "localhost" or _LOOPBACK.fullmatch(host):
        return True
    names = {name.lower().rstrip(".") for name in trusted}
    return host in names or f"{host}:{parts.port}" in names


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
_LOGS = frozenset({".err", ".jsonl", ".log", ".out"})
_INTERPOLATION = re.compile(r"\$\{[^{}]*\}")


def fault_of_log_path(path: str, project_root: PurePosixPath) -> str | None:
    """Why no log may be written to `path`, or None.

    A config determines what is written there too, so that a file which programs read as code or settings, such as
    a module of the project, is refused wherever it is.
    """
    fault = fault_of_output_path(path, project_root)
    if fault is None and PurePosixPath(_without_interpolations(path)).suffix not in _LOGS:
        return f"does not end as a log does ({', '.join(sorted(_LOGS))})"
    return fault


def _without_interpolations(path: str) -> str:
    while (shorter := _INTERPOLATION.sub("x", path)) != path:
        path = shorter
    return path


def fault_of_output_path(path: str, project_root: PurePosixPath) -> str | None:
    """Why nothing may be written to `path`, or None; interpolations in it count as names."""
    plain = _without_interpolations(path)
    target = PurePosixPath(plain)
    if target.is_absolute() and _INTERPOLATION.search(path.lstrip("/").partition("/")[0]):
        return "leads to a folder of the machine that is known only inside a job"
    if not target.is_absolute() and _climbs_out(plain):
        return "leaves the project"
    if ".." in target.parts and target.is_absolute():
        return "climbs with `..`: write the path out"
    fault = _fault_of_real_path(real_path(project_root / target), project_root)
    return None if fault is None else f"is in {fault}"


def _is_own(real: Path, project_root: PurePosixPath) -> bool:
    """Whether a path is in a folder of the user's own."""
    return _is_of_project(real, project_root) or real.is_relative_to(real_path(Path.home()))


def _is_of_project(real: Path, project_root: PurePosixPath) -> bool:
    """Whether a path is in the project, or in the folder for temporary files."""
    # each of them is followed only where it is needed: it takes a look at every folder above
    return real.is_relative_to(real_path(project_root)) or real.is_relative_to(
        real_path(Path(tempfile.gettempdir()))
    )


def _fault_of_real_path(real: Path, project_root: PurePosixPath) -> str | None:
    """What a path lies in that no data lies in."""
    if _is_of_project(real, project_root) or real.is_relative_to(_SHARED_MEMORY):
        return None
    if real.is_relative_to(home := real_path(Path.home())):
        below = real.relative_to(home).parts
        hidden = bool(below) and below[0].startswith(".") and below[0] not in _PRIVATE_EXCEPT
        return "a hidden folder of your home" if hidden else None
    return "a folder of the system" if any(real.is_relative_to(folder) for folder in _SYSTEM) else None


def _climbs_out(path: str) -> bool:
    depth = 0
    for part in PurePosixPath(path).parts:
        depth += -1 if part == ".." else 0 if part == "." else 1
        if depth < 0:
            return True
    return False
