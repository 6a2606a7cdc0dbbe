"""What the code of a project adds to its configs: those that it stores, and the old words that Hydra reads in them."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Final, Literal

from serotiny.compiler.project import Project
from serotiny.compiler.project.entry_points import EntryPoint
from serotiny.compiler.project.package_keywords import (
    has_keywords,
    has_new_base,
    has_old_base,
    has_options_at_root,
    meant_global,
    meant_group,
    points_reading,
    without_keywords,
)
from serotiny.compiler.project.recognition import inner_roots
from serotiny.compiler.project.stored_configs import StoredConfig, find_stored_configs
from serotiny.compiler.syntax.document import Document, package_line
from serotiny.compiler.tree import MISSING, Node
from serotiny.diagnostics import DEFAULT, Diagnostic, Origin, Place
from serotiny.reads import Answering
from serotiny.schemas.names import GLOBAL_PACKAGE, HYDRAS_GROUPS

Asked = Literal["points", "stored"]


def _node(value: ast.expr, file: str) -> Node | None:
    """A list, a mapping, a text or None as it is written in a module; None where it is anything else."""
    place = Place(
        Origin.FILE,
        file,
        line=value.lineno,
        column=value.col_offset + 1,
        end_line=value.end_lineno,
        end_column=(value.end_col_offset or 0) + 1,
    )
    match value:
        case ast.Constant(str() | None as written):
            return Node(written, place)
        case ast.Name("MISSING") | ast.Attribute(attr="MISSING"):
            return Node(MISSING, place)
        case ast.List(items) | ast.Tuple(items):
            children = [_node(item, file) for item in items]
            return None if None in children else Node(children, place)
        case ast.Dict([ast.Constant(str(key))], [option]):
            child = _node(option, file)
            return None if child is None else Node({key: child}, place)
        case _:
            return None


def _is_of_hydra(entry: Node) -> bool:
    """Whether an entry of a defaults list chooses in one of Hydra's groups, without a keyword."""
    return entry.is_mapping and any(str(key).startswith("hydra/") for key in entry.value)


def _with_own_group(entry: Node) -> Node:
    """An entry with a `/` before a group of `hydra` that Hydra lacks: before Hydra 1.1 a primary config added one so."""
    if not _is_of_hydra(entry) or any(str(key).partition("@")[0] in HYDRAS_GROUPS for key in entry.value):
        return entry
    return replace(entry, value={f"/{key}": option for key, option in entry.value.items()})


def _with_override(entries: list[Node]) -> list[Node]:
    """Entries with `override` before Hydra's groups; these come last, as they must."""
    plain = [entry for entry in entries if not _is_of_hydra(entry)]
    old = [entry for entry in entries if _is_of_hydra(entry)]
    return [
        *plain,
        *(
            replace(entry, value={f"override {key}": option for key, option in entry.value.items()})
            for entry in old
        ),
    ]


def _with_optional(entry: Node) -> Node:
    """An entry with `optional` before its group, where that is a key beside it, as it was before Hydra 1.1."""
    mark = entry.get("optional") if entry.is_mapping and len(entry.value) == 2 else None
    if mark is None or not isinstance(mark.value, bool):
        return entry
    ((group, option),) = ((key, child) for key, child in entry.value.items() if key != "optional")
    return replace(entry, value={f"optional {group}" if mark.value else group: option})


_AT_POSITION: Final = re.compile(r"\$\{defaults\.(\d+)\.([\w/]+)\}")


def _by_group(entries: list[Node]) -> list[Node]:
    """Entries that refer to the choices of others by the group, as `${model}`: before Hydra 1.1 that was `${defaults.0.model}`."""

    def named(found: re.Match[str]) -> str:
        position = int(found[1])
        is_there = position < len(entries) and found[2] in _groups_of(entries[position])
        return f"${{{found[2]}}}" if is_there else found[0]

    def of(node: Node) -> Node:
        if node.is_mapping:
            return replace(node, value={key: of(child) for key, child in node.value.items()})
        text = _AT_POSITION.sub(named, node.value) if isinstance(node.value, str) else node.value
        return node if text == node.value else replace(node, value=text)

    return [*map(of, entries)]


def _without_repeated(entries: list[Node]) -> list[Node]:
    """Entries of which none chooses in a group again: before Hydra 1.1 such options were all merged, the last one chosen."""
    left = Counter(group for entry in entries for group in _groups_of(entry))
    named: list[Node] = []
    for entry in entries:
        groups = _groups_of(entry)
        left.subtract(groups)
        again = next((group for group in groups if left[group]), None)
        option: Node | None = None if again is None else entry.value[again]
        is_named = option is not None and isinstance(option.value, str)
        named.append(replace(option, value=f"{again}/{option.value}") if option and is_named else entry)
    return named


def _groups_of(entry: Node) -> list[str]:
    """The group in which an entry chooses, if it does."""
    return [*entry.value] if entry.is_mapping and len(entry.value) == 1 else []


def _place_of(directive: str, document: Document) -> Place:
    line, _ = package_line(document.text) or (1, directive)
    column = document.text.splitlines()[line - 1].index(directive) + 1
    return Place(
        Origin.FILE,
        document.file,
        line=line,
        column=column,
        end_line=line,
        end_column=column + len(directive),
    )


def _with_list(document: Document, entries: list[Node]) -> Document:
    """The document with other entries in its defaults list."""
    listed = replace(document.root.value["defaults"], value=entries)
    return replace(document, root=replace(document.root, value={**document.root.value, "defaults": listed}))


def _misspelt(document: Document, directive: str, meant: str) -> Diagnostic:
    """SER113 for a misspelt `_global_`, or the misspelt name of the config's own group."""
    what = "no keyword" if GLOBAL_PACKAGE in meant else "not the group of this file"
    message = f"`{directive}` is {what}: everything here lands below a key of that name"
    place = _place_of(directive, document)
    return Diagnostic("SER113", message, place, suggestion=meant)


def _literal_keyword(document: Document, directive: str, meant: str | None) -> Diagnostic:
    """SER113 for a keyword in a package directive that Hydra takes for the name of a key."""
    place = _place_of(directive, document)
    message = f"`{directive}` is of Hydra 1.0: the script would find everything here under a key of that name"
    fix = (
        "take the line out: the group is the package by itself"
        if meant is None
        else f"write `# @package {meant}`"
    )
    return Diagnostic("SER113", message, place, help=fix)


class ConfigsOfCode:
    """The configs that a project's code stores; its modules are read only when a config is in no folder."""

    def __init__(self, project: Project, note: Callable[[Asked], None]) -> None:
        """The configs of a project's code; `note` is told what is asked of it."""
        self._project = project
        self._note = note

    def document(self, config_path: str) -> Document | None:
        """A config that is stored, or may be, under this path; of its keys only its defaults list is known."""
        found = next((stored for stored in self._stored if stored.may_be(config_path)), None)
        if found is None:
            return None
        file = self._project.shown(found.file)
        listed = None if found.defaults is None else _node(found.defaults, file)
        root = Node({} if listed is None else {"defaults": listed}, DEFAULT, incomplete=True)
        return Document(file=file, root=root, package=found.package)

    def is_group(self, path: str) -> bool:
        """Whether a config is stored in a group of that path, or in one below it."""
        # the key of a value is no group, and most overrides are of values
        return "." not in path and any(
            f"{stored.group}/".startswith(f"{path}/") for stored in self._stored if stored.group is not None
        )

    def options(self, group: str) -> frozenset[str]:
        """The names that are stored in a group, or in one below it, those that the source shows."""
        return frozenset(
            f"{found.group}/{found.name}"[len(group) + 1 :]
            for found in self._stored
            if found.name and f"{found.group}/".startswith(f"{group}/")
        )

    def in_new_words(self, document: Document, config_path: str) -> Document:
        """The document without what only scripts of an old `version_base` understand.

        That are keywords in its package, or the lack of one, options of Hydra's groups that replace others without
        `override`, and choices in a group that another entry has chosen in.
        Where no script understands them, the keywords are SER113, and the config stands where it was meant to.
        """
        directive, listed = document.package, document.root.get("defaults")
        is_bare = directive is None and "/" in config_path
        meant = directive and (meant_global(directive) or meant_group(directive, config_path))
        if directive and meant:
            refused = _misspelt(document, directive, meant)
            document = replace(document, package=meant, diagnostics=(*document.diagnostics, refused))
        if directive is not None and has_keywords(directive):
            meant = without_keywords(directive, config_path)
            if has_new_base(self._project, self._points):
                refused = _literal_keyword(document, directive, meant)
                document = replace(document, diagnostics=(*document.diagnostics, refused))
            document = replace(document, package=meant)
        has_old_entry = listed is not None and listed.is_list and any(map(_is_of_hydra, listed.value))
        if listed is not None and has_old_entry and has_old_base(self._points):
            adds_groups = has_options_at_root(self._project, self._points)
            entries = [*map(_with_own_group, listed.value)] if adds_groups else listed.value
            document = _with_list(document, _with_override(entries))
        return self._with_options_at_root(document, is_bare=is_bare)

    def _with_options_at_root(self, document: Document, *, is_bare: bool) -> Document:
        """The document as a Hydra before 1.1 reads it, where the scripts are written for one; `is_bare` has no package."""
        listed = document.root.get("defaults")
        entries = listed.value if listed is not None and listed.is_list else []
        if not (is_bare or entries) or not has_options_at_root(self._project, self._points):
            return document
        if is_bare:
            document = replace(document, package=GLOBAL_PACKAGE)
        entries = [*map(_with_optional, _by_group(entries))]
        return _with_list(document, _without_repeated(entries)) if entries else document

    @property
    def _stored(self) -> tuple[StoredConfig, ...]:
        self._note("stored")
        return self.stored

    @property
    def _points(self) -> list[EntryPoint]:
        self._note("points")
        return self.points

    @cached_property
    def stored(self) -> tuple[StoredConfig, ...]:
        """What the modules of the project store."""
        with Answering():
            return find_stored_configs(self._project.root, self._project.config_folders)

    @cached_property
    def inner_roots(self) -> tuple[str, ...]:
        """The configs from which scripts start in a folder below: with roots and a layout, a table spares reading these."""
        project = self._project
        if not project.has_all_roots:
            return project.inner_roots
        return inner_roots(project.config_folders, project.entry_points())

    @cached_property
    def points(self) -> list[EntryPoint]:
        """The entry points that start from the project's configs."""
        with Answering():
            return points_reading(self._project)
