"""Names that a module binds where only type checkers read, and names of plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from serotiny.targets import SignatureReader, TargetNotFound, TargetSignature

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


@pytest.mark.parametrize(
    ("value", "failure"),
    [
        ("3", "TypeError: 'int' object is not callable"),
        ("['a']", "TypeError: 'list' object is not callable"),
        ("{'a': 1}", "TypeError: 'dict' object is not callable"),
        ("None", None),
        ("make()", None),
        ("lambda: 3", None),
        ("3 if make() else make", None),
    ],
)
def test_plain_value_cannot_be_called(write_tree: WriteTree, value: str, failure: str | None) -> None:
    """What a call makes may be callable, and None is often replaced by code."""
    root = write_tree(pkg__model=f"def make(): ...\nWIDTH = {value}\n")

    found = SignatureReader([root]).read("pkg.model.WIDTH")

    assert isinstance(found, TargetSignature)
    assert failure == found.failure
