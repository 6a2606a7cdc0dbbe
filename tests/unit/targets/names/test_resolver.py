"""Finding what a dotted path leads to."""

from __future__ import annotations

import sys
from importlib.util import spec_from_file_location
from typing import TYPE_CHECKING

import pytest

from serotiny.targets import SignatureReader, TargetKind, TargetNotFound, TargetSignature

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from pathlib import Path

    from tests.unit.targets.conftest import Miss, ReadSource, WriteTree

_MODEL = "class Model:\n    def __init__(self, width: int): ...\n"


def test_class_in_a_module_is_found_with_its_place(read: ReadSource) -> None:
    """A signature names the canonical path, the kind, the file and the line."""
    found = read("pkg.models.Model", pkg__models=f"import os\n\n{_MODEL}")
    assert ("pkg.models.Model", TargetKind.CLASS, 3) == (found.path, found.kind, found.line)
    assert found.file is not None
    assert found.file.endswith("pkg/models.py")


def test_reexport_through_several_packages_gives_the_canonical_path(read: ReadSource) -> None:
    """`from .x import X as Y` is followed through any number of `__init__` files, whatever it is called."""
    found = read(
        "pkg.Net",
        pkg__init="from pkg.sub import Network as Net",
        pkg__sub__init="from .deep import *",
        pkg__sub__deep__init="__all__ = ['Network']\nfrom .impl import Model as Network",
        pkg__sub__deep__impl=_MODEL,
    )
    assert "pkg.sub.deep.impl.Model" == found.path


def test_star_import_without_all_brings_public_names_only(read: ReadSource, miss: Miss) -> None:
    """A private name is not exported by `from module import *`."""
    files = {"pkg__init": "from .impl import *", "pkg__impl": _MODEL + "class _Hidden: ..."}
    assert "pkg.impl.Model" == read("pkg.Model", **files).path
    assert "_Hidden" == miss("pkg._Hidden", **files).missing


def test_computed_all_is_put_together(read: ReadSource) -> None:
    """`__all__` may be a sum, hold another module's, and grow by `+=` and `extend`."""
    found = read(
        "pkg.C",
        pkg__init="from .a import *",
        pkg__a="from . import b\nfrom .b import *\n__all__ = ['A'] + b.__all__\n__all__ += ['D']\nclass A: ...",
        pkg__b="__all__ = []\n__all__.extend(['C'])\nclass C: ...",
    )
    assert "pkg.b.C" == found.path


def test_import_only_for_type_checkers_is_followed(read: ReadSource) -> None:
    """A name under `if TYPE_CHECKING` tells what a lazy module gives."""
    found = read(
        "pkg.Model",
        pkg__init="""
            from typing import TYPE_CHECKING
            if TYPE_CHECKING:
                from .impl import Model
            def __getattr__(name): ...
        """,
        pkg__impl=_MODEL,
    )
    assert "pkg.impl.Model" == found.path


def test_first_import_that_exists_wins_in_a_try(read: ReadSource) -> None:
    """`except ImportError` counts when the package of the `try` is not installed."""
    source = "try:\n    from {} import Model\nexcept ImportError:\n    from pkg.other import Other as Model"
    files = {"pkg__impl": _MODEL, "pkg__other": "class Other: ..."}
    assert "pkg.impl.Model" == read("pkg.Model", pkg__init=source.format("pkg.impl"), **files).path
    assert "pkg.other.Other" == read("pkg.Model", pkg__init=source.format("not_here"), **files).path


def test_conditional_definitions_are_all_accepted(read: ReadSource) -> None:
    """What only running the code would decide makes the union of both definitions."""
    found = read(
        "pkg.make",
        pkg__init="""
            from os import environ
            if environ.get("X"):
                def make(a: int, b: int): ...
            else:
                def make(a: str, c: int = 1): ...
        """,
    )
    assert {"a": True, "b": False, "c": False} == {p.name: p.required for p in found.parameters}
    assert "str or int" == str(found.parameters[0].type)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("sys.version_info >= (3, 8)", "new"),
        ("sys.version_info < (3, 8)", "old"),
        ("not TYPE_CHECKING", "new"),
    ],
)
def test_condition_on_the_interpreter_is_decided(read: ReadSource, condition: str, expected: str) -> None:
    """A condition on the Python version has one answer."""
    source = f"import sys\nfrom typing import TYPE_CHECKING\nif {condition}:\n    def f(new): ...\nelse:\n    def f(old): ..."
    assert (expected,) == read("pkg.f", pkg__init=source).names


@pytest.mark.parametrize(
    "lazy",
    [
        'def __getattr__(name):\n    if name == "Model":\n        from .impl import Model\n        return Model',
        'import lazy_loader as lazy\n__getattr__, __dir__, __all__ = lazy.attach(__name__, submod_attrs={"impl": ["Model"]})',
        '_PLACES = {"Model": ".impl"}\ndef __getattr__(name): ...',
        '_PLACES = {"Model": ("pkg.impl", "Model")}\ndef __getattr__(name): ...',
        '_PLACES = {"Model": "pkg.impl.Model"}\ndef __getattr__(name): ...',
        '_PLACES = {"impl": ["Model"]}\ndef __getattr__(name): ...',
    ],
)
def test_lazy_module_is_followed_as_far_as_its_source_tells(read: ReadSource, lazy: str) -> None:
    """Names that are imported when they are asked for are found where the table says."""
    assert "pkg.impl.Model" == read("pkg.Model", pkg__init=lazy, pkg__impl=_MODEL).path


def test_name_made_at_run_time_is_open(read: ReadSource) -> None:
    """A module that fills `globals()` may hold any name that its source mentions."""
    found = read("pkg.Made", pkg__init='for name in ["Made"]:\n    globals()[name] = type(name, (), {})')
    assert (TargetKind.UNKNOWN, True, False) == (found.kind, found.open, found.certain)


def test_slip_in_a_dynamic_module_is_still_found(miss: Miss) -> None:
    """A name that is close to a listed one, and mentioned nowhere, is missing also from a lazy module."""
    found = miss("pkg.Modell", pkg__init=_MODEL + "def __getattr__(name): ...")
    assert ("pkg", "Modell", ("Model",)) == (found.found, found.missing, found.candidates)


def test_missing_name_tells_how_far_the_path_goes_and_what_is_there(miss: Miss) -> None:
    """The longest part that exists, the name that is not there, and the names that are."""
    found = miss("pkg.sub.Modle", pkg__sub__init=_MODEL, pkg__sub__other="")
    assert ("pkg.sub", "Modle", ("Model", "other"), True) == (
        found.found,
        found.missing,
        found.candidates,
        found.installed,
    )


def test_missing_package_is_not_installed(miss: Miss) -> None:
    """A top-level package that is not there is told from a name that is not there."""
    found = miss("no_such_package.models.Model")
    assert ("", "no_such_package", False) == (found.found, found.missing, found.installed)


def test_module_is_no_target(miss: Miss) -> None:
    """A module cannot be called; its names are the candidates."""
    found = miss("pkg.models", pkg__models=_MODEL)
    assert ("pkg.models", "", ("Model",)) == (found.found, found.missing, found.candidates)


@pytest.mark.parametrize("path", ["", ".", "a..b", "pkg.", "ﬀ.x", "pkg.m-x", "1pkg.x", "pkg x.y"])
def test_malformed_path_is_not_found(path: str) -> None:
    """What is no dotted path of plain identifiers names nothing."""
    assert isinstance(SignatureReader().read(path), TargetNotFound)


def test_attribute_hides_a_submodule_of_the_same_name(read: ReadSource) -> None:
    """As for Hydra, an attribute of a package comes before its submodule."""
    found = read("pkg.model.Model", pkg__init="class model:\n    class Model: ...", pkg__model=_MODEL)
    assert "pkg.model.Model" == found.path
    assert () == found.parameters


def test_deleted_name_leads_to_the_submodule(read: ReadSource) -> None:
    """`del adam` hides a submodule from attribute access and not from Hydra."""
    found = read(
        "pkg.adam.Adam", pkg__init="from pkg.adam import Adam\ndel adam", pkg__adam="class Adam: ..."
    )
    assert "pkg.adam.Adam" == found.path


def test_source_with_a_syntax_error_is_open(read: ReadSource) -> None:
    """What cannot be parsed cannot be called wrong."""
    found = read("pkg.broken.Model", pkg__broken="class Model(:\n")
    assert (TargetKind.UNKNOWN, True) == (found.kind, found.open)


def test_import_cycle_ends(read: ReadSource) -> None:
    """Modules that import each other are no trap."""
    found = read("pkg.a.X", pkg__a="from pkg.b import X", pkg__b="from pkg.a import X")
    assert found.open


def test_class_that_inherits_from_itself_ends(read: ReadSource) -> None:
    """A class that names itself as its base, by a fault in the source, is no trap."""
    assert not read("pkg.A", pkg__init="class A(A): ...").certain


def test_source_layout_is_searched(tmp_path: Path) -> None:
    """A project's `src` folder is looked at as well."""
    package = tmp_path / "src" / "study"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(_MODEL)
    assert isinstance(SignatureReader([tmp_path]).read("study.Model"), TargetSignature)


def test_namespace_package_is_searched(tmp_path: Path) -> None:
    """A package without `__init__.py` may be spread over folders."""
    for part in ("one", "two"):
        folder = tmp_path / part / "space"
        folder.mkdir(parents=True)
        (folder / f"{part}.py").write_text(_MODEL)
    reader = SignatureReader([tmp_path / "one", tmp_path / "two"])
    assert isinstance(reader.read("space.one.Model"), TargetSignature)
    assert isinstance(reader.read("space.two.Model"), TargetSignature)


def test_namespace_package_has_parts_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One part is the project's, another lies on the Python path, and a third is not installed."""
    for part in ("ours", "theirs"):
        folder = tmp_path / part / "space_of_labs" / part
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text(_MODEL)
    monkeypatch.syspath_prepend(str(tmp_path / "theirs"))
    reader = SignatureReader([tmp_path / "ours"])

    assert isinstance(reader.read("space_of_labs.ours.Model"), TargetSignature)
    assert isinstance(reader.read("space_of_labs.theirs.Model"), TargetSignature)
    missing = reader.read("space_of_labs.graphs.Edges")
    assert isinstance(missing, TargetNotFound)
    assert "the package `space_of_labs.graphs` is not installed" == missing.headline()


def test_search_path_comes_before_installed_packages(read: ReadSource) -> None:
    """The project's own package hides an installed one of the same name."""
    found = read("torch.Model", torch__init=_MODEL)
    assert ("torch.Model", ("width",)) == (found.path, found.names)


def test_nothing_is_imported(read: ReadSource, tmp_path: Path) -> None:
    """Reading a target runs no line of its module or of a parent package."""
    bomb = f"open({str(tmp_path / 'canary')!r}, 'w')\n"
    found = read("pkg.sub.Model", pkg__init=bomb, pkg__sub=bomb + _MODEL)
    assert ("width",) == found.names
    assert not (tmp_path / "canary").exists()


def test_path_through_an_imported_module_is_canonical_outside(read: ReadSource) -> None:
    """A walk out of a package by one of its imports ends where it leads, which trust needs to know."""
    found = read("pkg.os.system", pkg__init="import os")
    assert "os.system" == found.path


def test_members_are_the_public_classes_and_functions(write_tree: WriteTree) -> None:
    """A module lists what its `__all__` names, by the path that a config would use."""
    root = write_tree(
        pkg__init="from .impl import Model, make, LIMIT\n__all__ = ['Model', 'make', 'LIMIT']",
        pkg__impl=_MODEL + "def make(): ...\nLIMIT = 3\nclass Other: ...",
    )
    members = SignatureReader([root]).members("pkg")
    assert [("pkg.Model", TargetKind.CLASS), ("pkg.make", TargetKind.FUNCTION)] == [
        (member.path, member.kind) for member in members
    ]


def test_editable_installation_by_a_finder_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Setuptools maps an editable project's packages with a finder of its own, which is asked."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "code.py").write_text(_MODEL)

    class Finder:
        """Like the one in `__editable___study_finder.py`."""

        @classmethod
        def find_spec(cls, name: str, *_: object) -> ModuleSpec | None:
            file = tmp_path / "elsewhere" / "code.py"
            return spec_from_file_location(name, file) if name == "mapped_study" else None

    Finder.__module__ = "__editable___study_finder"
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder])
    assert isinstance(SignatureReader().read("mapped_study.Model"), TargetSignature)


def test_other_finder_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A finder of an unknown kind may build or import something when it is asked."""

    class Finder:
        @classmethod
        def find_spec(cls, name: str, *_: object) -> None:
            raise AssertionError(name)

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder])
    assert isinstance(SignatureReader().read("not_here.Model"), TargetNotFound)


def test_package_on_the_python_path_is_searched(
    write_tree: WriteTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a `.pth` file of an editable installation adds to `sys.path` is found there."""
    monkeypatch.syspath_prepend(str(write_tree(pathed_study=_MODEL)))
    assert isinstance(SignatureReader().read("pathed_study.Model"), TargetSignature)


def test_unreadable_source_is_open(write_tree: WriteTree) -> None:
    """A file in another encoding than it says cannot be called wrong."""
    root = write_tree(pkg="")
    (root / "pkg.py").write_bytes(b"# coding: utf-8\nclass Model: x = '\xff'")
    found = SignatureReader([root]).read("pkg.Model")
    assert isinstance(found, TargetSignature)
    assert found.open


def test_module_that_a_dynamic_package_does_not_have_is_missing(miss: Miss, read: ReadSource) -> None:
    """A path through a module that has no file and that its package does not spell leads nowhere."""
    package = "import sys\n\nsys.modules[__name__] = Lazy(__name__, {'impl': ['Model'], 'later': []})\n"
    found = miss("pkg.other.load", pkg__init=package, pkg__impl=_MODEL)

    assert ("pkg", "other") == (found.found, found.missing)
    assert read("pkg.later.load", pkg__init=package, pkg__impl=_MODEL).open
