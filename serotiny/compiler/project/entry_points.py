"""Find the configs that a project's own scripts start from, in their source and without importing anything.

`@hydra.main(config_path=…, config_name=…)`, a decorator of one's own with these two, and `initialize(…)` with
`compose(…)` in one module.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from serotiny.compiler.limits import MAX_SOURCE_BYTES
from serotiny.compiler.project.source_roots import folder_of_own_package, roots_of_distribution, source_roots
from serotiny.filesystem import is_file, is_folder, read_plain_file
from serotiny.reads import Shared

if TYPE_CHECKING:
    from serotiny.compiler.project.source_module import SourceModule, SourceTree

_MAX_FILES = 20_000
"""The number of modules that are read at most, so that a call in a home folder ends soon."""

_SKIPPED = frozenset({"node_modules", "site-packages", "build", "dist", "__pycache__", "outputs", "logs"})
_ASIDE = frozenset({"test", "tests", "example", "examples", "docs", "notebooks", "third_party", "vendor"})

_OF_HYDRAS = re.compile(rb"\b(?:main\b|initialize)")
"""Matches the name of a function of Hydra's that starts from configs."""

_FOLDER_OF = {
    "initialize": "config_path",
    "initialize_config_dir": "config_dir",
    "initialize_config_module": "config_module",
}


@dataclass(frozen=True, kw_only=True)
class EntryPoint:
    """One place where a script names its configs.

    Attributes:
        file: the module.
        folder: the config folder, if the source shows it; it need not exist.
        config: the primary config, if the source shows it.
        has_old_base: Hydra behaves in it as before 1.2, as in a script that gives no `version_base`, or may do so since
            the source does not show which.
        has_options_at_root: it is written for a Hydra before 1.1, which the scripts of today's refuse: options without a
            package stand at the root, and a list may choose in a group again.
        is_main: it is a `hydra.main` or a decorator like it.
        is_script: likewise, and not in a folder of tests, examples or others' code, unless its configs are in there too.
        parts: the keys from which the script makes the parts of a job, by the part's name in a layout.
        makes: the keys from which it makes anything.
        import_roots: folders inside of the repository that the module has on Python's path.
    """

    file: Path
    folder: Path | None
    config: str | None
    has_old_base: bool = False
    has_options_at_root: bool = False
    is_main: bool = True
    is_script: bool = True
    parts: dict[str, str] = field(default_factory=dict)
    makes: frozenset[str] = frozenset()
    import_roots: tuple[Path, ...] = ()


def find_entry_points(root: Path) -> tuple[EntryPoint, ...]:
    """The entry points in the modules below a folder, in order of their paths."""
    from serotiny.compiler.project.source_module import SourceTree

    found: list[EntryPoint] = []
    around = SourceTree(source_roots(root))
    for file in source_modules(root):
        try:
            content = read_plain_file(file, MAX_SOURCE_BYTES)
        except OSError:
            continue
        # few modules of a repository start from configs, and only those are parsed
        if _may_have_one(content):
            found += _read(root, file, content, around)
    return tuple(found)


def _may_have_one(content: bytes) -> bool:
    """Whether a module has the words without which it has no entry point."""
    is_of_hydra = b"hydra" in content and _OF_HYDRAS.search(content) is not None
    return is_of_hydra or (b"config_path" in content and b"config_name" in content)


class EntryPoints:
    """The entry points in the modules below a folder, found once for all who ask.

    Whoever asks depends on the modules, also on those that were read for another one.
    """

    __match_args__ = ()
    """Nothing of it tells one project from another: who depends on the points asks for them."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read = Shared()
        self._found: tuple[EntryPoint, ...] | None = None

    def __reduce__(self) -> tuple[type[EntryPoints], tuple[Path]]:
        # a job that is sent elsewhere finds them there, where it asks
        return EntryPoints, (self._root,)

    def __call__(self) -> tuple[EntryPoint, ...]:
        """The entry points, in order of their modules' paths."""
        if self._found is None or not self._read.is_complete:
            with self._read:
                self._found = find_entry_points(self._root)
        else:
            self._read.note()
        return self._found


def reads(point: EntryPoint, folder: Path) -> bool:
    """Whether an entry point starts from a folder; if its source does not show the folder, from a config in it."""
    if point.folder is not None:
        return point.folder == folder
    return point.config is not None and is_file(folder / f"{point.config}.yaml")


def script_folders(points: Iterable[EntryPoint], folders: Sequence[Path]) -> tuple[Path, ...]:
    """The folders of the scripts that start from configs in some folders, and others from which these import.

    Python has the former on its path when it runs one.
    """
    reading = [point for point in points if any(reads(point, item) for item in folders)]
    scripts = [point for point in reading if point.is_script] or reading  # all may be examples
    own = [point.file.parent for point in scripts]
    return tuple(dict.fromkeys((*own, *(folder for point in scripts for folder in point.import_roots))))


def source_modules(root: Path) -> Iterator[Path]:
    """The modules below a folder, without those of environments, builds and outputs."""
    count = 0
    for folder, names, files in os.walk(root) if is_folder(root) else ():
        # the mark of a virtual environment (PEP 405)
        is_environment = "pyvenv.cfg" in files and folder != str(root)
        names[:] = [] if is_environment else sorted(name for name in names if _is_entered(name))
        for name in sorted(files):
            if name.endswith(".py"):
                yield Path(folder, name)
        count += len(files) + 1
        if count > _MAX_FILES:
            return


def _is_entered(name: str) -> bool:
    # a folder with a name to fill in holds templates, which are no Python and no YAML yet
    return not name.startswith(".") and "{{" not in name and name not in _SKIPPED


def is_aside(file: Path, root: Path) -> bool:
    """Whether a module is in a folder of tests, examples, documentation or others' code."""
    return bool(_ASIDE & set(file.relative_to(root).parts[:-1]))


def is_beside(file: Path, folder: Path, root: Path) -> bool:
    """Whether a module and a folder of configs are of the same example."""
    if not folder.is_relative_to(root):
        return False
    return file.parent == folder.parent or is_aside(Path(os.path.commonpath([file, folder])), root)


def _read(root: Path, file: Path, content: bytes, around: SourceTree) -> list[EntryPoint]:
    from serotiny.compiler.project.source_module import SourceModule
    from serotiny.compiler.project.wiring import wired_parts

    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError):
        return []
    module = SourceModule(file, tree, around)
    aside = is_aside(file, root)
    functions = [node for node in module.nodes if isinstance(node, ast.FunctionDef)]
    mains: list[EntryPoint] = []
    import_roots = _import_roots(module, file, root)
    of_hydra = [*module.calls("main")]
    for call in (*of_hydra, *_like_main(module, functions)):
        folder = module.folder(module.argument(call, "config_path", 0))
        config = module.config(module.argument(call, "config_name", 1))
        is_of_file = config is None and folder is not None and folder.suffix == ".yaml"
        if is_of_file and folder is not None:
            # Hydra before 1.0 took both from the path
            folder, config = folder.parent, folder.stem
        script = next((item for item in functions if call in item.decorator_list), None)
        is_script = not aside or (folder is not None and is_beside(file, folder, root))
        parts, makes = (
            wired_parts(module, tree, script) if script is not None and is_script else ({}, frozenset[str]())
        )
        mains.append(
            EntryPoint(
                file=file,
                folder=folder,
                config=config,
                has_old_base=is_of_file or _is_old(module.argument(call, "version_base", 2)),
                has_options_at_root=is_of_file or (call in of_hydra and _has_strict(call)),
                is_script=is_script,
                parts=parts,
                makes=makes,
                import_roots=import_roots,
            )
        )
    folders = [
        folder
        for name, keyword in _FOLDER_OF.items()
        for call in module.calls(name)
        for given in [module.argument(call, keyword, 0)]
        for folder in [module.package(given) if keyword == "config_module" else module.folder(given)]
        if folder is not None
    ]
    if not folders and not any(True for name in _FOLDER_OF for _ in module.calls(name)):
        return mains
    names = {module.config(module.argument(call, "config_name", 0)) for call in module.calls("compose")}
    known: list[str | None] = [*sorted(name for name in names if name is not None)]
    places: list[Path | None] = [*dict.fromkeys(folders)]
    composed = [
        EntryPoint(file=file, folder=folder, config=name, is_main=False, is_script=False)
        for folder in places or [None]
        for name in known or [None]
    ]
    return [*mains, *composed]


def _import_roots(module: SourceModule, file: Path, root: Path) -> tuple[Path, ...]:
    """The folders below a repository from which a script imports by the look of it: nobody would run it otherwise."""
    found = (
        *module.set_up_roots(),
        folder_of_own_package(file, module.nodes, root),
        *roots_of_distribution(file, root),
    )
    inner = (path for path in found if path is not None and path != root and path.is_relative_to(root))
    return tuple(dict.fromkeys(inner))


def _like_main(module: SourceModule, functions: Sequence[ast.FunctionDef]) -> Iterator[ast.Call]:
    """The calls that decorate functions as `hydra.main` does: they name a config that is there, and its folder."""
    known = {id(call) for call in module.calls("main")}
    for function in functions:
        for call in function.decorator_list:
            if not isinstance(call, ast.Call) or id(call) in known:
                continue
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            folder = module.folder(given.get("config_path"))
            config = module.config(given.get("config_name"))
            if folder is not None and config is not None and is_file(folder / f"{config}.yaml"):
                yield call


def _has_strict(call: ast.Call) -> bool:
    """Whether `hydra.main` is given a parameter that it had before 1.1."""
    return any(keyword.arg == "strict" for keyword in call.keywords)


def _is_old(version_base: ast.expr | None) -> bool:
    match version_base:
        case None:
            return True
        case ast.Constant(str(version)):
            return version.split(".")[:2] == ["1", "1"]  # the oldest that Hydra takes
        case ast.Constant(None):
            return False
        case _:
            return True
