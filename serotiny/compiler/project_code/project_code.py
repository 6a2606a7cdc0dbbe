"""What the modules of a project do with its configs; they are read only when a diagnostic depends on it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Final

from serotiny.cache.questions import Question, question
from serotiny.compiler.project import Project
from serotiny.compiler.project.entry_points import EntryPoint, find_entry_points, reads, source_modules
from serotiny.compiler.project_code.called_by_code import TARGET, called_by_code, looks_up_names
from serotiny.compiler.project_code.config_use import ConfigUse
from serotiny.compiler.project_code.modules import ProjectModules
from serotiny.compiler.project_code.one_slip import one_slip_away
from serotiny.compiler.project_code.resolvers import (
    REGISTERING,
    imported_tables,
    names_in_tables,
    registered_names,
    registering_functions,
)
from serotiny.compiler.project_code.scripts.config_flow import scopes
from serotiny.compiler.project_code.scripts.given_values import GivenValue, assigned_names, given_values
from serotiny.compiler.project_code.scripts.handed_on import HandedOn, handed_on
from serotiny.compiler.project_code.scripts.script import Script
from serotiny.compiler.project_code.scripts.script_reads import ScriptRead, script_reads
from serotiny.compiler.project_code.scripts.script_scope import Scope
from serotiny.compiler.project_code.supplies import GIVING, INSTANTIATING, Supply, root_keys, supplies
from serotiny.compiler.project_code.taken_out import TAKING, TakenOut, taken_out
from serotiny.compiler.syntax.resolvers import is_registered
from serotiny.compiler.tree import Keys, ends_with

_WHOLE: Final = frozenset({"resolve", "to_object", "**", ".items()", ".values()"})
"""What stands in a module that uses a whole node, whatever is in it."""

_SEARCH_PATH_PLUGIN: Final = "SearchPathPlugin"

_POP_OF_ATTRIBUTE: Final = re.compile(rb"\.pop\(\s*\w+(?:\.\w+)+\s*[,)]")

_WORD: Final = re.compile(rb"[A-Za-z_]\w*", re.ASCII)

_TESTS: Final = frozenset({"test", "tests"})


def _is_of_tests(file: Path, project: Project) -> bool:
    """Whether a module is one of the project's tests, which change configs for themselves alone."""
    of_file, *of_folders = (
        {*path.relative_to(project.root).parts[:-1]} & _TESTS
        for path in (file, *(folder / "*" for folder in project.config_folders))
        if path.is_relative_to(project.root)
    )
    return bool(of_file) and not any(of_folders)


@dataclass
class ProjectCode:
    """The code of a project, analysed without importing it.

    Attributes:
        modules: its source.
        declared: the resolvers that the project's table declares, since the source does not show them.
        points: the places where its scripts name their configs; they are found when first needed.
        folders: its config folders.
    """

    asked_as: ClassVar[str] = "code"
    tells_secrets: ClassVar[bool] = False

    modules: ProjectModules
    declared: tuple[str, ...] = ()
    points: Callable[[], Iterable[EntryPoint]] = tuple
    folders: tuple[Path, ...] = ()
    answers: dict[Question, tuple[Question, Any]] = field(default_factory=dict, init=False)
    _taken: dict[Path, frozenset[TakenOut]] = field(default_factory=dict, init=False)
    _reads: dict[Path, ConfigUse] = field(default_factory=dict, init=False)
    _by_name: dict[str | Path, Script | None] = field(default_factory=dict, init=False)
    _by_file: dict[Path, Script] = field(default_factory=dict, init=False)
    _reached: dict[Path, Sequence[Scope]] = field(default_factory=dict, init=False)
    _read_instead: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict, init=False)
    _removals: dict[str, tuple[TakenOut, ...]] = field(default_factory=dict, init=False)

    @classmethod
    def of_project(cls, project: Project, locate: Callable[[str], Path | None]) -> ProjectCode:
        """The code of a project, with the resolvers that its table declares."""
        return cls(
            modules=ProjectModules(
                lambda: (file for file in source_modules(project.root) if not _is_of_tests(file, project)),
                locate,
            ),
            declared=project.leniency.resolvers,
            points=lambda: find_entry_points(project.root),
            folders=project.config_folders,
        )

    @question
    def registered(self) -> frozenset[str]:
        """The resolvers that the project's code registers, and those that its table declares."""
        return self._registered.union(self.declared)

    @cached_property
    def _registered(self) -> frozenset[str]:
        """The resolvers that the project's modules, and the modules they import, register."""
        own = frozenset(name for _, names in self._registering for name in names)
        imported = self.modules.imported_with(REGISTERING)
        return own.union(*(registered_names(tree, frozenset()) for tree in imported))

    def modules_of(self, names: frozenset[str]) -> list[Path]:
        """The project's own modules that register, or may register, one of these resolvers."""
        return [
            file
            for file, registered in self._registering
            if any(is_registered(name, registered) for name in names)
        ]

    @cached_property
    def _registering(self) -> list[tuple[Path, frozenset[str]]]:
        """The project's own modules that register resolvers, with the names of these."""
        own = self.modules.trees_with(REGISTERING)
        functions = frozenset(name for tree in own for name in registering_functions(tree))
        found = self.modules.with_words(REGISTERING | functions)
        return [(file, registered_names(tree, functions) | self._in_tables(tree)) for file, tree in found]

    def _in_tables(self, tree: ast.Module) -> frozenset[str]:
        """The names in the tables which a module imports to register what is in them."""
        tables = imported_tables(tree)
        trees = self.modules.trees_with(tables) if tables else ()
        return frozenset(name for other in trees for name in names_in_tables(other, tables))

    @question
    def supplies_of(self, keys: Keys, primary: str = "") -> list[Supply]:
        """The calls by which the project's code passes more arguments to the node at these keys.

        Args:
            keys: the place of the node.
            primary: leave out what scripts of other primary configs do, where this one has a script too.
        """
        has_script = any(point.is_script and point.config == primary for point in self._points)
        return [
            found
            for found in self._supplies
            if found.reaches(keys) and not (has_script and found.primaries and primary not in found.primaries)
        ]

    @question
    def gives(self, keys: Keys) -> bool:
        """Whether the project's code names what stands at some keys, and gives it to the node around it."""
        return any(keys[-1] in found.names for found in self.supplies_of(keys[:-1]))

    @question
    def sets(self, name: str) -> bool:
        """Whether the project's code gives a whole config a key of this name."""
        return name in self._root_keys

    @cached_property
    def _root_keys(self) -> frozenset[str]:
        trees = self.modules.trees_with({"open_dict", "set_struct"})
        return frozenset(name for tree in trees for name in root_keys(tree))

    @question
    def leaves(self, keys: Keys) -> bool:
        """Whether the project's code may instantiate a parent of the node at these keys with `_recursive_=False`."""
        return any(found.spares(keys) for found in self._supplies)

    @question
    def takes_out(self, keys: Keys) -> bool:
        """Whether the project's code removes the last of these keys from its node before using the node."""
        return any(True for _ in self._removing(keys))

    @question
    def discards(self, keys: Keys) -> bool:
        """Whether the project's code removes the last of these keys from its node, and does nothing with the value."""
        found = list(self._removing(keys))
        is_kept = any(removal.is_kept for removal in found)
        return bool(found) and not is_kept and not any(keys[-2:] in use.read for use in self._reading(keys))

    def _removing(self, keys: Keys) -> Iterator[TakenOut]:
        name = str(keys[-1])
        if name not in self._removals:
            self._removals[name] = tuple(self._removals_of(name))
        return (found for found in self._removals[name] if found.reaches(keys))

    def _removals_of(self, name: str) -> Iterator[TakenOut]:
        """What the modules remove that may remove a key of this name."""
        begun = _quoting(name[:end] for end in range(1, len(name)))
        files = {
            file
            for file, text in self.modules.texts.items()
            if _names(text, name.encode())
            or (b"startswith(" in text and begun.search(text))
            or file in self._removing_unnamed
        }
        for file, tree in self.modules.parsed(files & self.modules.holding(TAKING)):
            yield from self._taken_out(file, tree)

    @cached_property
    def _removing_unnamed(self) -> frozenset[Path]:
        """The modules that remove a key which an attribute holds."""
        return frozenset(file for file, text in self.modules.texts.items() if _POP_OF_ATTRIBUTE.search(text))

    @question
    def reads(self, keys: Keys, *, is_spared: bool = False) -> bool:
        """Whether the project's code reads the value at these keys, and instantiates no node around it.

        Args:
            keys: the place of the value.
            is_spared: whether its node is left out where a node around that is instantiated.
        """
        if not any(keys[-2:] in found.read for found in self._reading(keys)):
            return False
        node = keys[:-1]
        if is_spared:
            return not any(found.makes_itself(node) for found in self._making)
        return not self.makes(node)

    @question
    def makes(self, keys: Keys) -> bool:
        """Whether the project's code is seen to instantiate the node at these keys, or one around it."""
        return any(reads.makes(keys) for reads in self._making)

    @question
    def makes_in_full(self, keys: Keys) -> bool:
        """Whether the project's code certainly instantiates the node at these keys, and all that it gives it is seen.

        Where there are scripts for several primary configs, it is not known which of them runs the code.
        """
        primaries = {(point.folder, point.config) for point in self._points if point.is_script}
        if len(primaries) != 1 or any(name is None for _, name in primaries):
            return False
        found = list(self._making)
        is_spread = any(ends_with(keys, path) for reads in found for path in reads.spread if path)
        return not is_spread and any(keys in reads.made_in_full for reads in found)

    @question
    def makes_around(self, keys: Keys) -> bool:
        """Whether the code is seen to have Hydra make a node around the one at these keys, in no other way and with nothing in its place."""
        making = list(self._making)
        for depth in range(1, len(keys)):
            whole = keys[:depth]
            is_in_full = any(whole in reads.made_in_full for reads in making)
            otherwise = (path for reads in making for path in reads.made_otherwise if path)
            if is_in_full and not (
                any(ends_with(whole, path) for path in otherwise)
                or any(
                    supply.is_open or supply.is_flat or keys[depth] in supply.names
                    for supply in self.supplies_of(whole)
                )
            ):
                return True
        return False

    @question
    def makes_whole(self, primary: str) -> bool:
        """Whether the project's code may instantiate the whole of a primary config; so it may where no script is seen."""
        is_seen = any(point.is_script and point.config == primary for point in self._points)
        return not is_seen or () in self._called or any(reads.makes_whole for reads in self._making)

    @question
    def makes_on_condition(self, keys: Keys) -> bool:
        """Whether the project's code instantiates the node at these keys, but only where a condition holds."""
        found = [reads for reads in self._making if reads.makes(keys)]
        return bool(found) and all(reads.makes_on_condition(keys) for reads in found)

    @question
    def asks(self, keys: Keys) -> bool:
        """Whether a condition in the project's code depends on the value at these keys."""
        return any(("", *keys)[-2:] in found.asked for found in self._reading(keys))

    @question
    def leaves_unread(self, primary: str, keys: Keys) -> bool:
        """Whether the scripts that start from a primary config are seen not to read the value at these keys.

        Where they hand the config on, no module may read a value of that name, or resolve a whole config.
        """
        files = [point.file for point in self._points if point.is_script and point.config == primary]
        scripts = [
            self._reads_of(file, tree) for file, tree in self.modules.with_words({"hydra"}) if file in files
        ]
        if not scripts or all(use.leaves_unread(keys) for use in scripts):
            return bool(scripts)
        words = {str(keys[-1]), *INSTANTIATING, *_WHOLE}
        uses = (self._reads_of(file, tree) for file, tree in self.modules.with_words(words))
        return all(use.is_some for use in scripts) and all(use.never_reads(keys) for use in uses)

    @question
    def handed_on(self, primary: str) -> tuple[HandedOn, ...]:
        """The calls to which the scripts of a primary config hand parts of it as keyword arguments."""
        return tuple(found for script in self._scripts(primary) for found in handed_on(self._scopes(script)))

    @question
    def script_reads(self, primary: str) -> tuple[ScriptRead, ...]:
        """What the scripts of a primary config read of it, what is certain first, in the order of lines.

        Nothing where several start from it, or none.
        """
        scripts = [*self._scripts(primary)]
        only = scripts if len(scripts) == 1 else []
        found = (found for script in only for found in script_reads(self._scopes(script)))
        return tuple(sorted(found, key=lambda read: (not read.is_certain, read.line)))

    @question
    def line_of_read(self, primary: str, keys: tuple[str, ...]) -> int:
        """The line of the first place where the script of a primary config reads the key at these keys."""
        return next(read.line for read in self.script_reads(primary) if read.keys == keys)

    @question
    def given_values(self, primary: str) -> tuple[GivenValue, ...]:
        """The single values of a primary config that its scripts give to what they import, as they are; no call is certain where several start from it."""
        scripts = [*self._scripts(primary)]
        return tuple(
            replace(found, is_certain=found.is_certain and len(scripts) == 1)
            for script in scripts
            for found in given_values(self._scopes(script))
        )

    @question
    def line_of_given(self, primary: str, keys: tuple[str, ...], target: str, parameter: str | int) -> int:
        """The line of the first call of a target that a script of a primary config gives the value at these keys."""
        wanted = keys, target, parameter
        found = self.given_values(primary)
        return next(given.line for given in found if (given.keys, given.target, given.parameter) == wanted)

    @question
    def may_assign(self, name: str) -> bool:
        """Whether the project's code may give a key of this name another value, in whatever object."""
        return name in self._assigned

    @cached_property
    def _assigned(self) -> frozenset[str]:
        names = frozenset(name for text in self.modules.texts.values() for name in assigned_names(text))
        return frozenset(name.decode("utf-8", "replace") for name in names)

    def _scripts(self, primary: str) -> Iterator[Script]:
        """The scripts that start from a primary config in the project's folders; examples where nothing else does.

        What no script names is started by the only one that is given the name in the call, if there is one.
        """
        mains = [
            point
            for point in self._points
            if point.is_main and any(reads(point, folder) for folder in self.folders)
        ]
        scripts = [point for point in mains if point.is_script] or mains
        of_any = [point.file for point in scripts if point.config is None]
        named = [point.file for point in scripts if point.config == primary]
        files = named or (of_any if len(of_any) == 1 else [])
        read = self.modules.parsed(self.modules.holding({"hydra"}).intersection(files))
        return (self._script(file, tree) for file, tree in read)

    def _script(self, file: Path, tree: ast.Module) -> Script:
        if file not in self._by_file:
            self._by_file[file] = Script(file, tree)
        return self._by_file[file]

    def _scopes(self, script: Script) -> Sequence[Scope]:
        """The functions that are given the config of a script; several questions are about them."""
        if script.file not in self._reached:
            self._reached[script.file] = tuple(scopes(script, self._module))
        return self._reached[script.file]

    def _module(self, name: str | Path) -> Script | None:
        """A module of the project by its dotted name or its path; None where it cannot be read, or is not the project's."""
        if name not in self._by_name:
            if isinstance(name, Path):
                files = {name.with_name(f"{name.name}.py"), name / "__init__.py"} & self.modules.texts.keys()
            else:
                files = {file for file in [self.modules.locate(name)] if file is not None}
            read = [*self.modules.parsed(files)]
            self._by_name[name] = self._script(*read[0]) if read else None
        return self._by_name[name]

    @question
    def mentions(self, word: str) -> bool:
        """Whether the project's code has a word anywhere."""
        return word in self._words

    @question
    def reads_instead(self, holder: str, name: str, there: tuple[Any, ...]) -> str | None:
        """The key that the project's code reads of a node, where what stands there is one slip away from it.

        Args:
            holder: the last key of the node; "" for a whole config.
            name: the key that is there.
            there: all the keys of the node.
        """
        if (holder, name) not in self._read_instead:
            meant = sorted(one_slip_away(name) & self._words)
            read = [
                key for key in meant if any((holder, key) in use.read for use in self._reading((holder, key)))
            ]
            self._read_instead[holder, name] = tuple(read)
        found = [key for key in self._read_instead[holder, name] if key not in there]
        return found[0] if len(found) == 1 else None

    @cached_property
    def _words(self) -> frozenset[str]:
        words = frozenset(word for text in self.modules.texts.values() for word in _WORD.findall(text))
        return frozenset(word.decode() for word in words)

    @cached_property
    def _points(self) -> tuple[EntryPoint, ...]:
        return tuple(self.points())

    @question
    def calls(self, keys: Keys) -> bool:
        """Whether the project's code reads the target of the node at these keys, to call it itself."""
        return any(ends_with(keys, path) if path else not keys for path in self._called)

    @question
    def looks_up_names(self) -> bool:
        """Whether the project's code takes targets for names in a module that it has, as Hydra does not."""
        return any(map(looks_up_names, self.modules.trees_with({TARGET})))

    @question
    def compares(self, text: str) -> bool:
        """Whether the project's code compares something with this text."""
        return any(
            isinstance(part, ast.Constant) and part.value == text
            for tree in self.modules.trees_with({text})
            for node in ast.walk(tree)
            if isinstance(node, ast.Compare)
            for part in (node.left, *node.comparators)
        )

    @question
    def adds_folders(self) -> bool:
        """Whether the project's code has a plug-in that adds folders to Hydra's search path."""
        return any(
            isinstance(node, ast.ClassDef) and any(map(_is_search_path_plugin, node.bases))
            for tree in self.modules.trees_with({_SEARCH_PATH_PLUGIN})
            for node in ast.walk(tree)
        )

    @cached_property
    def _called(self) -> frozenset[tuple[str, ...]]:
        return frozenset(path for tree in self.modules.trees_with({TARGET}) for path in called_by_code(tree))

    @property
    def _making(self) -> Iterator[ConfigUse]:
        """What each module reads that may instantiate something."""
        return (self._reads_of(file, tree) for file, tree in self.modules.with_words(INSTANTIATING))

    def _reading(self, keys: Keys) -> Iterator[ConfigUse]:
        """What each module reads that names the last two of these keys."""
        *_, holder, key = ("", *map(str, keys))
        texts = self.modules.texts
        files = (file for file in self.modules.holding({holder}) if _names(texts[file], key.encode()))
        return (self._reads_of(file, tree) for file, tree in self.modules.parsed(files))

    def _reads_of(self, file: Path, tree: ast.Module) -> ConfigUse:
        if file not in self._reads:
            self._reads[file] = ConfigUse.of_module(tree)
        return self._reads[file]

    def _taken_out(self, file: Path, tree: ast.Module) -> frozenset[TakenOut]:
        if file not in self._taken:
            self._taken[file] = frozenset(taken_out(tree))
        return self._taken[file]

    @cached_property
    def _supplies(self) -> tuple[Supply, ...]:
        return tuple(
            replace(found, primaries=primaries)
            for file, tree in self.modules.with_words(GIVING)
            for primaries in [self._started_by(file)]
            for found in supplies(tree)
        )

    def _started_by(self, file: Path) -> frozenset[str]:
        """The primary configs of a script that no other module imports; empty for other modules, or where one is not known."""
        names = {point.config for point in self._points if point.is_script and point.file == file}
        if not names:
            return frozenset()
        importing = re.compile(
            rb"^\s*(?:from|import)\b.*\b%s\b" % re.escape(file.stem.encode()), re.MULTILINE
        )
        if None in names or any(
            importing.search(text) for other, text in self.modules.texts.items() if other != file
        ):
            return frozenset()
        return frozenset(name for name in names if name is not None)


def _is_search_path_plugin(base: ast.expr) -> bool:
    return ast.unparse(base).rpartition(".")[2] == _SEARCH_PATH_PLUGIN


def _names(text: bytes, key: bytes) -> bool:
    """Whether a source has a key as an attribute or at the end of a text, as code that reads or removes it does."""
    return key in text and re.search(rb"[.'\"]\s*%s(?!\w)" % re.escape(key), text) is not None


def _quoting(texts: Iterable[str]) -> re.Pattern[bytes]:
    """Finds one of these texts in source as a literal."""
    return re.compile(rb"['\"](?:%s)['\"]" % b"|".join(re.escape(text.encode()) for text in texts))
