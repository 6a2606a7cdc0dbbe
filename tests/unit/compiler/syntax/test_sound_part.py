"""What stands before a fault of syntax is read all the same."""

from __future__ import annotations

import pytest

from serotiny.compiler.syntax.document import parse_document
from serotiny.compiler.target_nodes import plain

LIST = "defaults:\n  - model: line\n"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"{LIST}seed: 1\n\tx: 2\n", ["defaults"]),
        (f"{LIST}# none\n\nseed: 1\nname: [a\n", ["defaults", "seed"]),
        (f"{LIST}seed: 'x\n", ["defaults"]),
        (f"{LIST}seed: *none\n", ["defaults"]),
        (f"{LIST}seed: 1\nname\nwidth: 2\n", ["defaults"]),
        ("defaults:\n  - model: [line\nseed: 1\n", []),
        (f'name: "a\nb: "x"\n{LIST}', []),
        ("- a\n- [b\n", []),
        ("\tx: 1\n", []),
    ],
)
def test_keys_before_the_fault_are_kept(text: str, kept: list[str]) -> None:
    """The one that it is in is not, and nothing may be called missing."""
    document = parse_document("train.yaml", text)

    assert ["SER101"] == [fault.code for fault in document.diagnostics]
    assert document.root.incomplete
    assert kept == list(plain(document.root))
