"""The definition of the word under the cursor, and the references to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lsprotocol import types as lsp

from serotiny.compiler.job import Job
from serotiny.compiler.resolution.grammar import is_interpolated
from serotiny.compiler.tree import Keys, Node, as_index
from serotiny.diagnostics import Origin, Place
from serotiny.language_server.positions import Positions
from serotiny.language_server.session import Session
from serotiny.language_server.tree_cursor import keys_in, named_config_at, references_in, tree_cursor_at
from serotiny.targets import TargetSignature


class Navigator:
    """Finds definitions and references in one session; `encoding` is what the client's columns count."""

    def __init__(self, session: Session, encoding: str) -> None:
        self._session = session
        self._encoding = encoding

    def positions(self, path: Path) -> Positions:
        return Positions(self._session.document(path).text, self._encoding)

    def definition(self, path: Path, offset: int) -> list[lsp.Location]:
        """Interpolation → the key's place; `_target_` or parameter → Python source; defaults entry → file."""
        session = self._session
        name, job = session.config_path(path), session.job_for(path)
        if name is None:
            return []
        named = named_config_at(session.document(path), name, offset, self.positions(path))
        if named is not None:
            file = session.sources.path_of(named)
            return [] if file is None else [_start_of(file, 0)]
        cursor = tree_cursor_at(session, path, offset, self.positions(path))
        if cursor is None or job is None:
            return []
        if cursor.reference is not None:
            return self._place_of_key(job, cursor.target[: cursor.step])
        if cursor.keys[-1] == "_target_" and isinstance(cursor.node.value, str):
            signature = session.validator.reader.read(cursor.node.value)
            return _source_of(signature) if isinstance(signature, TargetSignature) else []
        known = session.known_keys.at(job.resolved.root, job.composed.schema, cursor.keys)
        if known is not None and known.file is not None:
            return [_start_of(Path(known.file), (known.line or 1) - 1)]
        return self._place_of_key(job, cursor.keys)

    def references(self, path: Path, offset: int, include_declaration: bool) -> list[lsp.Location]:
        """Every interpolation that names the key under the cursor, and every file that sets it."""
        keys = self.key_at(path, offset)
        if keys is None:
            return []
        found: list[lsp.Location] = []
        for file, span, is_key in self.mentions(keys):
            if include_declaration or not is_key:
                found.append(lsp.Location(file.as_uri(), self.positions(file).range_between(*span)))
        return found

    def key_at(self, path: Path, offset: int) -> Keys | None:
        """The path in the composed config of the key, or the step of an interpolation, under the cursor."""
        if self._session.config_path(path) is None:
            return None
        cursor = tree_cursor_at(self._session, path, offset, self.positions(path))
        if cursor is None or cursor.local[0] == "defaults":
            return None
        if cursor.reference is not None:
            return cursor.target[: cursor.step]
        return cursor.keys

    def mentions(self, keys: Keys) -> Iterator[tuple[Path, tuple[int, int], bool]]:
        """Each file and span that sets the key (True) or names it in an interpolation (False)."""
        wanted = tuple(map(str, keys))
        for file in self._session.config_files():
            positions = self.positions(file)
            for written, place in keys_in(self._session, file):
                if tuple(map(str, written)) == wanted:
                    yield file, positions.offsets_of(place), True
            for reference in references_in(self._session, file, positions):
                if tuple(map(str, reference.target[: len(keys)])) == wanted:
                    span = reference.span_of(len(keys) - 1)
                    if span is not None:
                        yield file, span, False

    def _place_of_key(self, job: Job, keys: Keys) -> list[lsp.Location]:
        """The last place that set a key; for a key inside an interpolated value, the interpolation."""
        node: Node | None = job.composed.root
        last: Node | None = None
        for key in keys:
            if node is None:
                break
            step = as_index(key, len(node.value)) if node.is_list else key
            child = next((item for name, item in node.children() if str(name) == str(step)), None)
            if child is None:
                break
            node = last = child
            if is_interpolated(child.value):
                break
        return self._locate(last.key_place or last.place) if last is not None else []

    def _locate(self, place: Place) -> list[lsp.Location]:
        if place.origin is not Origin.FILE or place.file is None:
            return []
        path = self._session.project.root / place.file
        return [lsp.Location(path.as_uri(), self.positions(path).range_of(place))]


def _source_of(signature: TargetSignature) -> list[lsp.Location]:
    if signature.file is None:
        return []
    return [_start_of(Path(signature.file), (signature.line or 1) - 1)]


def _start_of(path: Path, line: int) -> lsp.Location:
    start = lsp.Position(line, 0)
    return lsp.Location(path.absolute().as_uri(), lsp.Range(start, start))
