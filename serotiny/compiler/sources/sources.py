"""Where configs come from: the project's folders, then what serotiny itself provides."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Final, Literal, Protocol

from serotiny.cache.questions import is_noted, note
from serotiny.compiler.limits import MAX_PROJECT_VALUES, TOO_MANY_VALUES
from serotiny.compiler.project import Project
from serotiny.compiler.project.config_files import SUFFIX, config_files_below
from serotiny.compiler.sources.builtin import builtin_documents
from serotiny.compiler.sources.of_code import ConfigsOfCode
from serotiny.compiler.syntax.defaults_list import DefaultsEntry, read_defaults
from serotiny.compiler.syntax.document import Document, read_document
from serotiny.compiler.syntax.misspelt_defaults import with_meant_defaults
from serotiny.compiler.tree import Keys, Node, select
from serotiny.diagnostics import Diagnostic, Origin, Place
from serotiny.filesystem import is_file, is_folder, matching, real_path
from serotiny.reads import Answering
from serotiny.schemas.names import CHOSEN_BY_DEFAULT

Asked = Literal[
    "document",
    "folder",
    "group",
    "groups",
    "misnamed",
    "names",
    "option",
    "options",
    "package",
    "path",
    "points",
    "project",
    "stored",
    "value",
]
ASKED_AS: Final = "configs"
"""The name by which questions to sources are noted: what, about which config or group, and their folders besides the project's own."""


class FurtherConfigs(Protocol):
    """Configs that are in no folder of the project: Hydra's own."""

    def document(self, config_path: str) -> Document | None:
        """The config of that path, or None."""
        ...

    def comes_first(self, config_path: str) -> bool:
        """Whether it is taken even where the project has one of the same path."""
        ...

    def is_group(self, path: str) -> bool: ...

    def options(self, group: str) -> tuple[str, ...]: ...


class Sources:
    """The config folders of a project, read once each.

    Args:
        project: whose folders to read, in order; the first that has a config wins.
        unsaved: text that stands in for a file's, by absolute path (an editor's open buffers).
    """

    def __init__(self, project: Project, unsaved: Mapping[Path, str] | None = None) -> None:
        self.project = project
        self._unsaved = dict(unsaved or {})
        self._builtin = builtin_documents(own_layout=project.layout.is_own)
        self._of_code = ConfigsOfCode(project, lambda asked: self._note(asked, ""))
        self._documents: dict[str, Document | None] = {}
        self._options: dict[str, tuple[str, ...]] = {}
        self._groups: dict[str, bool] = {}
        self._defaults: dict[str, tuple[Sequence[DefaultsEntry], Sequence[Diagnostic]]] = {}
        self._further: FurtherConfigs | None = None
        self._all_groups: tuple[str, ...] | None = None
        self._real_roots: list[Path] | None = None
        self._values_read = 0
        self._derived: dict[Hashable, Sources] = {}
        self._lists: dict[Hashable, Sequence[DefaultsEntry]] = {}
        self._added: tuple[str, ...] = ()
        self._read_so_far: list[Document] = []
        self._reading = Answering()

    def _note(self, asked: Asked, about: str) -> None:
        if is_noted():
            note({(ASKED_AS, asked, (about, *self._added))})

    @property
    def of_code(self) -> ConfigsOfCode:
        """The configs of the project's code."""
        return self._of_code

    @property
    def has_further(self) -> bool:
        """Whether these are the sources of `with_further`."""
        return self._further is not None

    def with_further(self, further: FurtherConfigs) -> Sources:
        """These sources with `further` behind them; made once for all jobs, and nothing is read again."""
        if id(further) not in self._derived:
            self._derived[id(further)] = self._made_with(further)
        return self._derived[id(further)]

    def _made_with(self, further: FurtherConfigs) -> Sources:
        copied = copy.copy(self)
        copied._derived = {}
        copied._further = further
        # what was not found before may be among the further ones
        copied._documents = {path: item for path, item in self._documents.items() if item is not None}
        copied._options = {}
        copied._groups = {}
        copied._defaults = {}
        copied._lists = {}
        return copied

    def list_once(
        self, key: Hashable, make: Callable[[], Sequence[DefaultsEntry]]
    ) -> Sequence[DefaultsEntry]:
        """What a defaults list comes to, made once for all jobs: who compares lists meets the same one again."""
        if key not in self._lists:
            self._lists[key] = make()
        return self._lists[key]

    def is_further(self, config_path: str) -> bool:
        """Whether a config comes from the further ones."""
        if self._further is None or self._further.document(config_path) is None:
            return False
        return self._further.comes_first(config_path) or self.path_of(config_path) is None

    def has_schema(self, config_path: str) -> bool:
        """Whether a config of the project is merged over a further one of the same name."""
        found = self._further.document(config_path) if self._further is not None else None
        return found is not None and not self.is_further(config_path)

    def document(self, config_path: str) -> Document | None:
        """The config named as Hydra names it (`model/default`), or None."""
        self._note("document", config_path)
        return self._document(config_path)

    def _document(self, config_path: str) -> Document | None:
        if config_path not in self._documents:
            with self._reading:
                document = self._documents[config_path] = self._read(config_path)
            if document is not None:
                self._read_so_far.append(document)
        return self._documents[config_path]

    def package_of(self, config_path: str) -> str | None:
        """The package that a config names at its top; who asks does not depend on the rest of the config."""
        self._note("package", config_path)
        document = self._document(config_path)
        return None if document is None else document.package

    def file_of(self, config_path: str) -> str | None:
        """The file of a config, as diagnostics name it; who asks does not depend on what it holds."""
        self._note("path", config_path)
        document = self._document(config_path)
        return None if document is None else document.file

    def may_hold(self, config_path: str, keys: Keys) -> bool:
        """Whether a config has a value at these keys, or may have one since a parent is an interpolation.

        Who asks does not depend on the rest of the config.
        """
        self._note("value", json.dumps([config_path, *keys]))
        document = self._document(config_path)
        return document is not None and _may_hold(document.root, keys)

    @property
    def read_so_far(self) -> Sequence[Document]:
        """Every document that was read, also together with what lies in no folder; further ones are added at its end."""
        return self._read_so_far

    def defaults(self, config_path: str) -> tuple[Sequence[DefaultsEntry], Sequence[Diagnostic]]:
        """The defaults list of a config and what is wrong in it; both are empty where there is no such config."""
        self._note("document", config_path)
        if config_path not in self._defaults:
            document = self.document(config_path)
            self._defaults[config_path] = (
                ((), ()) if document is None else self._list_inside(document, config_path)
            )
        return self._defaults[config_path]

    def is_group(self, path: str) -> bool:
        """Whether a config group has that path: one of serotiny's own, or a folder of the project."""
        self._note("group", path)
        if path not in self._groups:
            own = self.project.layout.is_own and path in CHOSEN_BY_DEFAULT
            further = self._further is not None and self._further.is_group(path)
            self._groups[path] = own or further or self.has_folder(path) or self._of_code.is_group(path)
        return self._groups[path]

    def has_folder(self, path: str) -> bool:
        """Whether the project itself has a folder of that name."""
        self._note("folder", path)
        with self._reading:
            return any(is_folder(folder / path) for folder in self._folders())

    def names(self, path: str) -> list[tuple[str, bool]]:
        """What lies in a folder, sorted: each name, and whether it is a group."""
        self._note("names", path)
        entries: set[tuple[str, bool]] = set()
        with self._reading:
            for folder in self._folders():
                where = folder / path
                for child in matching(where, "*"):
                    if is_folder(child) and not child.name.startswith(("_", ".")):
                        entries.add((child.name, True))
                    elif child.suffix == SUFFIX:
                        entries.add((child.stem, False))
        return sorted(entries)

    def options(self, group: str) -> tuple[str, ...]:
        """The options of a group by name, sorted; `""` gives the top-level configs."""
        self._note("options", group)
        return self._options_of(group)

    def all_options(self, group: str) -> tuple[str, ...]:
        """The options of a group, and those that the project's code stores there."""
        return tuple(sorted({*self.options(group), *self._of_code.options(group)}))

    def has_option(self, group: str, name: str) -> bool:
        """Whether a group has an option of that name."""
        self._note("option", f"{group}/{name}")
        return name in self._options_of(group)

    def _options_of(self, group: str) -> tuple[str, ...]:
        if group not in self._options:
            names: set[str] = set()
            with self._reading:
                for folder in self._folders():
                    where = folder / group if group else folder
                    if is_folder(where):
                        found = matching(where, f"*{SUFFIX}")
                        names |= {path.stem for path in found if path.suffix == SUFFIX and is_file(path)}
            if self._further is not None:
                names |= set(self._further.options(group))
            self._options[group] = tuple(sorted(names))
        return self._options[group]

    def options_below(self, group: str) -> tuple[str, ...]:
        """The options of a group, those in its sub-folders too, as `folder/option`."""
        below = [name[len(group) + 1 :] for name in self.groups() if name.startswith(f"{group}/")]
        nested = [f"{folder}/{option}" for folder in below for option in self.options(f"{group}/{folder}")]
        return (*self.options(group), *nested)

    def groups(self) -> tuple[str, ...]:
        """Every config group, by path: `model`, `trainer/callbacks`, sorted."""
        self._note("groups", "")
        if self._all_groups is None:
            groups = set(CHOSEN_BY_DEFAULT) if self.project.layout.is_own else set()
            with self._reading:
                for folder in self._folders():
                    for path in config_files_below(folder):
                        groups.add(path.parent.relative_to(folder).as_posix())
            self._all_groups = tuple(sorted(groups - {".", ""}))
        return self._all_groups

    def path_of(self, config_path: str) -> Path | None:
        """The file of a config, or None when serotiny provides it or there is none."""
        self._note("path", config_path)
        with self._reading:
            for folder in self._folders():
                for path in _paths(folder, f"{config_path.removesuffix(SUFFIX)}{SUFFIX}"):
                    if path in self._unsaved or is_file(path):
                        return path
        return None

    def misnamed(self, config_path: str) -> str | None:
        """The file of that name which Hydra ignores for its suffix `.yml`, as messages show it."""
        self._note("misnamed", config_path)
        with self._reading:
            for folder in self._folders():
                path = folder / f"{config_path}.yml"
                if is_file(path):
                    return self.project.shown(path)
        return None

    def with_folders(self, folders: tuple[Path, ...]) -> Sources:
        """The same sources with more folders behind the project's own."""
        if folders not in self._derived:
            every = (*self.project.config_folders, *folders)
            made = self._of(replace(self.project, config_folders=every))
            made._added = (*self._added, *map(str, folders))
            made._read_so_far = self._read_so_far
            self._derived[folders] = made
        return self._derived[folders]

    def _of(self, project: Project) -> Sources:
        """New sources of another project that are read as these are."""
        return Sources(project, self._unsaved)

    def _folders(self) -> tuple[Path, ...]:
        return self.project.config_folders

    def _read(self, config_path: str) -> Document | None:
        name = config_path.removesuffix(SUFFIX)
        if self._further is not None and self.is_further(name):
            return self._further.document(name)
        if self._leads_out(name):
            return None
        path = self.path_of(name)
        if path is None:
            return self._builtin.get(name) or self._of_code.document(name)
        if not self._is_inside(path):
            message = f"the config `{self.project.shown(path)}` leads out of the project"
            return self._not_read(path, "SER508", message)
        if self._values_read > MAX_PROJECT_VALUES:
            message = (
                f"this config is not read: those read before it have more than {MAX_PROJECT_VALUES:,} values"
            )
            return self._not_read(path, "SER108", message, TOO_MANY_VALUES)
        document = with_meant_defaults(self.read_file(path), lambda entry: self._is_there(entry, name))
        self._values_read += document.values
        return self._of_code.in_new_words(document, name)

    def _is_there(self, entry: DefaultsEntry, config_path: str) -> bool:
        """Whether an entry in the defaults list of `config_path` names configs of the project that are there."""
        folders = [folder.as_posix() for folder in PurePosixPath(config_path).parents]
        # which of the folders its names are relative to depends on the group in which the config is chosen
        possible = ([p for p in entry.paths(f"{folder}/_") if p != config_path] for folder in folders)
        return any(named and all(self.has_option(*_in_group(path)) for path in named) for named in possible)

    def _leads_out(self, config_path: str) -> bool:
        """Whether the name of a config leads out of the config folders, to where no project is."""
        return _climbs_out(config_path) and not any(
            Path(os.path.normpath(folder / config_path)).is_relative_to(self.project.root)
            for folder in self._folders()
        )

    def _is_inside(self, path: Path) -> bool:
        """Whether a file really lies in the project, or in a folder that its user has named."""
        if self._real_roots is None:
            self._real_roots = [real_path(root) for root in (self.project.root, *self._folders())]
        real = real_path(path)
        return any(real.is_relative_to(root) for root in self._real_roots)

    def _list_inside(
        self, document: Document, config_path: str
    ) -> tuple[list[DefaultsEntry], list[Diagnostic]]:
        """The defaults list of a document without the entries that lead out of the project, which are SER508."""
        entries, faults = read_defaults(document)
        kept: list[DefaultsEntry] = []
        for entry in entries:
            out = next((path for path in entry.paths(config_path) if self._leads_out(path)), None)
            if out is None:
                kept.append(entry)
            elif entry.place is not None:
                message = f"the config `{out}` leads out of the project"
                faults.append(Diagnostic("SER508", message, entry.place))
        return kept, faults

    def _not_read(self, path: Path, code: str, message: str, fix: str | None = None) -> Document:
        file = self.project.shown(path)
        place = Place(Origin.FILE, file)  # without a line: nothing of its content is shown
        fault = Diagnostic(code, message, place, help=fix)
        return Document(file=file, root=Node({}, place, incomplete=True), diagnostics=(fault,))

    def read_file(self, path: Path) -> Document:
        """Read one file, or the text that stands in for it."""
        return read_document(path, self.project.shown(path), self._unsaved.get(path))


def _may_hold(root: Node, keys: Keys) -> bool:
    for depth in range(1, len(keys) + 1):
        node = select(root, keys[:depth])
        if node is None:
            return False
        if isinstance(node.value, str) and "${" in node.value:
            return True
    node = select(root, keys)
    return node is not None and not node.is_missing


def _paths(folder: Path, name: str) -> tuple[Path, ...]:
    """Where Hydra looks for a file: `..` leads up also from a folder that is not there."""
    path = folder / name
    return (path, Path(os.path.normpath(path))) if ".." in path.parts else (path,)


def _in_group(config_path: str) -> tuple[str, str]:
    """The group of a config, and its name there."""
    group, _, name = config_path.rpartition("/")
    return group, name.removesuffix(SUFFIX)


def _climbs_out(config_path: str) -> bool:
    return os.path.normpath(f"./{config_path}").split("/")[0] == ".."
