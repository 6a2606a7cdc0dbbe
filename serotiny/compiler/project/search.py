"""Find the project that a command is about."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.machinery import PathFinder
from pathlib import Path

from serotiny.compiler.limits import MAX_FOLDERS_BESIDE, MAX_SOURCE_BYTES
from serotiny.compiler.project.config_files import check_sizes, config_files_below, has_configs
from serotiny.compiler.project.entry_points import (
    EntryPoint,
    EntryPoints,
    is_aside,
    reads,
    script_folders,
)
from serotiny.compiler.project.layout import Layout
from serotiny.compiler.project.project import Project, ProjectError
from serotiny.compiler.project.recognition import Recognised, needs_source, recognise
from serotiny.compiler.project.requirements import asked_hydra, asked_python
from serotiny.compiler.project.source_roots import repository_of, source_roots
from serotiny.compiler.project.table import TABLE_FILE, Table, read_table
from serotiny.diagnostics.counts import first_of
from serotiny.filesystem import is_file, is_folder, matching, read_plain_file, real_path
from serotiny.reads import Answering
from serotiny.targets.modules.location import is_module_name

_UNNAMED = frozenset({"setup", "conftest"})
"""Modules that tools look for, and nothing else imports."""

_SCRIPTS = _UNNAMED | {"tests", "docs", "examples"}
"""Python modules and packages at the top of a repository that are not the project's own package."""

_OF_SCRIPTS = _SCRIPTS | {"benchmarks", "notebooks", "scripts", "test", "tools"}
"""Folders of folders of scripts: without a module of their own they are no namespace package."""

_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+(\w+)", re.MULTILINE)
"""The first name of what a statement imports."""

_TARGET = re.compile(r"""_target_['"]?[ \t]*:[ \t]*['"]?(\w+)\.""")
"""The first name of what a config names."""

_CONFIG_FOLDERS = ("configs", "conf", "config")
"""The usual folders of configs, for when no source names one."""


def find_project(start: Path, config_dir: Path | None = None, trusted: tuple[str, ...] = ()) -> Project:
    """Find the project of the folder `start`: one with a table, or a folder of configs in a repository.

    Args:
        start: the folder to search from, upwards.
        config_dir: a folder of configs, searched after the project's own; with it there need not be a project.
        trusted: packages to trust, besides those of the table.

    Raises:
        ProjectError: there is no project, its table is malformed, or a config folder does not exist or holds
            more than is looked through.
    """
    with Answering():  # whoever depends on it compares the project
        project = _find(real_path(start.absolute()), config_dir, trusted)
        check_sizes(project.config_folders)
    return project


def _find(start: Path, config_dir: Path | None, trusted: tuple[str, ...]) -> Project:
    extra = () if config_dir is None else (_config_folder(start / config_dir, "--config-dir"),)
    for folder in (start, *start.parents):
        table = read_table(folder / TABLE_FILE)
        if table is not None:
            return _from_table(folder, table, extra, trusted)
    if extra:
        found = EntryPoints(start)
        bare = Project(root=start, package=None, config_folders=extra, trusted=trusted, found=found)
        return _without_table(bare)
    root = repository_of(start) or start
    found = EntryPoints(root)
    folders = _found_folders(root, found(), start)
    if not folders:
        raise ProjectError(
            f"no serotiny project in {start} or above: no pyproject.toml there has a [tool.serotiny] table, and "
            f"{root} has no folder of configs{_not_there(root, found())}; make a project with `serotiny new`, or name a folder of configs "
            "with --config-dir"
        )
    bare = Project(root=root, package=None, config_folders=(folders[0],), trusted=trusted, found=found)
    return _without_table(bare, folders[1:])


def _not_there(root: Path, points: Sequence[EntryPoint]) -> str:
    """The folders that scripts name and that do not exist, in words: often they are to be copied from an example."""
    named = {point.folder for point in points if point.is_script and point.folder is not None}
    inside = sorted(folder for folder in named if folder.is_relative_to(root))
    if not inside:
        return ""
    shown = first_of([folder.relative_to(root).as_posix() for folder in inside])
    return f": its scripts name {shown}, where there is none"


def _found_folders(root: Path, points: Sequence[EntryPoint], start: Path) -> list[Path]:
    """The folders of configs, the most likely first: those nearest to `start`, of these what most scripts name.

    The usual ones are taken where no script names one, or none so near. Inside of a folder of examples, those there count.
    """
    there = [point for point in points if point.folder is not None and is_folder(point.folder)]
    scripts = [
        point
        for point in there
        if (point.is_script and not is_aside(point.file, root))
        or (start != root and point.file.is_relative_to(start))
    ]
    named = [point.folder for point in scripts or there if point.folder is not None]
    of_calls = _folders_of_calls(root, points)
    named = named or of_calls
    counts = Counter(named)
    likely = sorted(
        counts, key=lambda folder: (-_shared(folder, start), -counts[folder], len(folder.parts), folder)
    )
    nearer = [folder for folder in (start, *start.parents) if folder != root and folder.is_relative_to(root)]
    if not named:
        bases = [root, *(base / name for base in source_roots(root) for name in own_packages(base))]
        return list(_usual_folders([*nearer, *bases]))
    beside = [folder for folder in nearer if len(folder.parts) > _shared(likely[0], start)]
    # what a module composes from without `hydra.main` is told beside them; a part of one is no other
    composed = {point.folder for point in there if point.folder and not is_aside(point.file, root)}
    others = (folder for folder in composed if not any(map(folder.is_relative_to, likely)))
    return list(dict.fromkeys([*_usual_folders(beside), *likely, *sorted(others), *of_calls]))


def _folders_of_calls(root: Path, points: Sequence[EntryPoint]) -> list[Path]:
    """The folders with a config that a script names without its folder, which the call does: `--config-path conf/fit`.

    They stand side by side in one of the usual folders, which has no such config itself.
    """
    found: dict[Path, None] = {}
    for point in points:
        if point.folder is not None or point.config is None or not point.is_script:
            continue
        nearer = [folder for folder in point.file.parents if folder.is_relative_to(root)]
        for usual in _usual_folders(nearer):
            if not is_file(usual / f"{point.config}.yaml"):
                found |= {file.parent: None for file in matching(usual, f"*/{point.config}.yaml")}
    return sorted(found)


def _usual_folders(bases: Iterable[Path]) -> Iterator[Path]:
    """The usual folders of configs below some folders."""
    for folder in dict.fromkeys(base / name for base in bases for name in _CONFIG_FOLDERS):
        if is_folder(folder) and has_configs([folder]):
            yield folder


def _shared(folder: Path, start: Path) -> int:
    """How many parts of their paths two folders share from the top."""
    return len(Path(os.path.commonpath([folder, start])).parts)


def projects_beside(project: Project) -> tuple[Project, ...]:
    """What is checked together with a project: each other folder of configs of its repository, as one by itself."""
    with Answering():  # as of `find_project`
        return tuple(_beside(project, folder) for folder in project.other_folders)


def _beside(project: Project, folder: Path) -> Project:
    bare = replace(project, config_folders=(folder,), has_all_roots=False, other_folders=(), recognised=None)
    made, _ = _as_scripts_have_it(bare)
    names = (name for each in made.script_folders for name in _only_beside(each))
    return replace(made, trusted=tuple(dict.fromkeys((*project.trusted, *names))))


def _as_scripts_have_it(project: Project) -> tuple[Project, Recognised]:
    """A project with the layout and the scripts of its config folders, and what was recognised of these."""
    points = project.entry_points()
    recognised = recognise(project.config_folders, points, root=project.root)
    made = _with_layout(project, recognised, recognised.layout, recognised.operations)
    return replace(made, beside_scripts=script_folders(points, project.config_folders)), recognised


def _without_table(bare: Project, others: Sequence[Path] = ()) -> Project:
    project, recognised = _as_scripts_have_it(bare)
    points, folders = project.entry_points(), project.config_folders
    shown = ", ".join(project.shown(folder) for folder in folders)
    package = _package_of(project.root, folders[0], points)
    beside = (name for folder in project.script_folders for name in _only_beside(folder))
    own = sorted({*_importable_names(project.root), *beside} - {package or ""})
    # those inside of the project's own are no others
    outside = tuple(folder for folder in others if not folder.is_relative_to(folders[0]))
    return replace(
        project,
        package=package,
        trusted=(*project.trusted, *own),
        other_folders=outside[:MAX_FOLDERS_BESIDE],
        recognised=f"no [tool.serotiny] table: found the configs in {shown}, {_in_words(recognised)}{_of_older_hydra(project, points)}{left_out_in_words(project, outside[MAX_FOLDERS_BESIDE:])}",
    )


def left_out_in_words(project: Project, folders: Sequence[Path]) -> str:
    """A sentence that names folders of configs that are not looked at together with the project's own."""
    if not folders:
        return ""
    names = first_of([project.shown(folder) for folder in folders])
    return f"; there are configs in {names} too: name a folder with --config-dir"


def _from_table(root: Path, table: Table, extra: tuple[Path, ...], trusted: tuple[str, ...]) -> Project:
    base = root / "src" if is_folder(root / "src" / table.package) else root
    folder = root / table.config if table.config else base / table.package / "config"
    folders = (_config_folder(folder, f"{table.file}: config"), *extra)
    project = Project(
        root=root,
        package=table.package,
        config_folders=folders,
        trusted=(*table.trusted, *trusted),
        allowed=table.allowed,
        trusted_hosts=table.trusted_hosts,
        leniency=table.leniency,
        other_folders=tuple(
            _config_folder(root / name, f"{table.file}: other_configs") for name in table.other_configs
        ),
        found=EntryPoints(root),
    )
    is_told = table.layout is not None and table.roots is not None
    # a table with roots is of another project, also where no file shows it
    is_read = not is_told and (table.roots is not None or needs_source(folders))
    points = project.entry_points() if is_read else ()
    recognised = recognise(folders, points)
    # what is recognised where there is no config yet says nothing of a project that is declared to be another's
    is_guessed = table.layout is not None and not table.layout.is_own and not has_configs(folders)
    known = {} if is_guessed else recognised.operations
    operations = known if table.operations is None else dict(table.operations)
    made = _with_layout(project, recognised, table.layout or recognised.layout, operations)
    if table.layout is not None:
        made = replace(made, wired={})
    if table.roots is not None:
        names = tuple(name.removesuffix(".yaml") for name in table.roots)
        made = replace(made, named_roots=names, has_all_roots=True)
    # where each primary config has a layout of its own, the table leaves that to the scripts
    if table.layout is None and not made.layout.is_own and not made.wired:
        made = replace(made, recognised=f"no layout in [tool.serotiny]: {_in_words(recognised)}")
    return made


def _with_layout(
    project: Project, recognised: Recognised, layout: Layout, operations: dict[str, str]
) -> Project:
    return replace(
        project,
        layout=layout,
        operations=operations,
        named_roots=recognised.roots,
        inner_roots=recognised.inner_roots,
        wired=recognised.wired,
        asked_hydra=None if operations else asked_hydra(project.root, project.config_folders[0]),
        asked_python=None if operations else asked_python(project.root),
    )


def _of_older_hydra(project: Project, points: Sequence[EntryPoint]) -> str:
    """What is for a Hydra which reads configs in another way, and what that is; empty where nothing is."""
    differs = "options stand at the root, and all that a list chooses in a group are merged"
    asked = project.asked_hydra
    if asked is not None and asked.puts_options_at_root:
        return f", read as a Hydra before 1.1 does, for which {project.shown(asked.file)} asks: {differs}"
    old = (point for point in points if point.has_options_at_root)
    first = next((point for point in old if any(reads(point, item) for item in project.config_folders)), None)
    if first is None:
        return ""
    return (
        f", read as a Hydra before 1.1 does, for which {project.shown(first.file)} is written (a newer one refuses to start"
        f" it): {differs}"
    )


def _in_words(recognised: Recognised) -> str:
    runs = ", ".join(
        f"`{name}` runs `{root}`" for name, root in recognised.operations.items() if name != root
    )
    layout = (
        "with no layout beyond Hydra's"
        if recognised.layout.name == "hydra"
        else f"in the layout of {recognised.layout.name}"
    )
    return f"{layout}{f' ({runs})' if runs else ''}"


def _package_of(root: Path, folder: Path, points: Sequence[EntryPoint]) -> str | None:
    """The project's own package; that which its configs name most often, where they never name the most likely one."""
    likely, names = _likely_package(root, folder, points), own_packages(root)
    if likely is None or len(names) <= 1:
        return likely
    found: Counter[str] = Counter()
    for file in config_files_below(folder):
        with suppress(OSError):
            text = read_plain_file(file, MAX_SOURCE_BYTES).decode("utf-8", "replace")
            found.update(name for name in _TARGET.findall(text) if name in names or name == likely)
        if found[likely]:
            return likely
    return max(found, key=lambda name: (found[name], name), default=likely)


def _likely_package(root: Path, folder: Path, points: Sequence[EntryPoint]) -> str | None:
    """The package that contains the scripts that read the configs, or the configs; folders of scripts come last.

    Or else the only package, or the one that those scripts import from most often, or the script itself.
    """
    scripts = [point.file for point in points if point.is_script and reads(point, folder)]
    bases = sorted(source_roots(root), key=lambda base: -len(base.parts))
    # around the folder of configs: it may be a package itself, and is not the project's
    around = [name for path in (*scripts, folder) for name in [_package_around(path, bases)] if name]
    packages = [
        name
        for base in bases
        for name in own_packages(base)
        if name.isidentifier() and _is_package(base / name) and base / name != folder
    ]
    own = [name for name in packages if root.name in (name, name.replace("_", "-"))] or packages
    kept, others = _without_scripts(around), _without_scripts(own)
    if kept:
        return kept[0]
    if len({*others}) == 1:
        return others[0]
    return _most_imported(scripts, root) or next(iter((*around, *own)), None) or _of_one_file(scripts, root)


def _package_around(path: Path, bases: Sequence[Path]) -> str | None:
    """The package that contains a file or folder, below one of the folders that modules are imported from."""
    for base in bases:
        first = path.relative_to(base).parts[0] if path.is_relative_to(base) and path != base else ""
        if base / first == path:
            continue
        if first.isidentifier() and (_is_package(base / first) or _is_namespace(base / first)):
            return first
    return None


def _without_scripts(names: Sequence[str]) -> list[str]:
    return [name for name in names if name not in _OF_SCRIPTS]


def _most_imported(scripts: Sequence[Path], root: Path) -> str | None:
    """The folder of modules at the top of a repository from which some scripts import most often."""
    found: Counter[str] = Counter()
    for script in scripts:
        with suppress(OSError):
            text = read_plain_file(script, MAX_SOURCE_BYTES).decode("utf-8", "replace")
            found.update(name for name in _IMPORT.findall(text) if name in own_packages(root))
    return next((name for name, _ in found.most_common() if is_folder(root / name)), None)


def _of_one_file(scripts: Sequence[Path], root: Path) -> str | None:
    """The first script at the top of a repository that has no folder of modules."""
    return next((file.stem for file in scripts if file.parent == root and file.stem.isidentifier()), None)


def own_packages(root: Path) -> tuple[str, ...]:
    """The packages and modules at the top of a repository, or of its `src`, without folders of scripts alone."""
    return tuple(
        sorted(
            {
                path.stem
                for path in _importable(root)
                if path.stem not in _SCRIPTS
                and not (path.stem in _OF_SCRIPTS and is_folder(path) and not _is_package(path))
            }
        )
    )


def _importable_names(root: Path) -> Iterator[str]:
    """All names that Python can import there: what the repository itself defines."""
    return (path.stem for path in _importable(root) if path.stem not in _UNNAMED)


def _importable(root: Path) -> Iterator[Path]:
    for base in source_roots(root):
        for path in matching(base, "*"):
            if is_module_name(path.stem) and (
                _is_package(path) or _is_namespace(path) or (path.suffix == ".py" and is_file(path))
            ):
                yield path


def _only_beside(script_folder: Path) -> Iterator[str]:
    """The importable names in the folder of a script that are not those of an installed package."""
    for name in own_packages(script_folder):
        spec = PathFinder.find_spec(name)
        if spec is None or spec.loader is None:
            yield name


def _is_namespace(folder: Path) -> bool:
    """Whether a folder is a namespace package: it contains packages, and no module itself."""
    return is_folder(folder) and any(matching(folder, "*/*.py"))


def _is_package(folder: Path) -> bool:
    return is_folder(folder) and any(matching(folder, "*.py"))


def _config_folder(path: Path, what: str) -> Path:
    if is_folder(path):
        return path
    kind = "is a file, not a folder" if is_file(path) else "does not exist"
    raise ProjectError(f"{what}: the config folder {path} {kind}")
