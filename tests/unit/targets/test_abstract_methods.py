"""Classes that cannot be called, since methods of theirs are abstract."""

from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.targets import SignatureReader, TargetSignature

HEAD = """
import abc
from abc import ABC, abstractmethod
from collections.abc import Mapping
from elsewhere import Other, filled

class Base(ABC):
 @abstractmethod
 def load(self): ...
 @property
 @abstractmethod
 def size(self): ...

class Mixin:
 def load(self):
  return 1

class Filling(ABC):
 def __init_subclass__(cls):
  cls.size = 1

"""
BOTH = "`load` (line 9 of `made`), `size` (line 12 of `made`)"


def failure(folder: Path, text: str) -> str | None:
    """What calling `Made` always raises."""
    (folder / "made.py").write_text(HEAD + text + "\n")
    found = SignatureReader([folder]).read("made.Made")
    assert isinstance(found, TargetSignature)
    return found.failure


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("class Made(Base):\n pass", BOTH),
        ("class Made(Base, Mixin):\n pass", BOTH),
        ("class Made(Base):\n load = 1", "`size` (line 12 of `made`)"),
        ("class Made(Base):\n def __init__(self):\n  self.load = self.size = 1", BOTH),
        ("class Made(Mixin, metaclass=abc.ABCMeta):\n @abc.abstractmethod\n def a(self): ...", "`a` (line 24 of `made`)"),
        ("class Made(Base):\n pass\n\nMade.size = 1", BOTH),
    ],
)  # fmt: skip
def test_class_with_methods_that_stay_abstract_always_fails(tmp_path: Path, text: str, listed: str) -> None:
    """The methods are named, wherever they are declared; what is set once the class is made does not count."""
    assert failure(tmp_path, text) == f"TypeError: it is abstract, and does not define {listed}"


@pytest.mark.parametrize(
    "text",
    [
        "class Made(Mixin, Base):\n size = 1",
        "class Made(Base):\n def load(self): ...\n @property\n def size(self): ...",
        "class Made(Base):\n load: int\n size: int",
        "class Made(Mixin):\n @abstractmethod\n def a(self): ...",
        "class Made(Base, Other):\n pass",
        "class Made(Mapping, Base):\n pass",
        "class Made(dict, Base):\n pass",
        "@filled\nclass Made(Base):\n pass",
        "class Made(Base, metaclass=filled):\n pass",
        "class Made(Base, Filling):\n pass",
        "class Made(Base):\n def __new__(cls):\n  return 1",
        "class Made(Base):\n for name in ('load', 'size'):\n  locals()[name] = 1",
        "class Made(Base):\n pass\n\nMade.__abstractmethods__ = frozenset()",
        "class Made(ABC):\n @filled\n @abstractmethod\n def a(self): ...",
        "class Made(ABC):\n if filled:\n  @abstractmethod\n  def a(self): ...",
    ],
)
def test_class_that_may_define_them_all_is_left_open(tmp_path: Path, text: str) -> None:
    """A base, decorator or metaclass that is not known may define any; without `ABC` nothing is refused."""
    assert failure(tmp_path, text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import typing\nclass Made(typing.Protocol): ...", "TypeError: protocols cannot be instantiated"),
        ("import typing\nclass Role(typing.Protocol): ...\nclass Made(Role): ...", None),
    ],
)
def test_protocol_always_fails_and_what_derives_from_one_does_not(
    tmp_path: Path, text: str, expected: str | None
) -> None:
    """Only a class with `Protocol` among its own bases is one."""
    assert expected == failure(tmp_path, text)
