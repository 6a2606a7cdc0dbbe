"""Which configs the project's own scripts start from, read from their source: nothing is imported.

`@hydra.main(config_path=…, config_name=…)`, and `initialize(…)` with `compose(…)` in one module.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from serotiny.compiler.project.wiring import wired_parts

_MAX_FILES = 5000
"""So that a call in a home folder ends soon."""

_SKIPPED = frozenset({"node_modules", "site-packages", "build", "dist", "__pycache__", "outputs", "logs"})
_ASIDE = frozenset({"test", "tests", "example", "examples", "docs", "notebooks"})

_FOLDER_OF = {"initialize": "config_path", "initialize_config_dir": "config_dir"}


@dataclass(frozen=True, kw_only=True)
class EntryPoint:
    """One place where a script names its configs.

    Attributes:
        file: the module.
        folder: the config folder, where the source tells it; it need not exist.
        config: the primary config, where the source tells it.
        is_script: it is a `hydra.main`, and not in a folder of tests or examples.
        parts: the keys that the script makes the parts of a job of, by the part's name in a layout.
    """

    file: Path
    folder: Path | None
    config: str | None
    is_script: bool = True
    parts: dict[str, str] = field(default_factory=dict)


def find_entry_points(root: Path) -> tuple[EntryPoint, ...]:
    """The entry points in the modules below a folder, in order of their paths."""
    found: list[EntryPoint] = []
    for file in source_modules(root):
        try:
            content = file.read_bytes()
        except OSError:
            continue
        if b"hydra" in content:
            found += _read(root, file, content)
    return tuple(found)


def source_modules(root: Path) -> Iterator[Path]:
    """The modules below a folder, without those of environments, builds and outputs."""
    count = 0
    for folder, names, files in os.walk(root):
        is_environment = "pyvenv.cfg" in files and folder != str(root)
        names[:] = [] if is_environment else sorted(name for name in names if _is_entered(name))
        for name in sorted(files):
            if name.endswith(".py"):
                yield Path(folder, name)
        count += len(files) + 1
        if count > _MAX_FILES:
            return


def _is_entered(name: str) -> bool:
    return not name.startswith(".") and name not in _SKIPPED


def _read(root: Path, file: Path, content: bytes) -> list[EntryPoint]:
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError):
        return []
    module = _Module(file, tree)
    aside = bool(_ASIDE & set(file.relative_to(root).parts[:-1]))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    mains: list[EntryPoint] = []
    for call in module.calls("main"):
        folder, config = module.of_main(call)
        script = next((item for item in functions if call in item.decorator_list), None)
        parts = wired_parts(tree, script) if script is not None and not aside else {}
        mains.append(EntryPoint(file=file, folder=folder, config=config, is_script=not aside, parts=parts))
    folders = [
        folder
        for name, keyword in _FOLDER_OF.items()
        for call in module.calls(name)
        for folder in [module.folder(_argument(call, keyword, 0))]
        if folder is not None
    ]
    if not folders and not any(True for name in _FOLDER_OF for _ in module.calls(name)):
        return mains
    names = {module.config(_argument(call, "config_name", 0)) for call in module.calls("compose")}
    known: list[str | None] = [*sorted(name for name in names if name is not None)]
    places: list[Path | None] = [*dict.fromkeys(folders)]
    composed = [
        EntryPoint(file=file, folder=folder, config=name, is_script=False)
        for folder in places or [None]
        for name in known or [None]
    ]
    return [*mains, *composed]


def _argument(call: ast.Call, name: str, position: int) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if position < len(call.args) and not isinstance(call.args[position], ast.Starred):
        return call.args[position]
    return None


class _Module:
    """The calls of Hydra in one module, and what its constants are worth."""

    def __init__(self, file: Path, tree: ast.Module) -> None:
        self._file = file
        self._constants: dict[str, ast.expr] = {}
        self._names: dict[str, str] = {}
        self._calls: list[ast.Call] = []
        for node in ast.walk(tree):
            match node:
                case ast.Import(names):
                    self._names |= {item.asname or item.name: item.name for item in names if item.asname}
                case ast.ImportFrom(module=str(module), names=names, level=0):
                    self._names |= {item.asname or item.name: f"{module}.{item.name}" for item in names}
                case ast.Assign(targets=[ast.Name(name)], value=value):
                    self._constants.setdefault(name, value)
                case ast.Call():
                    self._calls.append(node)

    def calls(self, name: str) -> Iterator[ast.Call]:
        """The calls of one of Hydra's functions."""
        for call in self._calls:
            path = self._path(call.func)
            if path is not None and path.split(".")[0] == "hydra" and path.endswith(f".{name}"):
                yield call

    def of_main(self, call: ast.Call) -> tuple[Path | None, str | None]:
        """The folder and the config of a `hydra.main(…)`."""
        folder = self.folder(_argument(call, "config_path", 0))
        return folder, self.config(_argument(call, "config_name", 1))

    def folder(self, value: ast.expr | None) -> Path | None:
        text = self._text(value)
        if text is None or "://" in text:
            return None
        path = Path(text)
        return Path(os.path.normpath(path if path.is_absolute() else self._file.parent / path))

    def config(self, value: ast.expr | None) -> str | None:
        text = self._text(value)
        return None if not text else text.removesuffix(".yaml")

    def _path(self, value: ast.expr) -> str | None:
        """The dotted path of a name, as imported here."""
        match value:
            case ast.Name(name):
                return self._names.get(name, name)
            case ast.Attribute(inner, name):
                head = self._path(inner)
                return None if head is None else f"{head}.{name}"
            case _:
                return None

    def _text(self, value: ast.expr | None, depth: int = 0) -> str | None:
        """The text that an expression is worth, where it is plain to see."""
        if value is None or depth > 8:
            return None

        def inner(part: ast.expr | None) -> str | None:
            return self._text(part, depth + 1)

        match value:
            case ast.Constant(str(text)):
                return text
            case ast.Name("__file__"):
                return str(self._file)
            case ast.Name(name):
                return inner(self._constants.get(name))
            case ast.Attribute(part, "parent"):
                below = inner(part)
                return None if below is None else str(Path(below).parent)
            case ast.BinOp(left, ast.Div(), right):
                return _joined(inner(left), inner(right))
            case ast.Call(ast.Attribute(part, "resolve" | "absolute" | "as_posix"), []):
                return inner(part)
            case ast.Call(function, [first, *rest]):
                return self._called(self._path(function) or "", inner(first), [inner(part) for part in rest])
            case _:
                return None

    @staticmethod
    def _called(function: str, first: str | None, rest: list[str | None]) -> str | None:
        match function.rpartition(".")[2], rest:
            case (("str" | "Path" | "PurePath" | "abspath" | "realpath" | "fspath"), []):
                return first
            case "dirname", []:
                return None if first is None else str(Path(first).parent)
            case "join" | "Path", [*more]:
                for part in more:
                    first = _joined(first, part)
                return first
            case (("get" | "getenv"), [fallback]):  # of the environment, with a default
                return fallback
            case _:
                return None


def _joined(left: str | None, right: str | None) -> str | None:
    return None if left is None or right is None else str(Path(left) / right)
