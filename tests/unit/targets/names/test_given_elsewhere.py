"""Names and modules that something beside a module's own statements gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from serotiny.targets import SignatureReader

if TYPE_CHECKING:
    from tests.unit.targets.conftest import WriteTree


def _missing(write_tree: WriteTree, text: str, **files: str) -> str | None:
    root = write_tree(pkg__model=text + "\nclass Net: ...\n", **files)
    broken = SignatureReader([root]).broken_module("pkg.model.Net")
    return broken.missing if broken is not None else None


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("from pkg.other import DEVICE", "from pkg import other\nother.DEVICE = 'cpu'"),
        ("from pkg.other import DEVICE", "setattr(other, 'DEVICE', 'cpu')"),
        ("from pkg.old import Net", "import sys\nsys.modules['pkg.old'] = sys"),
        ("shown = ic(3)", "import builtins\nbuiltins.ic = print"),
        ("shown = ic(3)", "from icecream import install\ninstall()"),
        (
            "inject(Width=1)\nwide = Width",
            "import sys\ndef inject(**n): sys._getframe(1).f_globals.update(n)",
        ),
    ],
)
def test_name_that_another_module_of_the_package_gives_is_not_missed(
    write_tree: WriteTree, text: str, other: str
) -> None:
    """A module of the package that sets attributes of others, or fills the builtins, is taken at its word."""
    assert _missing(write_tree, text, pkg__other="") is not None
    text = f"from pkg.giver import inject\n{text}" if "inject" in text else text
    assert _missing(write_tree, text, pkg__giver=other) is None


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("from pkg.fast import go", "pkg/fast.pyx"),
        ("from pkg import fast", "pkg/fast.cpp"),
        ("from pkg.fast import go", "pkg/fast.pyi"),
    ],
)
def test_module_with_another_source_is_not_missed(write_tree: WriteTree, text: str, file: str) -> None:
    """Beside the package's modules lies what a build makes one of."""
    assert "fast" == _missing(write_tree, text)
    (write_tree() / file).touch()
    assert _missing(write_tree, text) is None


@pytest.mark.parametrize("file", ["pkg/dependencies/__init__.py", "pkg/dependencies/README.md"])
def test_module_of_an_empty_package_is_not_missed(write_tree: WriteTree, file: str) -> None:
    """A script may put there what it downloads, and git what is a submodule."""
    text = "from pkg.dependencies.fast import go"
    path = write_tree() / file
    path.parent.mkdir(parents=True)
    path.touch()
    assert _missing(write_tree, text) is None
    (path.parent / "slow.py").touch()
    assert "fast" == _missing(write_tree, text)


def test_module_that_the_build_speaks_of_is_not_missed(write_tree: WriteTree) -> None:
    """A name in `setup.py` may be that of an extension."""
    text = "from pkg import wide_cuda"
    assert "wide_cuda" == _missing(write_tree, text)
    (write_tree() / "setup.py").write_text("setup(ext_modules=[CUDAExtension('pkg.wide_cuda', ['wide.cu'])])")
    assert _missing(write_tree, text) is None


@pytest.mark.parametrize("name", ["version", "git_version", "_C", "letters_pb2", "letters_pb2_grpc"])
def test_module_that_builds_make_is_not_missed(write_tree: WriteTree, name: str) -> None:
    """What is generated need not be there while configs are checked."""
    assert _missing(write_tree, f"from pkg import {name}\nimport pkg.{name}") is None


def test_name_that_a_call_gets_as_text_is_not_missed(write_tree: WriteTree) -> None:
    """`sympy.var("x y")` gives its caller's module the names."""
    call = "from somewhere import var\nvar('x y')\n"
    assert "z" == _missing(write_tree, call + "total = x + y + z")
    assert not _missing(write_tree, call + "total = x + y")


_NAMES = "class Meta(type):\n    @classmethod\n    def __prepare__(mcs, *args): return Names()\n"


@pytest.mark.parametrize(("metaclass", "missing"), [("class Meta(type): ...\n", "NUMBER"), (_NAMES, None)])
def test_name_in_a_body_that_a_metaclass_prepares_is_not_missed(
    write_tree: WriteTree, metaclass: str, missing: str | None
) -> None:
    """A lexer names its tokens before anything binds them; a plain metaclass gives no names."""
    text = f"{metaclass}class Names(dict): ...\nclass Lexer(metaclass=Meta): ...\nclass Own(Lexer):\n    tokens = {{NUMBER}}"
    assert missing == _missing(write_tree, text)


def test_name_of_a_base_that_is_not_imported_is_missed(write_tree: WriteTree) -> None:
    """Of such a class the metaclass is not known, but its bases are looked up outside its body."""
    assert "nn" == _missing(write_tree, "class Layer(nn.Module): ...")
