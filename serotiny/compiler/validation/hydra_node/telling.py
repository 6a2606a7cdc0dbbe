"""Tell what is wrong with a value of Hydra's node, which may be known only inside a job."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any, Final

from serotiny.compiler.tree import Keys, Node, Unknown, join
from serotiny.diagnostics import Diagnostic

_OF_ENVIRONMENT: Final = re.compile(r"\$\{\s*oc\.env\s*:\s*(?P<name>\w+)\s*(?:,\s*(?P<default>[^{}]*))?\}")
HOLDS_NUL: Final = ("holds the character U+0000, which no system takes", "write it without that character")


def as_far_as_known(node: Node) -> Any:
    """The value; of a value known only inside a job its text, with variables of the environment filled in that are there."""
    if node.reference is None or not isinstance(node.value, Unknown):
        return node.value
    return _OF_ENVIRONMENT.sub(
        lambda found: os.environ.get(
            found["name"], found[0] if found["default"] is None else found["default"]
        ),
        node.reference.text,
    )


def shown(node: Node) -> Any:
    """The value; one known only inside a job, or from the environment or the clock, as it was written."""
    written = node.reference
    if written is not None and (isinstance(node.value, Unknown) or written.secret or "${now" in written.text):
        return written.text
    return node.value


def refused(keys: Keys, node: Node, message: str, fix: str) -> Diagnostic:
    """SER505 for what may not be named there."""
    return Diagnostic("SER505", message, node.place, join(("hydra", *keys)), help=fix)


def unusable(keys: Keys, node: Node, fault_and_fix: tuple[str, str]) -> Diagnostic:
    """SER111 for what Python cannot hand to the system, which Hydra would do before a job starts."""
    key = join(("hydra", *keys))
    fault, fix = fault_and_fix
    return Diagnostic("SER111", f"`{key}` {fault}", node.place, key, help=fix)


def misplaced(
    keys: Keys, node: Node, fault_of: Callable[[str, PurePosixPath], str | None], root: PurePosixPath
) -> Iterator[Diagnostic]:
    """SER506 for files that would be written outside of the allowed folders."""
    text = as_far_as_known(node)
    fault = fault_of(text, root) if isinstance(text, str) else None
    if fault is not None:
        key = join(("hydra", *keys))
        fix = "files are written below the project, your home folder, or a folder for data"
        yield Diagnostic("SER506", f"`{key}` is `{shown(node)}`, which {fault}", node.place, key, help=fix)
