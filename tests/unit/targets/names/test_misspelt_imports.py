"""Imports of what another package has not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from serotiny.targets import SignatureReader

if TYPE_CHECKING:
    from serotiny.targets.signature import BrokenModule
    from tests.unit.targets.conftest import WriteTree


def _broken(write_tree: WriteTree, text: str, **files: str) -> BrokenModule | None:
    root = write_tree(pkg__model=text + "\nclass Net: ...\n", pkg__init="", **files)
    return SignatureReader([root]).broken_module("pkg.model.Net")


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("from pytorch_lightning.callbacks import EarlyStoping", "EarlyStoping"),
        ("import os\nfrom torch.nn import functionnal as functional", "functionnal"),
        ("from torch.nn import Lineer", "Lineer"),
        ("from pathlib import Paht", "Paht"),
        ("from pytorch_lightning.callback import EarlyStopping", "callback"),
        ("from other import witdh", "witdh"),
        ("from other import widht", "widht"),
        ("import other.parst", "parst"),
    ],
)
def test_typo_in_an_import_of_another_package_is_told(write_tree: WriteTree, text: str, missing: str) -> None:
    """What neither a module nor the modules whose names it takes with `*` speak of, and have the like of, is missing."""
    broken = _broken(
        write_tree, text, other__init="from other.parts import *", other__parts="width = 3\nwitdht = 4"
    )
    assert broken is not None
    assert (missing, text.count("\n") + 1) == (broken.missing, broken.line)


@pytest.mark.parametrize(
    "files",
    [
        {"other__init": "width = 3\ndef __getattr__(name): return 4"},
        {"other__init": "width = 3\nglobals()['wi' + 'dht'] = 4"},
        {"other__init": "width = 3\nimport sys\nsys.modules[__name__] = sys"},
        {"other__init": "width = 3\nfrom absent import *"},
        {"other__init": "width = 3\nfrom math import *"},
        {"other__init": "width = 3\nfrom .parts import *", "other__parts": "def widht(): ..."},
        {"other__init": "width = 3\nif width > 2:\n    widht = 4"},
        {"other__init": "width = 3", "other__widht": ""},
        {"other__init": "width = 3\n__path__.append('beside')"},
        {"other__init": "heights = 3"},
        {"other__init": "width = 3", "pkg__patch": "import other\nother.widht = 4"},
    ],
)
def test_name_that_may_be_there_is_not_missed(write_tree: WriteTree, files: dict[str, str]) -> None:
    """A module that makes names, takes unknown ones or is given them may have it; so may one with nothing like it."""
    assert _broken(write_tree, "from other import widht", other__init="width = 3") is not None
    assert _broken(write_tree, "from other import widht", **files) is None


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    from other import widht\nexcept ImportError:\n    widht = 3",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from other import widht",
        "import sys\nsys.path.insert(0, 'elsewhere')\nfrom other import widht",
    ],
)
def test_import_that_need_not_fail_is_left_alone(write_tree: WriteTree, text: str) -> None:
    """Nothing is said of what may never run, or may find another module of the name."""
    assert _broken(write_tree, text, other__init="width = 3") is None


def test_folder_of_the_package_named_like_another_package_is_none(tmp_path: Path) -> None:
    """`src/words` is `src.words`, so `words` is a package of that name that is not installed here."""
    folder = tmp_path / "src" / "words"
    folder.mkdir(parents=True)
    (tmp_path / "src" / "__init__.py").touch()
    (folder / "__init__.py").touch()
    (folder / "count.py").write_text("from words.counts import most\n\n\nclass Count: ...\n")

    assert SignatureReader([tmp_path]).broken_module("src.words.count.Count") is None
