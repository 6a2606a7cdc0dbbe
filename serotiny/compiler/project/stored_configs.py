"""Find the configs that a project's modules put into Hydra's ConfigStore, from their source."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from serotiny.compiler.limits import MAX_SOURCE_BYTES
from serotiny.compiler.project.entry_points import is_aside, is_beside, source_modules
from serotiny.compiler.project.source_module import SourceModule, SourceTree
from serotiny.compiler.project.source_roots import source_roots
from serotiny.filesystem import read_plain_file

_REGISTERS = r"(?:register|store)\w*_configs?\b"
_DECORATES = rb"^@[\w.]+\([^()]*\bgroup\s*="
_STORES = (b"ConfigStore", b"hydra_zen", _REGISTERS.encode(), _DECORATES)
_MADE_HERE = re.compile(rb"^(\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)*ConfigStore\.instance\(\)", re.MULTILINE)
"""A module's own name for Hydra's store, which other modules may import."""


@dataclass(frozen=True, kw_only=True)
class StoredConfig:
    """A call that stores a config, or many.

    Attributes:
        file: the module.
        group: the group; empty for a config of none, None if the source does not show it.
        name: the name; None if the source does not show it.
        package: the package, if one is given.
        defaults: the defaults list of a dataclass that is stored, if the source shows one.
    """

    file: Path
    group: str | None
    name: str | None
    package: str | None = None
    defaults: ast.expr | None = None

    def may_be(self, config_path: str) -> bool:
        """Whether a config of that path may be the one that is stored.

        Options of Hydra's own groups come from plug-ins: code that stores some shows the group.
        """
        group, _, name = config_path.rpartition("/")
        is_there = self.group == group or (self.group is None and group.partition("/")[0] != "hydra")
        return is_there and self.name in (None, name)


def find_stored_configs(root: Path, folders: Sequence[Path] = ()) -> tuple[StoredConfig, ...]:
    """The configs that the modules below a folder store, without those of tests and examples in which no config folder is."""
    around = SourceTree(source_roots(root))
    modules = (
        file
        for file in source_modules(root)
        if not is_aside(file, root) or any(is_beside(file, folder, root) for folder in folders)
    )
    texts = {file: text for file in modules for text in _text(file)}
    names = {name for text in texts.values() for name in _MADE_HERE.findall(text)}
    storing = re.compile(
        b"|".join((*_STORES, *(rb"\b%s\.store\b" % name for name in sorted(names)))), re.MULTILINE
    )
    return tuple(
        stored
        for file, text in texts.items()
        if storing.search(text)
        for stored in _stored_in(file, text, around, {name.decode() for name in names})
    )


def _text(file: Path) -> Iterable[bytes]:
    try:
        return (read_plain_file(file, MAX_SOURCE_BYTES),)
    except OSError:
        return ()


def _stored_in(
    file: Path, content: bytes, around: SourceTree, stores: Collection[str]
) -> Iterator[StoredConfig]:
    """The configs that a module stores.

    Args:
        file: the module.
        content: its source.
        around: the modules that it may import from.
        stores: names of the project's modules for Hydra's own store.
    """
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError):
        return
    module = SourceModule(file, tree, around)
    for node in tree.body:
        yield from _by_decorator(node, file, module) if isinstance(node, ast.ClassDef) else ()
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for call in calls:
        if _is_of_others(module.imported(call.func), around):
            yield StoredConfig(file=file, group=None, name=None)
        if _called(call) != "store":
            continue
        # hydra-zen takes a name from what is stored, and a group from a store that was made elsewhere
        if b"hydra_zen" in content and not _is_of_hydras(call, stores):
            yield StoredConfig(file=file, group=None, name=None)
            continue
        group = module.argument(call, "group", 2)
        yield StoredConfig(
            file=file,
            group="" if group is None else module.text(group),
            name=module.config(module.argument(call, "name", 0)),
            package=module.text(module.argument(call, "package", 3)),
            defaults=_defaults_of(module.argument(call, "node", 1), tree),
        )


def _by_decorator(node: ast.ClassDef, file: Path, module: SourceModule) -> Iterator[StoredConfig]:
    """What a decorator stores that a class gives a group: `@structured_config(group="model")`, by the name of the class."""
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call):
            continue
        given = {keyword.arg: keyword.value for keyword in decorator.keywords}
        if "group" in given:
            name = given.get("name")
            yield StoredConfig(
                file=file,
                group=module.text(given["group"]),
                name=node.name if name is None else module.config(name),
            )


def _is_of_others(function: str | None, around: SourceTree) -> bool:
    """Whether a function whose source is not here stores configs: `of.hydra.store_configs`, or one of a module that is ignored.

    The function of another package must speak of Hydra.
    """
    module, _, name = (function or "").rpartition(".")
    package = module.partition(".")[0]
    if package in ("", "hydra") or not re.match(_REGISTERS, name) or around.module(module) is not None:
        return False
    return "hydra" in (function or "") or around.package(package) is not None


def _is_of_hydras(call: ast.Call, stores: Collection[str]) -> bool:
    """Whether a call stores in Hydra's own store, under a name that a module has for it."""
    match call.func:
        case ast.Attribute(value=ast.Name(name)):
            return name in stores
        case _:
            return False


def _defaults_of(stored: ast.expr | None, tree: ast.Module) -> ast.expr | None:
    """What `defaults: List[Any] = field(default_factory=lambda: …)` makes in a dataclass of the module."""
    match stored:
        case ast.Name(name) | ast.Call(ast.Name(name)):
            body = next(
                (node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name), []
            )
        case _:
            body = []
    for statement in body:
        match statement:
            case ast.AnnAssign(
                target=ast.Name("defaults"),
                value=ast.Call(keywords=[ast.keyword("default_factory", ast.Lambda(body=made))]),
            ):
                return _assigned(made.id, tree) if isinstance(made, ast.Name) else made
            case _:
                pass
    return None


def _assigned(name: str, tree: ast.Module) -> ast.expr | None:
    """The only value that a module gives to a name at its top."""
    found = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and target.id == name
    ]
    return found[0] if len(found) == 1 else None


def _called(call: ast.Call) -> str | None:
    match call.func:
        case ast.Name(name) | ast.Attribute(attr=name):
            return name
        case _:
            return None
