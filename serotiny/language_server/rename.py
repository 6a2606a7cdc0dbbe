"""Rename a key in every file that writes it and in every interpolation that names it."""

from __future__ import annotations

import re
from pathlib import Path

from lsprotocol import types as lsp

from serotiny.compiler.tree import Keys, join
from serotiny.language_server.navigation import Navigator
from serotiny.language_server.session import Session
from serotiny.language_server.tree_cursor import tree_cursor_at

_NAME = re.compile(r"[A-Za-z_][\w-]*")


class CannotRename(Exception):  # noqa: N818 - an answer to the client, not an error of ours
    """The key cannot be renamed; the message says why."""


def renamed_span(session: Session, navigator: Navigator, path: Path, offset: int) -> lsp.Range:
    """The span of the name under the cursor.

    Raises:
        CannotRename: there is no key, or its name is that of a parameter or of a schema's field.
    """
    keys = _checked(session, navigator, path, offset)
    positions = navigator.positions(path)
    for file, (start, end), _ in navigator.mentions(keys):
        if file == path and start <= offset <= end:
            return positions.range_between(start, end)
    raise CannotRename("there is no key here")


def rename(session: Session, navigator: Navigator, path: Path, offset: int, name: str) -> lsp.WorkspaceEdit:
    """The edits that rename the key under the cursor.

    Raises:
        CannotRename: as `renamed_span`, or `name` is no key or is taken.
    """
    keys = _checked(session, navigator, path, offset)
    if not _NAME.fullmatch(name):
        raise CannotRename(
            f"`{name}` cannot be named in an interpolation: use letters, digits and underscores"
        )
    new = (*keys[:-1], name)
    if new != keys and any(is_key for _, _, is_key in navigator.mentions(new)):
        raise CannotRename(f"`{join(new)}` is there already")
    changes: dict[str, list[lsp.TextEdit]] = {}
    for file, (start, end), _ in navigator.mentions(keys):
        positions = navigator.positions(file)
        written = positions.text[start:end]
        quote = written[:1] if written[:1] in ("'", '"') else ""
        edit = lsp.TextEdit(positions.range_between(start, end), f"{quote}{name}{quote}")
        edits = changes.setdefault(file.as_uri(), [])
        if edit not in edits:
            edits.append(edit)
    return lsp.WorkspaceEdit(changes=changes)


def _checked(session: Session, navigator: Navigator, path: Path, offset: int) -> Keys:
    keys, job = navigator.key_at(path, offset), session.job_for(path)
    if keys is None or job is None or isinstance(keys[-1], int):
        raise CannotRename("there is no key here")
    cursor = tree_cursor_at(session, path, offset, navigator.positions(path))
    if cursor is not None and cursor.reference is None and not cursor.on_key:
        raise CannotRename("put the cursor on a key")
    known = session.known_keys.at(job.resolved.root, job.composed.schema, keys)
    if known is not None and not known.declared_by.startswith("part of"):
        raise CannotRename(f"`{join(keys)}` is a {known.declared_by}: its name is chosen there")
    if not any(is_key for _, _, is_key in navigator.mentions(keys)):
        raise CannotRename(f"no file writes the key `{join(keys)}`")
    return keys
