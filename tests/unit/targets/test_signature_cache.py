"""The cache on disk: answers without parsing, and never a stale one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from serotiny.targets import SignatureCache, SignatureReader, TargetNotFound, TargetSignature

if TYPE_CHECKING:
    from tests.unit.targets.conftest import WriteTree

_MODEL = "class Model:\n    def __init__(self, width): ...\n"


@pytest.fixture
def cache(tmp_path: Path) -> SignatureCache:
    return SignatureCache(tmp_path / "cache")


def _names(root: Path, cache: SignatureCache, target: str = "pkg.Model") -> tuple[str, ...] | None:
    found = SignatureReader([root], cache).read(target)
    return found.names if isinstance(found, TargetSignature) else None


def _entries(cache: SignatureCache) -> list[Path]:
    return sorted(cache.folder.glob("*.json"))


def _age(file: Path) -> None:
    """Put a file's time back, so that its next change shows whatever the clock's resolution."""
    os.utime(file, ns=(1, 1))


def test_answer_from_the_cache_equals_the_one_that_was_read(
    write_tree: WriteTree, cache: SignatureCache
) -> None:
    """A signature survives the way to disk and back unchanged."""
    root = write_tree(
        pkg='''
            """Doc."""
            import enum
            from typing import Callable, Literal
            class Color(enum.Enum):
                RED = 1
            class Model:
                """A model.

                Args:
                    a: the first
                """
                def __init__(self, a: int | list[str], /, b: dict[str, tuple[int, str]] = {}, *rest: bytes,
                    c: Literal["x", 1, None] = None, d: Color = Color.RED, e: Callable = print,
                    f: type[Color] = Color, g: "Model" = None, **kwargs): ...
            '''
    )
    first = SignatureReader([root], cache).read("pkg.Model")
    second = SignatureReader([root], cache).read("pkg.Model")
    assert first == second == SignatureReader([root]).read("pkg.Model")
    assert first is not second


def test_second_reading_parses_nothing(write_tree: WriteTree, cache: SignatureCache) -> None:
    """With every answer cached, neither the modules that parse nor griffe are imported."""
    root = write_tree(pkg=_MODEL)
    _names(root, cache)
    code = (
        "import sys; from pathlib import Path; from serotiny.targets import *;"
        f"print(SignatureReader([Path({str(root)!r})], SignatureCache(Path({str(cache.folder)!r}))).read('pkg.Model').names);"
        "print([name for name in ('griffe', 'serotiny.targets.modules.module', 'serotiny.targets.names.resolver') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ["('width',)", "[]"] == done.stdout.splitlines()


def test_changed_file_is_read_again(write_tree: WriteTree, cache: SignatureCache) -> None:
    """A change in any file that the answer came from counts, also far from the target."""
    root = write_tree(
        pkg__init="from .sub import Model",
        pkg__sub="from .base import Base\nclass Model(Base): ...",
        pkg__base="class Base:\n    def __init__(self, a): ...",
    )
    _age(root / "pkg" / "base.py")
    assert ("a",) == _names(root, cache)
    write_tree(pkg__base="class Base:\n    def __init__(self, b): ...")
    assert ("b",) == _names(root, cache)
    assert ("b",) == _names(root, cache)


def test_package_that_is_installed_later_is_found(write_tree: WriteTree, cache: SignatureCache) -> None:
    """That something is missing is remembered only as long as it is."""
    root = write_tree(other="")
    assert isinstance(SignatureReader([root], cache).read("pkg.Model"), TargetNotFound)
    write_tree(pkg=_MODEL)
    assert ("width",) == _names(root, cache)


def test_base_that_is_installed_later_closes_the_signature(
    write_tree: WriteTree, cache: SignatureCache
) -> None:
    """An answer that a missing package left open is read again once the package is there."""
    root = write_tree(pkg="from late import Base\nclass Model(Base): ...")
    first = SignatureReader([root], cache).read("pkg.Model")
    assert isinstance(first, TargetSignature)
    assert first.open
    write_tree(late="class Base:\n    def __init__(self, a): ...")
    second = SignatureReader([root], cache).read("pkg.Model")
    assert isinstance(second, TargetSignature)
    assert (("a",), False) == (second.names, second.open)


def test_submodule_that_appears_is_found(write_tree: WriteTree, cache: SignatureCache) -> None:
    """A missing submodule is looked for again when its file is there."""
    root = write_tree(pkg__init="")
    assert _names(root, cache, "pkg.sub.Model") is None
    write_tree(pkg__sub=_MODEL)
    assert ("width",) == _names(root, cache, "pkg.sub.Model")


def test_module_that_becomes_a_package_is_read_from_there(
    write_tree: WriteTree, cache: SignatureCache
) -> None:
    """A package of the same name hides the module that the answer came from."""
    root = write_tree(pkg__init="", pkg__sub=_MODEL)
    assert ("width",) == _names(root, cache, "pkg.sub.Model")
    write_tree(pkg__sub__init="class Model:\n    def __init__(self, depth): ...")
    assert ("depth",) == _names(root, cache, "pkg.sub.Model")


def test_package_that_moves_is_read_from_its_new_place(tmp_path: Path, cache: SignatureCache) -> None:
    """An upgrade may put a package into another folder of the search path."""
    for folder, name in (("old", "width"), ("new", "depth")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "pkg.py").write_text(_MODEL.replace("width", name))
    paths = [tmp_path / "new", tmp_path / "old"]
    (tmp_path / "new" / "pkg.py").rename(tmp_path / "new" / "waiting.py")
    first = SignatureReader(paths, cache).read("pkg.Model")
    (tmp_path / "new" / "waiting.py").rename(tmp_path / "new" / "pkg.py")
    second = SignatureReader(paths, cache).read("pkg.Model")
    assert isinstance(first, TargetSignature)
    assert isinstance(second, TargetSignature)
    assert (("width",), ("depth",)) == (first.names, second.names)


@pytest.mark.parametrize(
    "rubbish",
    [
        b"",
        b"\x00\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        b'{"key": 1}',
        b"[" * 100_000,
    ],
)
def test_damaged_entry_is_ignored_and_replaced(
    write_tree: WriteTree, cache: SignatureCache, rubbish: bytes
) -> None:
    """Whatever is in an entry's file, the answer is right and the entry whole afterwards."""
    root = write_tree(pkg=_MODEL)
    _names(root, cache)
    (entry,) = _entries(cache)
    whole = entry.read_bytes()
    entry.write_bytes(rubbish)
    assert ("width",) == _names(root, cache)
    assert whole == entry.read_bytes()


@pytest.mark.parametrize("part", ["files", "top_levels", "answer", "key"])
@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [[]], {"a": 1}, {"a": []}, {"path": 1, "kind": "x"}])
def test_entry_with_a_part_of_the_wrong_shape_is_replaced(
    write_tree: WriteTree, cache: SignatureCache, part: str, value: object
) -> None:
    """An entry that is JSON of another shape raises nothing, and is no answer."""
    root = write_tree(pkg=_MODEL)
    _names(root, cache)
    (entry,) = _entries(cache)
    data = json.loads(entry.read_bytes())
    if part != "answer" and value in ({}, {"a": 1}, {"a": []}):
        data["answer"] = []
    entry.write_text(json.dumps({**data, part: value}))
    assert ("width",) == _names(root, cache)


def test_folder_full_of_rubbish_does_no_harm(write_tree: WriteTree, cache: SignatureCache) -> None:
    """Other files in the folder are left alone; a folder in an entry's place is put up with."""
    root = write_tree(pkg=_MODEL)
    _names(root, cache)
    (entry,) = _entries(cache)
    entry.unlink()
    entry.mkdir()
    (cache.folder / "notes.txt").write_text("mine")
    assert ("width",) == _names(root, cache)
    assert "mine" == (cache.folder / "notes.txt").read_text()


def test_folder_that_cannot_be_made_is_put_up_with(write_tree: WriteTree, tmp_path: Path) -> None:
    """A file in the place of the folder costs the cache and nothing else."""
    (tmp_path / "taken").write_text("")
    assert ("width",) == _names(write_tree(pkg=_MODEL), SignatureCache(tmp_path / "taken" / "cache"))


def test_folder_that_cannot_be_written_is_put_up_with(write_tree: WriteTree, cache: SignatureCache) -> None:
    """A read-only folder is read, and its missing entries are made up for by reading source."""
    root = write_tree(pkg=_MODEL, other=_MODEL)
    _names(root, cache)
    cache.folder.chmod(0o500)
    try:
        assert ("width",) == _names(root, cache)
        assert ("width",) == _names(root, cache, "other.Model")
    finally:
        cache.folder.chmod(0o700)


def test_missing_folder_is_made(write_tree: WriteTree, cache: SignatureCache) -> None:
    """The first answer makes the folder."""
    assert not cache.folder.exists()
    _names(write_tree(pkg=_MODEL), cache)
    assert 1 == len(_entries(cache))


def test_no_part_of_an_entry_is_left_behind(write_tree: WriteTree, cache: SignatureCache) -> None:
    """Entries are written beside and moved into place; nothing else stays in the folder."""
    _names(write_tree(pkg=_MODEL), cache)
    assert [entry.name for entry in _entries(cache)] == [file.name for file in cache.folder.iterdir()]


def test_environment_variable_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`SEROTINY_CACHE_DIR` comes before the user's own cache folder, and after an argument."""
    monkeypatch.setenv("SEROTINY_CACHE_DIR", str(tmp_path / "chosen"))
    assert tmp_path / "chosen/targets" == SignatureCache().folder
    assert tmp_path / "given" == SignatureCache(tmp_path / "given").folder


def test_processes_that_write_at_once_all_get_whole_answers(
    write_tree: WriteTree, cache: SignatureCache
) -> None:
    """Four processes that start together, on an entry that is changed all the time, see no half of one."""
    root = write_tree(pkg=_MODEL)
    code = (
        "from pathlib import Path; from serotiny.targets import *\n"
        f"for _ in range(60):\n    cache = SignatureCache(Path({str(cache.folder)!r}))\n"
        f"    found = SignatureReader([Path({str(root)!r})], cache).read('pkg.Model')\n"
        "    assert found.names == ('width',), found\n"
        "    [entry.unlink(missing_ok=True) for entry in cache.folder.glob('*.json')]\n"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) for _ in range(4)
    ]
    assert [(0, "")] * 4 == [(process.wait(60), process.communicate()[1]) for process in processes]
    assert not list(cache.folder.glob(".*"))


def test_members_are_cached_too(write_tree: WriteTree, cache: SignatureCache) -> None:
    """The list of a module's members is kept like a signature, and read anew when the module changes."""
    root = write_tree(pkg=_MODEL)
    _age(root / "pkg.py")
    first = SignatureReader([root], cache).members("pkg")
    assert first == SignatureReader([root], cache).members("pkg")
    write_tree(pkg="def make(): ...")
    assert ["make"] == [member.name for member in SignatureReader([root], cache).members("pkg")]


def test_projects_share_what_is_read_of_an_installed_package(
    write_tree: WriteTree, tmp_path: Path, cache: SignatureCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second project finds the answer that the first one left, and reads no source."""
    monkeypatch.syspath_prepend(write_tree(pkg=_MODEL))
    assert ("width",) == _names(tmp_path / "one", cache)
    (entry,) = _entries(cache)
    written = entry.stat()

    assert ("width",) == _names(tmp_path / "two", cache)
    assert [entry] == _entries(cache)
    assert (written.st_ino, written.st_mtime_ns) == (entry.stat().st_ino, entry.stat().st_mtime_ns)


def test_project_with_a_module_of_the_same_name_is_answered_by_its_own(
    write_tree: WriteTree, tmp_path: Path, cache: SignatureCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a project puts before an installed package counts for it alone, and each answer stays stored."""
    monkeypatch.syspath_prepend(write_tree(pkg=_MODEL))
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "pkg.py").write_text(_MODEL.replace("width", "depth"))

    for _ in range(2):
        assert ("width",) == _names(tmp_path / "one", cache)
        assert ("depth",) == _names(tmp_path / "two", cache)
        assert 2 == len(_entries(cache))


def test_project_with_a_base_of_an_installed_class_has_an_answer_of_its_own(
    write_tree: WriteTree, tmp_path: Path, cache: SignatureCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that hangs on a module which another project has elsewhere, or lacks, is none for that project."""
    monkeypatch.syspath_prepend(write_tree(pkg="from base import Base\nclass Model(Base): ..."))
    for folder, name in (("one", "width"), ("two", "depth")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "base.py").write_text(f"class Base:\n    def __init__(self, {name}): ...")

    for _ in range(2):
        assert ("width",) == _names(tmp_path / "one", cache)
        assert ("depth",) == _names(tmp_path / "two", cache)
        assert () == _names(tmp_path / "three", cache)
