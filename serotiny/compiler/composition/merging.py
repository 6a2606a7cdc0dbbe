"""Merge the configs of a job in order, each at its package; jobs share the parts that come from the same configs."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from serotiny.compiler.composition.replaced import ReplacedLists
from serotiny.compiler.defaults.expansion import Expanded
from serotiny.compiler.hydra.names import HYDRA
from serotiny.compiler.hydra.plugin_packages import PLUGIN_OF
from serotiny.compiler.limits import MAX_DEPTH, MAX_NODES, TOO_MANY_VALUES
from serotiny.compiler.overrides.apply import apply_overrides
from serotiny.compiler.overrides.argument import Argument
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.document import Document
from serotiny.compiler.syntax.laid_over import with_copies
from serotiny.compiler.syntax.other_forms import meant_line
from serotiny.compiler.tree import EMPTY, Merged, Node, clashes, join, merge, nest, split
from serotiny.diagnostics import NOWHERE, Diagnostic
from serotiny.schemas.names import GLOBAL_PACKAGE
from serotiny.targets.value_types.words import kind_in_words

if TYPE_CHECKING:
    from serotiny.compiler.composition.hydra_settings import SettingsMemo


_KEPT = 50_000
"""The most pairs of merged nodes that are kept; a sweep over options makes new ones for many of its jobs."""


class Merges:
    """Merges configs, once for all jobs that consist of the same ones."""

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[list[Document | None], Node, list[Diagnostic]]] = {}
        self._without_hydra: dict[int, tuple[Node, Node, Node]] = {}
        self._about_hydra: dict[Hashable, tuple[Node, Node, list[Diagnostic]]] = {}
        self._speaking: set[str] = set()
        self._merged: Merged = {}
        self._laid_over: dict[tuple[int, int], tuple[Node, Node, Node, list[Diagnostic]]] = {}
        self._contents: dict[Hashable, tuple[Document, Node, list[Diagnostic]]] = {}

    def note_speaking(self, primary: str, arguments: Sequence[Argument]) -> None:
        """Remember that a primary config says something about Hydra, if it does so by itself."""
        if not arguments:
            self._speaking.add(primary)

    def speaks_of_hydra(self, primary: str) -> bool:
        """Whether a job of a primary config very likely says something about Hydra."""
        return primary in self._speaking

    @cached_property
    def settings(self) -> SettingsMemo:
        """The memo of Hydra's own node."""
        # imports OmegaConf's containers, which nothing else needs
        from serotiny.compiler.composition.hydra_settings import SettingsMemo

        return SettingsMemo()

    def without_hydra(self, root: Node) -> tuple[Node, Node]:
        """A merged tree without Hydra's own node, and one with nothing else."""
        known = self._without_hydra.get(id(root))
        if known is None:
            known = (root, *_without_hydra(root))
            self._without_hydra[id(root)] = known
        return known[1], known[2]

    def about_hydra(self, hydra: Node, arguments: Sequence[Argument]) -> tuple[Node, list[Diagnostic]]:
        """Hydra's part of a merged tree with the overrides of its values applied."""
        key = (id(hydra), tuple(argument.text for argument in arguments))
        known = self._about_hydra.get(key)
        if known is None:
            known = (hydra, *apply_overrides(hydra, arguments)[:2])
            self._about_hydra[key] = known
        return known[1], known[2]

    def merge(self, sources: Sources, expanded: Expanded) -> tuple[Node, list[Diagnostic]]:
        """The merged tree of the configs of a job, and the diagnostics of merging them."""
        order = expanded.defaults.order
        documents = [sources.document(config_path) for config_path, _ in order]
        # asked for each job, so that each depends on the answer
        is_open = _may_lack_global(sources, expanded)
        key = (order, expanded.absent, expanded.dropped, expanded.undecided, is_open)
        known = self._known.get(key)
        # an editor's session parses a changed file again, so the same object means the same text
        if known is None or any(one is not other for one, other in zip(known[0], documents, strict=True)):
            if len(self._merged) > _KEPT:
                self._merged.clear()
                self._laid_over.clear()
            known = (documents, *self._merge(sources, expanded, is_open))
            self._known[key] = known
        return known[1], known[2]

    def _merge(self, sources: Sources, expanded: Expanded, is_open: bool) -> tuple[Node, list[Diagnostic]]:
        """The configs merged in order; where one could not be read, or with `is_open`, the tree is incomplete."""
        root = EMPTY
        faults: list[Diagnostic] = []
        lists = ReplacedLists()
        values = 0
        # the content of a dropped entry is not known, so nothing at its package may be called missing
        for written in expanded.dropped:
            entry = written.entry
            if entry.group is not None and entry.package is None:
                keys = tuple(entry.group_path(written.config_path).split("/"))
                root = merge(root, nest(keys, replace(EMPTY, incomplete=True)))
        for found, _ in expanded.undecided:
            root = merge(root, nest(split(found.package), replace(EMPTY, incomplete=True)))
        for config_path, package in expanded.defaults.order:
            document = None if config_path in expanded.absent else sources.document(config_path)
            keys = split(package)
            if len(keys) + (document.levels if document is not None else 0) > MAX_DEPTH:
                faults.append(_too_deep(config_path, document))
                continue
            values += document.values if document is not None and not document.root.incomplete else 0
            # one that is merged at many packages is many times in what is walked through
            if values > MAX_NODES:
                faults.append(_too_large(config_path, document))
                root = replace(root, incomplete=True)
                break
            content, own_faults = self._content_at(keys, document, sources.defaults(config_path)[1])
            faults += [fault for fault in own_faults if fault not in faults]
            root, clashing = self._prepared(root, content)
            replaced = lists.fault(config_path, keys, root, content)
            faults += [replaced] if replaced is not None else []
            faults += clashing
            root = merge(root, content, self._merged)
        return replace(root, incomplete=True) if is_open else root, faults

    def _prepared(self, root: Node, content: Node) -> tuple[Node, list[Diagnostic]]:
        """A tree as another one is merged over it, and what cannot be merged."""
        key = (id(root), id(content))
        known = self._laid_over.get(key)
        if known is None:
            base = with_copies(root, content)
            clashing = [_clash(keys, below, top) for keys, below, top in clashes(base, content)]
            known = self._laid_over[key] = (root, content, base, clashing)
        return known[2], known[3]

    def _content_at(
        self, package: tuple[str, ...], document: Document | None, faults_of_defaults: Sequence[Diagnostic]
    ) -> tuple[Node, list[Diagnostic]]:
        """As `_content`, the same object for each job, since results of merging are found by identity."""
        if document is None:
            return _content(None, package, faults_of_defaults)
        key = (id(document), package)
        if key not in self._contents:
            self._contents[key] = (document, *_content(document, package, faults_of_defaults))
        return self._contents[key][1:]


def _without_hydra(root: Node) -> tuple[Node, Node]:
    """A tree without Hydra's own node, and one with nothing else."""
    rest = {key: node for key, node in root.value.items() if key != HYDRA}
    own = {key: node for key, node in root.value.items() if key == HYDRA}
    return replace(root, value=rest), replace(root, value=own)


def _may_lack_global(sources: Sources, expanded: Expanded) -> bool:
    """Whether a config is missing that may have set any root key, as an experiment does, and an option of a plug-in does not."""
    left_open = {f"{found.group.partition('@')[0]}/" for found, _ in expanded.undecided if found.group}
    return any(_may_be_global(path, sources) for path in (expanded.absent | left_open) - PLUGIN_OF.keys())


def _may_be_global(absent: str, sources: Sources) -> bool:
    """Whether a missing config may have set root keys, as other configs of its folder do."""
    folder = absent.rpartition("/")[0]
    while folder:
        for option in sources.options_below(folder):
            if sources.package_of(f"{folder}/{option}") == GLOBAL_PACKAGE:
                return True
        folder = folder.rpartition("/")[0]
    return False


def _content(
    document: Document | None, package: tuple[str, ...], faults_of_defaults: Sequence[Diagnostic]
) -> tuple[Node, list[Diagnostic]]:
    """The content of a config at its package, and the diagnostics of its file."""
    if document is None:
        return nest(package, replace(EMPTY, incomplete=True)), []
    faults = [*document.diagnostics, *faults_of_defaults]
    content = document.root
    if content.is_mapping:
        kept = {key: node for key, node in content.value.items() if key != "defaults"}
        # what a refused entry would have brought is not known, so nothing may be called missing
        is_incomplete = content.incomplete or bool(faults_of_defaults)
        content = replace(content, value=kept, incomplete=is_incomplete)
    elif not package:
        message = f"`{document.file}` must hold a mapping"
        faults.append(Diagnostic("SER101", message, content.place, help=_as_mapping(content)))
        content = replace(EMPTY, incomplete=True)
    return nest(package, content), faults


def _as_mapping(content: Node) -> str:
    """How to write the root of a config that is a list or a single value."""
    lines = content.value if content.is_list else [content]
    if content.is_list and lines and all(_is_entry(line) for line in lines):
        return "write `defaults:` in a line above the list"
    for line in lines:
        if isinstance(line.value, str) and (meant := meant_line(line.value)) is not None:
            return meant
    return "write `key: value` in each line" + (", without the dashes" if content.is_list else "")


def _is_entry(line: Node) -> bool:
    """Whether an item of a list at the root looks like an entry of a defaults list."""
    if line.is_mapping:
        return all(not child.is_mapping for child in line.value.values())
    return isinstance(line.value, str) and meant_line(line.value) is None


def _too_deep(config_path: str, document: Document | None) -> Diagnostic:
    place = NOWHERE if document is None else document.root.place
    message = f"at its package `{config_path}` is nested deeper than {MAX_DEPTH} levels"
    return Diagnostic("SER108", message, place, help="put it at a key nearer to the root")


def _too_large(config_path: str, document: Document | None) -> Diagnostic:
    place = NOWHERE if document is None else document.root.place
    message = f"with `{config_path}` the configs of this job come to more than {MAX_NODES:,} values"
    return Diagnostic("SER108", message, place, help=TOO_MANY_VALUES)


def _clash(keys: tuple[Hashable, ...], below: Node, top: Node) -> Diagnostic:
    key = join(keys)
    message = (
        f"`{key}` is {kind_in_words(top.value)} here and cannot be merged into {kind_in_words(below.value)}"
    )
    fix = "write both as a list, or both as a mapping of names"
    return Diagnostic(
        "SER109", message, top.blame_key(), key, help=fix, notes=(f"first set at {below.place}",)
    )
