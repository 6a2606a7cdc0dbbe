"""Where configs come from: folders in order, what an editor holds, and serotiny's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.compiler.project import Project
from serotiny.compiler.sources.sources import Sources


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, names in ((first, ("train", "model/a")), (second, ("train", "model/a", "model/b"))):
        for name in names:
            path = folder / f"{name}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"from: {folder.name}\n")
    return first, second


@pytest.fixture
def sources(tmp_path: Path, folders: tuple[Path, Path]) -> Sources:
    return Sources(Project(root=tmp_path, package=None, config_folders=folders))


def plain(sources: Sources, name: str) -> object:
    document = sources.document(name)
    return None if document is None else document.root.plain()


def test_the_first_folder_shadows_the_others(sources: Sources) -> None:
    """A config of both folders is read from the first, one of the second alone from there."""
    assert {"from": "first"} == plain(sources, "model/a")
    assert {"from": "second"} == plain(sources, "model/b")
    assert plain(sources, "model/c") is None


def test_options_of_all_folders_are_offered_once(sources: Sources) -> None:
    """Options are sorted by name; no group gives the top-level configs."""
    assert ("a", "b") == sources.options("model")
    assert ("train",) == sources.options("")
    assert () == sources.options("nothing")


def test_only_files_are_options(sources: Sources, folders: tuple[Path, Path]) -> None:
    """A folder, a dangling link or another kind of file is no option, whatever its name."""
    (folders[0] / "model" / "folder.yaml").mkdir()
    (folders[0] / "model" / "gone.yaml").symlink_to("nowhere")
    (folders[0] / "model" / "notes.txt").touch()

    assert ("a", "b") == sources.options("model")


def test_groups_are_serotinys_and_the_projects(sources: Sources, folders: tuple[Path, Path]) -> None:
    """Folders at any depth are groups, beside those that every project has."""
    nested = folders[1] / "model" / "encoder"
    nested.mkdir()
    (nested / "small.yaml").touch()

    assert ("data", "mlflow", "model", "model/encoder", "trainer", "trainer/callbacks") == sources.groups()
    assert sources.is_group("model/encoder")
    assert sources.is_group("trainer/callbacks")
    assert not sources.is_group("optimizer")
    assert [("a", False), ("b", False), ("encoder", True)] == sources.names("model")


def test_unsaved_text_stands_in_for_a_file(tmp_path: Path, folders: tuple[Path, Path]) -> None:
    """An editor's text is read instead of the file, and makes a config of a file that is not there yet."""
    first, second = folders
    unsaved = {first / "model" / "a.yaml": "from: editor", first / "model" / "new.yaml": "from: nowhere"}
    sources = Sources(Project(root=tmp_path, package=None, config_folders=folders), unsaved)

    assert {"from": "editor"} == plain(sources, "model/a")
    assert {"from": "nowhere"} == plain(sources, "model/new")
    assert {"from": "second"} == plain(sources, "model/b")
    assert {"from": "editor"} == plain(sources.with_folders((second,)), "model/a")


def test_serotinys_own_configs_lie_under_all(sources: Sources, folders: tuple[Path, Path]) -> None:
    """What no folder has is taken from what serotiny provides, until a project has its own."""
    assert isinstance(plain(sources, "trainer/schema"), dict)
    assert sources.path_of("trainer/schema") is None
    own = folders[1] / "trainer" / "schema.yaml"
    own.parent.mkdir()
    own.write_text("mine: 1")

    again = Sources(sources.project)

    assert {"mine": 1} == plain(again, "trainer/schema")
    assert own == again.path_of("trainer/schema")


def test_more_folders_come_last(sources: Sources, tmp_path: Path) -> None:
    """Added folders give what no other has, and shadow nothing."""
    third = tmp_path / "third"
    (third / "model").mkdir(parents=True)
    for name in ("a", "c"):
        (third / "model" / f"{name}.yaml").write_text("from: third")

    more = sources.with_folders((third,))

    assert ({"from": "first"}, {"from": "third"}) == (plain(more, "model/a"), plain(more, "model/c"))


def test_each_file_is_read_once(sources: Sources, folders: tuple[Path, Path]) -> None:
    """A file that changes meanwhile keeps its first reading, and all that was read is known."""
    before = sources.document("train")
    (folders[0] / "train.yaml").write_text("from: later")

    assert before is sources.document("train")
    assert sources.document("nothing") is None
    assert [before] == sources.read_so_far


def test_what_added_folders_give_is_among_what_was_read(sources: Sources, tmp_path: Path) -> None:
    """A document of a folder that a job adds may hold comments as any other."""
    (tmp_path / "third").mkdir()
    (tmp_path / "third" / "late.yaml").write_text("a: 1")

    late = sources.with_folders((tmp_path / "third",)).document("late")

    assert [late] == sources.read_so_far


def test_a_name_that_no_disk_can_hold_is_not_there(sources: Sources) -> None:
    """A name too long, or with a NUL, is no config, no group and no option."""
    for name in ("x" * 300, "a\0b"):
        assert plain(sources, f"model/{name}") is None
        assert not sources.is_group(name)
        assert () == sources.options(name)
        assert [] == sources.names(name)
