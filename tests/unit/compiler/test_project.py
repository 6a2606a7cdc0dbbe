"""Finding the project that a command is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.compiler.project import Project, ProjectError, find_project

TABLE = '[tool.serotiny]\npackage = "pkg"\n'


def make(root: Path, table: str = TABLE, config: str = "pkg/config") -> Path:
    (root / config).mkdir(parents=True)
    (root / "pyproject.toml").write_text(table)
    return root


def refused(start: Path, config_dir: Path | None = None) -> str:
    with pytest.raises(ProjectError) as error:
        find_project(start, config_dir)
    return str(error.value)


def test_project_is_found_from_a_folder_below(tmp_path: Path) -> None:
    """The nearest `pyproject.toml` with the table counts, from any depth."""
    root = make(tmp_path / "outer")
    inner = root / "notebooks" / "deep"
    inner.mkdir(parents=True)
    (root / "notebooks" / "pyproject.toml").write_text("[tool.other]\n")

    assert Project(root, "pkg", (root / "pkg/config",)) == find_project(inner)


def test_no_project_says_how_to_get_one(tmp_path: Path) -> None:
    """Without a table here or above, the message names both ways out."""
    message = refused(tmp_path)

    assert message.startswith(f"no serotiny project in {tmp_path} or above")
    assert "`serotiny new`" in message
    assert "--config-dir" in message


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("[tool.serotiny", "cannot be read: "),
        ("[tool]\nserotiny = 3", "tool.serotiny must be a table"),
        (TABLE + "configs = 1", "[tool.serotiny] has no key `configs`; it has package, config, trusted"),
        ("[tool.serotiny]", "[tool.serotiny] package must name the project's Python package"),
        ("[tool.serotiny]\npackage = 'a-b'", "package must name the project's Python package"),
        (TABLE + "trusted = 'a'", "[tool.serotiny] trusted must be a list of package names"),
        (TABLE + "trusted = [1]", "[tool.serotiny] trusted must be a list of package names"),
        (TABLE + "config = 1", "[tool.serotiny] config must be a path"),
        (TABLE + "config = 'gone'", "gone does not exist"),
        (TABLE + "config = 'pyproject.toml'", "pyproject.toml is a file, not a folder"),
        ("[tool.serotiny]\npackage = 'other'", "other/config does not exist"),
    ],
)
def test_a_wrong_table_is_refused(tmp_path: Path, table: str, expected: str) -> None:
    """Each fault of the table is told with the file that it is in."""
    message = refused(make(tmp_path, table))

    assert str(tmp_path / "pyproject.toml") in message
    assert expected in message


def test_a_table_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    """Another encoding is a message, not a traceback."""
    make(tmp_path)
    (tmp_path / "pyproject.toml").write_bytes(b'[tool.serotiny]\npackage = "caf\xe9"\n')

    assert "pyproject.toml cannot be read: " in refused(tmp_path)


def test_src_layout_is_known(tmp_path: Path) -> None:
    """A package below `src` has its configs there, and both folders are looked into for modules."""
    project = find_project(make(tmp_path, config="src/pkg/config"))

    assert (tmp_path / "src/pkg/config",) == project.config_folders
    assert (tmp_path, tmp_path / "src") == project.import_paths


def test_config_dir_needs_no_project(tmp_path: Path) -> None:
    """With a folder of configs alone, the current folder is the root."""
    (tmp_path / "configs").mkdir()

    project = find_project(tmp_path, Path("configs"), ("mine",))

    assert Project(tmp_path, None, (tmp_path / "configs",), ("mine",)) == project


def test_config_dir_is_searched_behind_the_projects_own(tmp_path: Path) -> None:
    """What the project has wins, as with Hydra's own option."""
    make(tmp_path)
    (tmp_path / "more").mkdir()

    folders = find_project(tmp_path, Path("more")).config_folders

    assert (tmp_path / "pkg/config", tmp_path / "more") == folders


@pytest.mark.parametrize(("name", "kind"), [("gone", "does not exist"), ("file", "is a file, not a folder")])
def test_a_config_dir_that_is_no_folder_is_refused(tmp_path: Path, name: str, kind: str) -> None:
    """The message names the option, the path and what is wrong with it."""
    (tmp_path / "file").touch()

    assert f"--config-dir: the config folder {tmp_path / name} {kind}" == refused(tmp_path, Path(name))


def test_trusted_packages_add_up(tmp_path: Path) -> None:
    """The table's come first, then the call's."""
    make(tmp_path, TABLE + "trusted = ['one']\n")

    assert ("one", "two") == find_project(tmp_path, None, ("two",)).trusted


def test_files_are_shown_relative_to_the_root(tmp_path: Path) -> None:
    """What lies outside keeps its whole path."""
    project = find_project(make(tmp_path))

    assert "pkg/config/a.yaml" == project.shown(tmp_path / "pkg/config/a.yaml")
    assert "/elsewhere/a.yaml" == project.shown(Path("/elsewhere/a.yaml"))
