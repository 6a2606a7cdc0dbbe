"""`hydra.searchpath`: folders inside the project are taken, all else is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from serotiny.compiler.composition.compose import compose
from serotiny.compiler.project import Project
from serotiny.compiler.sources.search_path import read_search_path
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.document import parse_document
from serotiny.compiler.tree import Node


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "root"
    for folder in ("shared", "pkg/more", "scripts/conf/base"):
        (root / folder).mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (root / "link").symlink_to(tmp_path / "outside")
    (root / "scripts" / "away").symlink_to(tmp_path / "outside")
    return Project(root=root, package="pkg", config_folders=(), beside_scripts=(root / "scripts",))


def search_path(text: str) -> Node | None:
    return parse_document("train.yaml", f"searchpath: {text}").root.get("searchpath")


@pytest.mark.parametrize(
    ("entry", "folder"),
    [
        ("file://shared", "shared"),
        ("shared", "shared"),
        ("pkg://pkg.more", "pkg/more"),
        ("pkg://pkg", "pkg"),
        ("pkg://pkg/more/", "pkg/more"),
        ("pkg://conf/base", "scripts/conf/base"),
    ],
)
def test_folders_of_the_project_are_taken(project: Project, entry: str, folder: str) -> None:
    """As a bare path, a `file://` or a package that the project's own code imports, also from beside a script."""
    assert ((project.root / folder,), []) == read_search_path(search_path(f"['{entry}']"), project)


@pytest.mark.parametrize(
    "entry",
    [
        "../outside",
        "file:///etc",
        "file://../outside",
        "link",
        "pkg://torch",
        "pkg://omegaconf.resolvers",
        "pkg://pkgs",
        "pkg://away",
        "https://x",
        "s3://x",
    ],
)
def test_what_lies_outside_is_refused(project: Project, entry: str) -> None:
    """SER110 for other folders (through a link too), packages and schemes; nothing is imported."""
    folders, (fault,) = read_search_path(search_path(f"['{entry}', shared]"), project)

    assert (project.root / "shared",) == folders
    assert ("SER110", "hydra.searchpath[0]", 1) == (fault.code, fault.key, fault.place.line)


def test_a_number_is_no_entry(project: Project) -> None:
    """An entry that is no text is refused like one that is not trusted."""
    _, (fault,) = read_search_path(search_path("[3]"), project)

    assert ("SER110", "configs are not taken from `3`") == (fault.code, fault.message)


@pytest.mark.parametrize("text", ["[file://gone]", "[pkg://pkg.gone]", "shared"])
def test_what_is_no_folder_or_no_list_is_told(project: Project, text: str) -> None:
    """SER309 for a folder that is not there and for an entry without its list."""
    folders, (fault,) = read_search_path(search_path(text), project)

    assert ((), "SER309") == (folders, fault.code)


def test_none_adds_nothing(project: Project) -> None:
    """A search path that is missing or null is empty."""
    assert ((), []) == read_search_path(None, project)
    assert ((), []) == read_search_path(search_path("null"), project)


def test_of_several_overrides_the_first_is_searched(project: Project) -> None:
    """Hydra takes its search path from the first override of it, and so do we."""
    overrides = ["hydra.searchpath=[shared]", "hydra.searchpath=[pkg/more]"]
    composed = compose(Sources(project), "train", overrides)

    assert (project.root / "shared",) == composed.project.config_folders


def test_package_that_nothing_defines_is_told_where_serotiny_only_checks(project: Project) -> None:
    """Hydra warns of it and goes on; one that is installed is refused all the same."""
    checked = replace(project, operations={})

    _, (missing,) = read_search_path(search_path("[pkg://pkgs]"), checked)
    _, (refused,) = read_search_path(search_path("[pkg://torch]"), checked)

    assert [("SER309", False), ("SER110", True)] == [
        (fault.code, fault.is_error) for fault in (missing, refused)
    ]
