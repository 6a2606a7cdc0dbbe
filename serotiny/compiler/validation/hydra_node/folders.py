"""Check where Hydra makes folders and files for a job."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Final

from serotiny.compiler.checks.secret import secret_in_name
from serotiny.compiler.tree import Keys, Node, join, select
from serotiny.compiler.validation.hydra_node.telling import (
    HOLDS_NUL,
    as_far_as_known,
    misplaced,
    shown,
    unusable,
)
from serotiny.diagnostics import Diagnostic
from serotiny.filesystem import is_file
from serotiny.schemas.rules.locations import fault_of_output_path, fault_of_study_uri

_STUDY: Final = ("sweeper", "storage")
"""The key of the database in which Optuna's sweeper keeps its study."""
_LONGEST_NAME: Final = 255
_LONG_NAME: Final = (
    f"names a file or folder with more than {_LONGEST_NAME} bytes, which no system takes",
    "shorten it; `hydra.job.config.override_dirname.exclude_keys` leaves overrides out of `${hydra:job.override_dirname}`",
)
_NAMES: Final = (("job", "name"),)
_OF_NAME: Final = ("${hydra.job.name}", "${hydra:job.name}")
_FOLDERS: Final = (("run", "dir"), ("sweep", "dir"), ("sweep", "subdir"), ("output_subdir",))


def folder_faults(settings: Node, root: PurePosixPath) -> Iterator[Diagnostic]:
    """SER506 for what would lie outside of the allowed folders, SER503 for credentials in names, SER111 for what cannot be made."""
    for keys in _FOLDERS:
        node = select(settings, keys)
        if node is not None:
            yield from misplaced(keys, node, fault_of_output_path, root)
            yield from _resolved_twice(keys, node)
            yield from _file_in_the_way(keys, node, root)
            yield from secret_in_name(join(("hydra", *keys)), node)
    for keys in (*_FOLDERS, *_NAMES):
        node = select(settings, keys)
        if node is not None and "\0" in str(node.value):
            yield unusable(keys, node, HOLDS_NUL)
        elif node is not None and _has_long_name(as_far_as_known(node)):
            yield unusable(keys, node, _LONG_NAME)
    study = select(settings, _STUDY)
    if study is not None and "://" in str(as_far_as_known(study)):
        yield from misplaced(_STUDY, study, fault_of_study_uri, root)


def log_in_no_folder(settings: Node) -> Iterator[Diagnostic]:
    """SER506 for a name with a `/` by which a log is named: nobody makes the folder.

    Args:
        settings: the whole of Hydra's node.
    """
    for keys in _NAMES:
        node = select(settings, keys)
        if node is None or not isinstance(node.value, str) or "/" not in node.value:
            continue
        names = (node.value, *_OF_NAME)
        if any(name in str(as_far_as_known(file)) for file in _log_files(settings) for name in names):
            key = join(("hydra", *keys))
            message = f"`{key}` is `{shown(node)}`, and files are named by it"
            yield Diagnostic("SER506", message, node.place, key, help="leave out the `/`")


def _log_files(settings: Node) -> Iterator[Node]:
    """The names of the files to which a job's log is written."""
    handlers = select(settings, ("job_logging", "handlers"))
    for _, handler in handlers.children() if handlers is not None and handlers.is_mapping else ():
        file = handler.get("filename")
        if file is not None:
            yield file


def _resolved_twice(keys: Keys, node: Node) -> Iterator[Diagnostic]:
    """SER111: Hydra makes a folder of this name, and resolves the name again to write into the folder."""
    if isinstance(node.value, str) and "${" in node.value:
        key = join(("hydra", *keys))
        message = f"`{key}` is `{shown(node)}`, in which Hydra resolves the `${{` once more when a job starts"
        fix = "write a name without `${`"
        yield Diagnostic("SER111", message, node.written_at, key, help=fix)


def _file_in_the_way(keys: Keys, node: Node, root: PurePosixPath) -> Iterator[Diagnostic]:
    """SER111: a folder can be made neither in the place of a file nor below one."""
    text = as_far_as_known(node)
    if not isinstance(text, str) or keys[-1] != "dir":
        return
    known = text.partition("${")[0]
    # where more follows, the last part is not whole
    path = PurePosixPath(known if known == text else known.rpartition("/")[0])
    file = next((part for part in (path, *path.parents) if is_file(Path(root / part))), None)
    if file is not None:
        key = join(("hydra", *keys))
        message = f"`{key}` is `{shown(node)}`, and `{file}` is a file"
        fix = "name a folder, which is made if it does not exist"
        yield Diagnostic("SER111", message, node.place, key, help=fix)


def _has_long_name(path: Any) -> bool:
    """Whether a part of a path that is known in full is longer than the usual file systems take."""
    if not isinstance(path, str):
        return False
    return any(
        len(part.encode("utf-8", "surrogatepass")) > _LONGEST_NAME and "${" not in part
        for part in path.split("/")
    )
