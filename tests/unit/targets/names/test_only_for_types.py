"""Names that a module binds where only type checkers read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from serotiny.targets import SignatureReader, TargetNotFound

if TYPE_CHECKING:
    from tests.unit.targets.conftest import WriteTree

HEAD = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pkg.net import Net\n"


@pytest.mark.parametrize(
    ("rest", "is_missing"),
    [
        ("", True),
        ("class Other: ...\n", True),
        ("else:\n    Net = object\n", False),
        ("try:\n    from pkg.net import Net\nexcept ImportError:\n    pass\n", False),
        ("def __getattr__(name): ...\n", False),
        ("from pkg.all import *\n", False),
        ("import sys\nsys.modules[__name__] = LazyModule()\n", False),
        ("exec('from pkg.net import Net')\n", False),
        ("def bind():\n    global Net\n    from pkg.net import Net\nbind()\n", False),
    ],
)
def test_target_is_missing_that_is_imported_for_type_checkers_alone(
    write_tree: WriteTree, rest: str, is_missing: bool
) -> None:
    """A job has no such name, unless the module binds it in some other way as well."""
    root = write_tree(
        pkg__model=HEAD + rest, pkg__net="class Net: ...\n", pkg__all="from pkg.net import Net\n"
    )

    found = SignatureReader([root]).read("pkg.model.Net")

    assert is_missing == isinstance(found, TargetNotFound)
    assert not is_missing or "Net" not in getattr(found, "candidates", ())


def test_import_for_type_checkers_and_others_may_be_there(write_tree: WriteTree) -> None:
    """What else a condition names may hold in a job."""
    source = HEAD.replace("if TYPE_CHECKING:", "if TYPE_CHECKING or DOCS:")
    root = write_tree(pkg__model=f"DOCS = True\n{source}", pkg__net="class Net: ...\n")

    assert not isinstance(SignatureReader([root]).read("pkg.model.Net"), TargetNotFound)
