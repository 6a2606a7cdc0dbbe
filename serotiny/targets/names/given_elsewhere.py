"""Whether something beside a module's own statements gives it a name, or its package a module."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from serotiny.filesystem import matching, read_plain_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serotiny.targets.modules.module import Module, ModuleTree

_MADE_BY_A_BUILD: Final = re.compile(r"_|.*_pb2(_grpc)?$|.*version")
"""The names of modules that a build makes: `_C`, `letters_pb2`, `version`."""
_BUILD_FILES: Final = (
    "setup.py",
    "setup.cfg",
    "pyproject.toml",
    "meson.build",
    "CMakeLists.txt",
    "Cargo.toml",
)
_GIVES_NAMES_TO_ALL: Final = re.compile(r"\bbuiltins\b|\binstall\(|\bf_globals\b")
"""How code of a package puts names among the builtins, or those of its caller; `icecream.install()` does."""
_MOST_MODULES: Final = 2_000
_LARGEST_BUILD_FILE: Final = 1 << 20


def is_given_elsewhere(name: str, module: Module, tree: ModuleTree) -> bool:
    """Whether a build, another module of the package or a call that gets the name as text may give it.

    Asked only about what would be an error: all sources of the package are read.
    """
    if _MADE_BY_A_BUILD.match(name) or re.search(rf"\(\s*['\"][^'\"\n]*\b{name}\b", module.text):
        return True
    package = tree.module(module.name.partition(".")[0])
    if package is None or _is_built(name, package, tree):
        return True
    gives = re.compile(rf"\.{name}\s*=[^=]|(?:\bsetattr|\bmodules)\b[^\n]*['\"](?:[\w.]*\.)?{name}['\"]")
    for count, other in enumerate(_modules_in(package, tree)):
        if (
            count == _MOST_MODULES
            or gives.search(other.text)
            or _GIVES_NAMES_TO_ALL.search(other.text)
            or _has_another_source(name, other, tree)
        ):
            return True
    return False


def _modules_in(package: Module, tree: ModuleTree) -> Iterator[Module]:
    waiting = [package]
    while waiting:
        module = waiting.pop()
        yield module
        parts = (tree.module(f"{module.name}.{name}") for name in tree.finder.submodules(module.location))
        waiting += filter(None, parts)


def _has_another_source(name: str, package: Module, tree: ModuleTree) -> bool:
    """Whether a package holds something from which a module may come: `fast.pyx`, `fast.cpp`, `letters.ipynb`."""
    tree.finder.list(package.location)
    return any(next(iter(matching(Path(folder), f"{name}.*")), None) for folder in package.location.folders)


def _is_built(name: str, package: Module, tree: ModuleTree) -> bool:
    """Whether a file that says how the package is built speaks of the name."""
    folders = [Path(folder) for folder in package.location.folders]
    files = [above / file for folder in folders for above in folder.parents[:2] for file in _BUILD_FILES]
    word = re.compile(rb"\b%s\b" % name.encode())
    return any(tree.finder.exists(str(file)) and word.search(_content(file)) for file in files)


def _content(file: Path) -> bytes:
    with suppress(OSError):
        return read_plain_file(file, _LARGEST_BUILD_FILE)
    return b""
