"""Recognise the layout of a project from its files and source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from serotiny.compiler.project.config_files import has_configs
from serotiny.compiler.project.entry_points import EntryPoint, is_aside, reads
from serotiny.compiler.project.layout import HYDRA, SEROTINY, TEMPLATE, Layout, own_operations
from serotiny.filesystem import is_file, is_folder, matching, read_plain_file
from serotiny.schemas.names import OPERATIONS

_DATA_FOLDERS = ("data", "datamodule", "datamodules")
_TEST_CONFIGS = ("eval", "evaluate", "test")
_OWN_GROUPS = ("data", "model", "trainer", "mlflow")
_OWN_FILES = frozenset(OPERATIONS)
_CHOICE = re.compile(rb"^[ \t]*-[ \t]+(?:override[ \t]+)?/?(?:data|model)[ \t]*:", re.MULTILINE)
"""Matches an entry of a defaults list for a part of serotiny's layout."""
_PART = re.compile(rb"^(?:data|model)[ \t]*:.*\b_target_\b", re.MULTILINE | re.DOTALL)
"""Matches such a part at the top, and the name of something that is made."""
_TRAINER = re.compile(rb"^[^#\n]*\btrainer\b|^[ \t]*-[ \t]+(?!_self_)[\w/.-]+[ \t]*(?:#.*)?$", re.MULTILINE)
"""Matches what gives a trainer in a primary config, and a config on which that builds, which may give one."""
_LIST = re.compile(rb"^defaults\b", re.MULTILINE)
_MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class Recognised:
    """The layout that was recognised from a project's files and source.

    Attributes:
        layout: the most likely layout.
        operations: the primary config of each operation that serotiny can run.
        roots: the primary configs that the source names.
        inner_roots: those that it names in a folder below, which is the config folder of their scripts.
        wired: the layout of each primary config whose script shows which part it makes from which key.
    """

    layout: Layout
    operations: dict[str, str]
    roots: tuple[str, ...] = ()
    inner_roots: tuple[str, ...] = ()
    wired: dict[str, Layout] = field(default_factory=dict)


def needs_source(folders: Sequence[Path]) -> bool:
    """Whether a folder has configs that do not belong to serotiny's own layout, so that source has to be read."""
    return any(
        _strange_files(folder) or _has(folder, "callbacks") or _has(folder, "logger") for folder in folders
    )


def recognise(
    folders: Sequence[Path], points: Sequence[EntryPoint], *, root: Path | None = None
) -> Recognised:
    """Recognise the layout of the configs in `folders`, with the entry points that were found.

    Args:
        folders: the project's config folders.
        points: its entry points.
        root: its folder, where no table declares it. Then it is in serotiny's layout only if something of that is there
            beside a name, and no code but that of tests and examples composes from these folders.
    """
    found = _recognise(folders, points)
    if root is not None and found.layout.is_own and (points or has_configs(folders)):
        composing = (point for point in points if any(reads(point, folder) for folder in folders))
        is_of_code = any(not is_aside(point.file, root) for point in composing)
        if is_of_code or not any(map(_has_own_parts, folders)):
            found = Recognised(HYDRA, {}, found.roots)
    return replace(found, inner_roots=inner_roots(folders, points))


def _recognise(folders: Sequence[Path], points: Sequence[EntryPoint]) -> Recognised:
    roots = _named_roots(folders, points)
    scripts = [point for point in points if point.is_script and any(reads(point, item) for item in folders)]
    if _is_template(folders):
        data = next((name for name in _DATA_FOLDERS if _any_has(folders, name)), "data")
        mlflow = None if _any_has(folders, "mlflow") else TEMPLATE.mlflow
        layout = replace(TEMPLATE, data=data, mlflow=mlflow)
        if all(key == getattr(layout, part) for script in scripts for part, key in script.parts.items()):
            unwired = {
                root: replace(layout, data=None) for root, own in _wired(scripts).items() if own.data is None
            }
            operations = _template_operations(folders)
            # a further script that makes a model and trains nothing has a use of its own for it
            unwired |= {
                script.config: HYDRA
                for script in scripts
                if script.config is not None
                and script.config not in operations.values()
                and layout.model in script.makes
                and not script.parts
            }
            return Recognised(layout, operations, roots, wired=unwired)
        return Recognised(HYDRA, {}, roots, wired=_wired(scripts))
    own = [name for name in OPERATIONS if any(is_file(folder / f"{name}.yaml") for folder in folders)]
    of_others = any(point.is_script and point.folder is None and point.config is None for point in points)
    has_own = bool(own) or any(_any_has(folders, group) for group in _OWN_GROUPS)
    has_others = not has_own and has_configs(folders)
    strange = not own and any(_strange_files(folder) for folder in folders)
    if scripts or of_others or has_others or strange:
        return Recognised(HYDRA, {}, roots, wired=_wired(scripts))
    return Recognised(SEROTINY, own_operations(), roots)


def _wired(scripts: Sequence[EntryPoint]) -> dict[str, Layout]:
    by_root: dict[str, list[dict[str, str]]] = {}
    for script in scripts:
        if script.config is not None:
            by_root.setdefault(script.config, []).append(script.parts)
    return {
        root: replace(HYDRA, **parts)
        for root, (parts, *others) in by_root.items()
        if parts and all(other == parts for other in others)
    }


def _is_template(folders: Sequence[Path]) -> bool:
    """Whether trainer and callbacks each have a top-level group, and no config is where serotiny's layout has it."""
    groups = ("model", "trainer", "callbacks")
    return (
        all(_any_has(folders, group) for group in groups)
        and any(_any_has(folders, name) for name in _DATA_FOLDERS)
        and not _any_has(folders, "trainer/callbacks")
        and any(is_file(folder / "train.yaml") for folder in folders)
    )


def _template_operations(folders: Sequence[Path]) -> dict[str, str]:
    found = {"train": "train"}
    for name in _TEST_CONFIGS:
        if any(_may_give_trainer(folder / f"{name}.yaml") for folder in folders):
            found["test"] = name
            break
    if any(is_file(folder / "predict.yaml") for folder in folders):
        found["predict"] = "predict"
    return found


def _named_roots(folders: Sequence[Path], points: Sequence[EntryPoint]) -> tuple[str, ...]:
    """The primary configs that the source names and that exist."""
    scripts = any(point.is_script for point in points)
    names = {
        point.config
        for point in points
        if point.config is not None
        and (point.folder is None or point.folder in folders)
        # a test that composes a single option
        and not (scripts and not point.is_script and "/" in point.config)
    }
    return tuple(
        sorted(name for name in names if any(is_file(folder / f"{name}.yaml") for folder in folders))
    )


def inner_roots(folders: Sequence[Path], points: Sequence[EntryPoint]) -> tuple[str, ...]:
    """The configs in folders below some config folders from which scripts start with that folder as theirs, sorted."""
    return tuple(sorted(_inner_roots(folders, points)))


def _inner_roots(folders: Sequence[Path], points: Sequence[EntryPoint]) -> Iterator[str]:
    for point in points:
        for folder in folders:
            start = point.folder
            if start is None or point.config is None or start == folder or not start.is_relative_to(folder):
                continue
            if point.is_script and is_file(start / f"{point.config}.yaml"):
                yield (start.relative_to(folder) / point.config).as_posix()


def _has_own_parts(folder: Path) -> bool:
    """Whether a folder has a group of serotiny's layout, or a config of that name that gives a part of it or chooses one.

    Without such a config, the groups are those of a job: data and model, or one with a default. A lone folder of models
    is of any program.
    """
    files = [path for path in matching(folder, "*.yaml") if path.stem in _OWN_FILES]
    groups = [group for group in _OWN_GROUPS if _has(folder, group)]
    if files:
        texts = [*map(_text, files)]
        return bool(groups) or any(_CHOICE.search(text) or _PART.search(text) for text in texts)
    has_default = any(is_file(folder / group / "default.yaml") for group in groups)
    return has_default or {"data", "model"}.issubset(groups)


def _may_give_trainer(file: Path) -> bool:
    """Whether there is a config, and no list that leaves out the trainer, as for a script that takes it from a run's folder."""
    if not is_file(file):
        return False
    text = _text(file)
    return _TRAINER.search(text) is not None or _LIST.search(text) is None


def _text(file: Path) -> bytes:
    """What a config says; nothing if it cannot be read."""
    try:
        return read_plain_file(file, _MOST_BYTES)
    except OSError:
        return b""


def _strange_files(folder: Path) -> bool:
    """Whether the top folder has configs other than serotiny's three."""
    return any(path.stem not in _OWN_FILES for path in matching(folder, "*.yaml"))


def _any_has(folders: Sequence[Path], name: str) -> bool:
    return any(_has(folder, name) for folder in folders)


def _has(folder: Path, name: str) -> bool:
    return is_folder(folder / name)
