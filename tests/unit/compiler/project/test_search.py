"""Finding the project that a command is about."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from serotiny.cli.completion.answer import completions
from serotiny.compiler.limits import MAX_FOLDER_ENTRIES
from serotiny.compiler.project import Project, ProjectError, find_project
from serotiny.compiler.project.layout import TEMPLATE

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

    assert Project(root=root, package="pkg", config_folders=(root / "pkg/config",)) == find_project(inner)


@pytest.mark.parametrize("key", ["a" + ".a" * 50_000, "\"a\". 'b' ." * 20_000 + "c", "k = " + "[" * 5_000])
def test_a_table_that_is_nested_too_deeply_is_refused(tmp_path: Path, key: str) -> None:
    """Dotted keys of many levels, of which the parser of Python makes gigabytes, are not parsed."""
    assert "nested too deeply" in refused(make(tmp_path, f"x = 1\n{key} = 1\n"))


def test_a_folder_with_more_than_is_looked_through_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table, or `--config-dir`, that names a folder of much else is told what to name; completion offers nothing."""
    root = make(tmp_path / "project", TABLE + 'config = ".."')
    (tmp_path / "much").mkdir()
    for number in range(MAX_FOLDER_ENTRIES):
        (tmp_path / "much" / str(number)).touch()

    assert "name the folder of the configs alone, with --config-dir or as `config`" in refused(root)
    assert f"more than {MAX_FOLDER_ENTRIES:,} files and folders" in refused(tmp_path / "much", Path(".."))
    monkeypatch.chdir(root)
    assert [] == completions(["train"], "mo")


@pytest.mark.parametrize("start", ["not/there", "nul\0byte", "half\ud800", "a" * 10_000])
def test_a_folder_that_cannot_be_is_in_no_project(tmp_path: Path, start: str) -> None:
    """As an editor may name it; no other error comes of it."""
    assert "no serotiny project" in refused(tmp_path / start)


def test_no_project_says_how_to_get_one(tmp_path: Path) -> None:
    """Without a table here or above, the message names both ways out."""
    message = refused(tmp_path)

    assert message.startswith(f"no serotiny project in {tmp_path} or above")
    assert "`serotiny new`" in message
    assert "--config-dir" in message


def test_folder_that_scripts_name_and_nobody_has_made_is_told(tmp_path: Path) -> None:
    """It may have to be copied from an example first."""
    (tmp_path / "fit.py").write_text('import hydra\n@hydra.main(config_path="conf")\ndef main(cfg): ...\n')

    assert "has no folder of configs: its scripts name conf, where there is none;" in refused(tmp_path)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("[tool.serotiny", "cannot be read: "),
        ("[tool]\nserotiny = 3", "tool.serotiny must be a table"),
        (
            TABLE + "configs = 1",
            "[tool.serotiny] has no key `configs`; did you mean `config`?",
        ),
        ("[tool.serotiny]", "[tool.serotiny] package must name the project's Python package"),
        ("[tool.serotiny]\npackage = 'a-b'", "package must name the project's Python package"),
        (TABLE + "trusted = 'a'", "[tool.serotiny] trusted must be a list of package names"),
        (TABLE + "trusted = [1]", "[tool.serotiny] trusted must be a list of package names"),
        (TABLE + "annotations = 'loud'", '[tool.serotiny] annotations must be "warning" or "error"'),
        (TABLE + "ignored_keys = '_aux'", "[tool.serotiny] ignored_keys must be a list of keys"),
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

    assert (
        Project(root=tmp_path, package=None, config_folders=(tmp_path / "configs",), trusted=("mine",))
        == project
    )


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


TABLE_OF_THEIRS = """[tool.serotiny]
package = "pkg"
roots = ["fit.yaml", "eval"]

[tool.serotiny.operations]
train = "fit.yaml"

[tool.serotiny.layout]
kind = "lightning-hydra-template"
data = "datamodule"
mlflow = false
"""


def test_table_says_roots_operations_and_layout(tmp_path: Path) -> None:
    """What the table declares is taken as it stands, names without their suffix."""
    project = find_project(make(tmp_path, TABLE_OF_THEIRS))

    assert (("fit", "eval"), True) == (project.named_roots, project.has_all_roots)
    assert {"train": "fit"} == project.operations
    assert replace(TEMPLATE, data="datamodule", mlflow=None) == project.layout
    assert project.recognised is None


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("roots = []", "roots must be a list of config names"),
        ("operations = 1", "operations] gives each operation a config"),
        ("operations = {fit = 'train'}", "has no operation `fit`; there are train, test, predict"),
        ("operations = {train = 'a', test = 'a'}", "names `a` for two operations"),
        ("layout = 'hidra'", "there is no layout `hidra`; did you mean `hydra`?"),
        ("layout = 1", "layout must be a name or a table of keys"),
        ("layout = {modle = 'a'}", "has no key `modle`; did you mean `model`?"),
        ("layout = {model = 'a b'}", "model must be a key of the config, or false"),
        ("layout = {kind = 'x'}", "kind: there is no layout `x`"),
    ],
)
def test_wrong_keys_of_the_table_are_told(tmp_path: Path, table: str, expected: str) -> None:
    """The message names the file, the key, and what may stand there."""
    make(tmp_path, f"{TABLE}{table}\n")

    assert expected in refused(tmp_path)


def test_repository_without_a_table_is_a_project_by_its_config_folder(tmp_path: Path) -> None:
    """From any folder below a repository's root; its own packages are trusted."""
    (tmp_path / "setup.py").write_text("")
    for path in ("conf/train.yaml", "shop/__init__.py", "tool.py", "shop/deep/x.txt"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")

    project = find_project(tmp_path / "shop" / "deep")

    assert (tmp_path, (tmp_path / "conf",)) == (project.root, project.config_folders)
    assert ("shop", ("tool",)) == (project.package, project.trusted)
    assert project.recognised is not None


def test_package_is_what_the_script_beside_it_imports_from(tmp_path: Path) -> None:
    """Of several folders of modules it is the one that the script at the top uses, whether it has an `__init__` or not."""
    for module in ("evals/score.py", "src/models/net.py", "tasks/one.py"):
        (tmp_path / module).parent.mkdir(parents=True)
        (tmp_path / module).write_text("")
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs/config.yaml").write_text("seed: 1\n")
    (tmp_path / "train.py").write_text(
        "import hydra\nimport tasks.one\nimport src.models.net\nfrom src.models import net\n\n"
        '@hydra.main(config_path="configs", config_name="config", version_base=None)\ndef main(cfg): ...\n'
    )

    assert "src" == find_project(tmp_path).package


@pytest.mark.parametrize(
    ("modules", "script", "package"),
    [
        (("scripts/start.py", "shop/net.py"), "scripts/start.py", "shop"),
        (("scripts/start.py", "shop/net.py", "tools/x.py"), "shop/run.py", "shop"),
        (("scripts/start.py",), "scripts/start.py", "scripts"),
        (("agent.py",), "start.py", "start"),
        (("conf/__init__.py", "shop/net.py"), "scripts/start.py", "shop"),
    ],
)
def test_package_is_no_folder_of_scripts_where_there_is_another(
    tmp_path: Path, modules: tuple[str, ...], script: str, package: str
) -> None:
    """The script beside the package starts it; a repository of single modules is named after its script."""
    for module in (*modules, script, "conf/config.yaml"):
        (tmp_path / module).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / module).write_text("")
    (tmp_path / script).write_text(
        "import hydra\n\n\n"
        f'@hydra.main(config_path="{"../" * script.count("/")}conf", config_name="config", version_base=None)\n'
        "def main(cfg): ...\n"
    )

    assert package == find_project(tmp_path).package
