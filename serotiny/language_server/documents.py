"""Parsed files, shared by all compilations of a session: a file that did not change is not read again."""

from __future__ import annotations

from pathlib import Path

from serotiny.compiler.project import Project
from serotiny.compiler.project.config_files import SUFFIX
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.document import Document, read_document


class DocumentStore:
    """What was read from disk or handed over by the editor.

    Attributes:
        unsaved: the editor's texts by absolute path; they are read in place of the files.
    """

    def __init__(self) -> None:
        self.unsaved: dict[Path, str] = {}
        self._documents: dict[Path, Document] = {}
        self._options: dict[tuple[tuple[Path, ...], str], tuple[str, ...]] = {}
        self._groups: dict[tuple[Path, ...], tuple[str, ...]] = {}
        self._reads: set[Path] = set()

    def read(self, path: Path, shown: str) -> Document:
        """The document of a file, parsed on the first call."""
        self._reads.add(path)
        if path not in self._documents:
            self._documents[path] = read_document(path, shown, self.unsaved.get(path))
        return self._documents[path]

    def adopt(self, path: Path, document: Document) -> None:
        """Take over a document that another store has parsed."""
        self._documents[path] = document

    def reads(self) -> frozenset[Path]:
        """The files that were read since the last call of this."""
        found = frozenset(self._reads)
        self._reads.clear()
        return found

    def forget(self, path: Path) -> None:
        """Parse a file again when it is read next."""
        self._documents.pop(path, None)

    def forget_all(self) -> None:
        self._documents.clear()
        self.forget_folders()

    def forget_folders(self) -> None:
        """List the folders again when they are needed next."""
        self._options.clear()
        self._groups.clear()

    def options(self, sources: Sources, group: str) -> tuple[str, ...]:
        """The options of a group on disk and among the unsaved files."""
        folders = sources.project.config_folders
        key = (folders, group)
        if key not in self._options:
            found = set(Sources(sources.project).options(group))
            wanted = {folder / group if group else folder for folder in folders}
            found |= {path.stem for path in self.unsaved if path.suffix == SUFFIX and path.parent in wanted}
            self._options[key] = tuple(sorted(found))
        return self._options[key]

    def groups(self, sources: Sources) -> tuple[str, ...]:
        folders = sources.project.config_folders
        if folders not in self._groups:
            self._groups[folders] = Sources(sources.project).groups()
        return self._groups[folders]


class SharedSources(Sources):
    """Sources of one compilation that read through a store."""

    def __init__(self, project: Project, store: DocumentStore) -> None:
        super().__init__(project, store.unsaved)
        self._store = store

    def read_file(self, path: Path) -> Document:
        return self._store.read(path, self.project.shown(path))

    def _options_of(self, group: str) -> tuple[str, ...]:
        return self._store.options(self, group)

    def groups(self) -> tuple[str, ...]:
        return self._store.groups(self)

    def _of(self, project: Project) -> Sources:
        return SharedSources(project, self._store)
