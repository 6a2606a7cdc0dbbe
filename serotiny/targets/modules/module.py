"""Modules whose files are read one by one, when a name in them is first needed."""

from __future__ import annotations

import ast
import re
import warnings
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from serotiny.filesystem import read_plain_file
from serotiny.targets.modules.scope import Scope, read_scope, type_parameters
from serotiny.targets.modules.source_texts import LARGEST_SOURCE

if TYPE_CHECKING:
    from serotiny.targets.modules.finder import ModuleFinder
    from serotiny.targets.modules.location import Location

_STUB_NAME: Final = re.compile(r"^(?:class|def|async def)\s+(\w+)|^(\w+)\s*[:=]|\bas (\w+)\b", re.MULTILINE)


_EXTENDS_THE_PATH: Final = re.compile(r"\bsys\.(?:path|modules|meta_path)\b")


class Module:
    """One module: its location and, read on demand, its text, syntax tree and names."""

    def __init__(self, location: Location) -> None:
        self.location = location
        self.name = location.name

    @cached_property
    def text(self) -> str:
        """The source; empty when there is none or it cannot be read."""
        return self._source or ""

    @cached_property
    def _source(self) -> str | None:
        path = self.location.source
        if path is None:
            return None
        try:
            return _decode(read_plain_file(Path(path), LARGEST_SOURCE))
        except (OSError, SyntaxError, UnicodeDecodeError, LookupError):
            return None

    @property
    def tree(self) -> ast.Module | None:
        """The syntax tree; None when there is no source or it is not valid Python."""
        parsed = self._parsed
        return parsed if isinstance(parsed, ast.Module) else None

    @property
    def syntax_error(self) -> SyntaxError | None:
        """Why the source is not valid Python, where that is so."""
        parsed = self._parsed
        return parsed if isinstance(parsed, SyntaxError) else None

    @cached_property
    def _parsed(self) -> ast.Module | SyntaxError | None:
        if self._source is None:
            return None
        try:
            with warnings.catch_warnings():
                # such as an invalid escape in a docstring, which is not for serotiny to report
                warnings.simplefilter("ignore")
                return ast.parse(self._source)
        except SyntaxError as error:
            return error
        except (ValueError, RecursionError, MemoryError):
            return None

    @cached_property
    def scope(self) -> Scope:
        return read_scope(self.tree.body) if self.tree is not None else Scope()

    @cached_property
    def type_parameters(self) -> frozenset[str]:
        """Names that only a generic class, function or alias of the module gives a meaning."""
        return type_parameters(self.tree) if self.tree is not None else frozenset()

    @property
    def is_package(self) -> bool:
        return bool(self.location.folders)

    @property
    def is_opaque(self) -> bool:
        """Whether it may have names that cannot be read: it is compiled, builtin, or not valid Python."""
        if self.location.namespace:
            return False
        return self.tree is None

    @cached_property
    def stub_names(self) -> frozenset[str]:
        """The top-level names of the stub of a compiled module, found by pattern.

        The stub of `torch._C` has 14,000 lines; parsing it takes longer than a whole check may.
        """
        if self.location.stub is None:
            return frozenset()
        try:
            text = read_plain_file(Path(self.location.stub), LARGEST_SOURCE).decode("utf-8")
        except (OSError, UnicodeDecodeError):
            return frozenset()
        return frozenset(name for groups in _STUB_NAME.findall(text) for name in groups if name)

    def absolute(self, module: str, level: int) -> str:
        """The absolute name of the module in `from ..module import` here."""
        if not level:
            return module
        parts = self.name.split(".")
        kept = len(parts) - level + (1 if self.is_package else 0)
        return ".".join([*parts[:kept], *([module] if module else [])])


class ModuleTree:
    """All modules that a finder can find, each read at most once."""

    def __init__(self, finder: ModuleFinder) -> None:
        self.finder = finder
        self._modules: dict[str, Module] = {}

    def module(self, name: str) -> Module | None:
        """The module of this absolute name, or None when there is none."""
        location = self.finder.find(name)
        if location is None:
            return None
        return self._modules.setdefault(name, Module(location))

    def lacks(self, package: str, importer: Module) -> bool:
        """Whether a top-level package is certainly not there when a module imports it.

        A module that extends `sys.path` may find it elsewhere; a distribution may have its own way to be found.
        """
        return (
            self.finder.find(package) is None
            and self.finder.distribution(package) is None
            and _EXTENDS_THE_PATH.search(importer.text) is None
        )


def _decode(data: bytes) -> str:
    """Decode source the way Python does: byte order mark, coding line, universal newlines."""
    from importlib.util import decode_source

    return decode_source(data)
