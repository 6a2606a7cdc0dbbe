"""SER111 for a database in which Optuna's sweeper cannot keep its study, which it opens when the sweep begins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Final

from serotiny.compiler.tree import Node, select
from serotiny.compiler.validation.hydra_node.telling import as_far_as_known
from serotiny.diagnostics import Diagnostic
from serotiny.filesystem import is_folder, is_there
from serotiny.targets import SignatureReader

_SWEEPER: Final = "hydra_plugins.hydra_optuna_sweeper."
_KEY: Final = "hydra.sweeper.storage"
_DRIVERS: Final = MappingProxyType(
    {
        "mysql": ("MySQLdb", "mysqlclient"),
        "mariadb": ("MySQLdb", "mysqlclient"),
        "redis": ("redis", "redis"),
    }
)
"""By the scheme of an address, which may name a driver of its own: the module that is imported, and what brings it."""


def unusable_storage(settings: Node, root: Path | None, reader: SignatureReader) -> Iterator[Diagnostic]:
    """What is wrong with the database of a study.

    Args:
        settings: Hydra's node.
        root: the folder from which relative paths count.
        reader: tells what is installed.
    """
    target, storage = select(settings, ("sweeper", "_target_")), select(settings, ("sweeper", "storage"))
    is_optuna = target is not None and str(target.value).startswith(_SWEEPER)
    address = as_far_as_known(storage) if storage is not None and is_optuna else None
    if storage is None or not isinstance(address, str) or "://" not in address:
        return
    scheme, _, rest = address.partition("://")
    found = _without_driver(scheme, reader)
    # the folder of the sweep is made before its sweeper begins
    in_sweep = storage.reference is not None and "sweep.dir" in storage.reference.text
    if found is None and scheme.partition("+")[0] == "sqlite" and not in_sweep:
        found = _without_folder(rest.partition("?")[0].removeprefix("/"), root)
    if found is None and scheme != "redis" and rest not in ("", "/", "/:memory:") and _is_outdated(reader):
        found = (
            "cannot be opened: Optuna 2 reads no database with SQLAlchemy 2",
            "install what it needs, `pip install 'sqlalchemy<2' alembic`, or write `null` to keep the study in memory",
        )
    if found is not None:
        fault, fix = found
        yield Diagnostic("SER111", f"`{_KEY}` {fault}", storage.place, _KEY, help=fix)


def _without_driver(scheme: str, reader: SignatureReader) -> tuple[str, str] | None:
    driver = _DRIVERS.get(scheme)
    if driver is None or reader.source_of(driver[0]) is not None:
        return None
    return (
        f"needs the package `{driver[0]}`, which is not installed",
        f"install it: `pip install {driver[1]}`",
    )


def _without_folder(path: str, root: Path | None) -> tuple[str, str] | None:
    """What is wrong with the file of a database; nothing where a part of its path is known only inside a job."""
    if root is None or not path or path == ":memory:" or "${" in path:
        return None
    file = root / path
    if is_folder(file):
        return "names a folder, not a file", f"name a file in it: `sqlite:///{path.rstrip('/')}/study.db`"
    if is_there(file.parent):
        return None
    return (
        f"lies in `{Path(path).parent}`, and there is no such folder",
        "make the folder, or name a file in one that is there, as `sqlite:///study.db`",
    )


def _is_outdated(reader: SignatureReader) -> bool:
    """Whether Optuna is too old for the SQLAlchemy that is installed."""
    return reader.may_mention("optuna.version", '__version__ = "2.') and not reader.may_mention(
        "sqlalchemy", '__version__ = "1.'
    )
