"""The location of a module's source, found without importing it or any of its parent packages."""

from __future__ import annotations

import sys
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    BuiltinImporter,
    FrozenImporter,
    ModuleSpec,
    PathFinder,
)
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from serotiny.filesystem import is_file, is_folder, matching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class Location(NamedTuple):
    """The location of one module.

    Attributes:
        name: its dotted name.
        source: its `.py` file; None for a compiled module, a namespace package, a module of the interpreter.
        stub: the `.pyi` file of a compiled module.
        folders: the folders of its submodules; empty when it is no package.
        namespace: a package without `__init__.py`.
    """

    name: str
    source: str | None = None
    stub: str | None = None
    folders: tuple[str, ...] = ()
    namespace: bool = False

    @property
    def origin(self) -> str:
        """What distinguishes it from another module of the same name."""
        return self.source or self.stub or ":".join(self.folders) or "built in"


class Probe(Protocol):
    """Answers whether a file exists, and may record that it was asked."""

    def __call__(self, path: str) -> bool: ...


class _Finder(Protocol):
    """The part of `importlib.abc.MetaPathFinder` that classes and instances share."""

    def find_spec(self, fullname: str, path: None, /) -> ModuleSpec | None: ...


def is_module_name(name: str) -> bool:
    """Whether a file may have this name as a module: no statement imports `my-net`, and a text that names it does."""
    return name.replace("-", "_").isidentifier()


def locate_top_level(
    name: str, search_paths: Sequence[Path], script_folders: Callable[[], Sequence[Path]], probe: Probe
) -> Location | None:
    """Find a top-level module: on the search paths and in their `src`, where Python finds it, beside a script."""
    if not is_module_name(name):
        return None
    folders = [folder for path in search_paths for folder in (path, path / "src")]
    # a module of a `src` comes behind Python's own of that name, which is imported long before
    is_pythons = name in sys.stdlib_module_names
    extra = [str(folder) for folder in folders if not (is_pythons and folder.name == "src")]
    places: tuple[Callable[[], ModuleSpec | None], ...] = (
        lambda: _find_below(name, extra),
        lambda: _find_on_python_path(name),
        lambda: _find_below(name, [*map(str, script_folders())]),
    )
    parts: list[Location] = []
    for find in places:
        spec = find()
        if spec is not None and spec.loader is not None:
            return _location(spec, probe)
        if spec is not None:
            # a folder without __init__.py is a package only when nothing better is found
            parts.append(_location(spec, probe))
    return _joined(parts) if len(parts) > 1 else next(iter(parts), None)


def _find_below(name: str, folders: Sequence[str]) -> ModuleSpec | None:
    return PathFinder.find_spec(name, folders) if folders else None


def _joined(parts: Sequence[Location]) -> Location:
    """One namespace package of several parts: the project's own comes first."""
    folders = tuple(dict.fromkeys(folder for part in parts for folder in part.folders))
    return Location(parts[0].name, folders=folders, namespace=True)


def locate_submodule(parent: Location, name: str, probe: Probe) -> Location | None:
    """Find a submodule of a package by path alone, in the order of Python's own finder."""
    dotted = f"{parent.name}.{name}"
    namespace_folders = []
    for folder in parent.folders:
        base = f"{folder}/{name}"
        if probe(f"{base}/__init__.py"):
            return Location(dotted, f"{base}/__init__.py", folders=(base,))
        # not through `probe`: three more files of evidence a module are not worth noticing a new compiled twin
        if any(is_file(Path(base + suffix)) for suffix in EXTENSION_SUFFIXES):
            return _compiled(dotted, base, probe)
        if probe(f"{base}.py"):
            return Location(dotted, f"{base}.py")
        if parent.source is None and parent.stub is not None and probe(f"{base}.pyi"):
            return Location(dotted, stub=f"{base}.pyi")
        if probe(base):
            namespace_folders.append(base)
    if namespace_folders:
        return Location(dotted, folders=tuple(namespace_folders), namespace=True)
    return None


def submodule_names(location: Location) -> Iterator[str]:
    """The names of the modules and packages inside a package, sorted within each folder."""
    for folder in map(Path, location.folders):
        if not is_folder(folder):
            continue
        for entry in sorted(matching(folder, "*")):
            name = entry.name.split(".", 1)[0]
            is_module = entry.suffix == ".py" or entry.name.endswith(tuple(EXTENSION_SUFFIXES))
            is_package = "." not in entry.name and is_folder(entry)
            if name.isidentifier() and name != "__init__" and (is_module or is_package):
                yield name


def _find_on_python_path(name: str) -> ModuleSpec | None:
    found: ModuleSpec | None = None
    finders: list[_Finder] = [BuiltinImporter, FrozenImporter, PathFinder, *_editable_finders()]
    for finder in finders:
        spec = finder.find_spec(name, None)
        if spec is not None and (spec.loader is not None or spec.origin):
            return spec
        found = found or spec
    return found


def _editable_finders() -> list[_Finder]:
    """The finders that setuptools installs for editable projects.

    Only these: other finders on `sys.meta_path` may build or import something when they are asked.
    """
    return [
        finder
        for finder in sys.meta_path
        if getattr(finder, "__module__", "").startswith("__editable__") and hasattr(finder, "find_spec")
    ]


def _location(spec: ModuleSpec, probe: Probe) -> Location:
    folders = tuple(str(folder) for folder in spec.submodule_search_locations or ())
    origin = spec.origin if spec.has_location else None
    if spec.origin == "frozen":
        # the frozen modules of the standard library also have a source file
        origin = getattr(spec.loader_state, "filename", None)
    if origin is not None and origin.endswith(".py"):
        return Location(spec.name, origin, folders=folders)
    if origin is not None and origin.endswith(tuple(EXTENSION_SUFFIXES)):
        return _compiled(spec.name, str(Path(origin).parent / spec.name), probe)
    return Location(spec.name, folders=folders, namespace=bool(folders))


def _compiled(name: str, base: str, probe: Probe) -> Location:
    """A compiled module; the folder of its stubs is taken for that of its submodules."""
    if probe(f"{base}/__init__.pyi"):
        return Location(name, stub=f"{base}/__init__.pyi", folders=(base,))
    return Location(name, stub=f"{base}.pyi" if probe(f"{base}.pyi") else None)
