"""A defaults list under a misspelt key."""

from __future__ import annotations

import pytest

from serotiny.compiler.syntax.defaults_list import DefaultsEntry, read_defaults
from serotiny.compiler.syntax.document import parse_document
from serotiny.compiler.syntax.misspelt_defaults import with_meant_defaults


def is_model(entry: DefaultsEntry) -> bool:
    """Whether an entry names what alone is there."""
    return (entry.group, entry.value) == ("model", "small") or entry.value == "base"


@pytest.mark.parametrize(
    "text",
    [
        "lr: 1\ndefaultz:\n  - model: small\n",
        "Defaults: [base]\n",
        "defualts:\n  - /model/small@net\n  - _self_\n",
        "default:\n  - override /model: small\n",
        "default: [base, _self_]\n",
        "default:\n  - model: small\n",
        "lr: 1\ndefault: [base]\n",
        "deafult: [base]\n",
        "default:\n  - model: small\n  - optional local: none\n  - data: ???\n",
        "defaul:\n  - model: small\n",
    ],
)
def test_list_that_was_meant_is_read_and_told_at_its_key(text: str) -> None:
    """So what it chooses is judged too, and nothing seems to be missing."""
    document = with_meant_defaults(parse_document("train.yaml", text), is_model)
    (fault,) = document.diagnostics

    assert ("SER109", "defaults") == (fault.code, fault.suggestion)
    assert text.splitlines()[(fault.place.line or 0) - 1].startswith(f"{fault.key}:")
    assert read_defaults(document)[0]
    assert fault.key not in document.root.value


@pytest.mark.parametrize(
    "text",
    [
        "defaults: [base]\ndefaultz: [other]\n",
        "default: [a, b]\n",
        "default:\n  - model: large\n",
        "default: [base, small]\n",
        "default:\n  - optional local: none\n",
        "deafult:\n  - model: small\n  - data: points\n",
        "fault: [base]\n",
        "defaultz: base\n",
        "defaultz: []\n",
        "defaultz: [1, 2]\n",
        "defaultz:\n  - a: 1\n    b: 2\n",
        "_defaults:\n  - model: small\n",
        "defaults_old:\n  - model: small\n",
        "faults:\n  - model: small\n",
        "net:\n  defaultz:\n    - model: small\n",
        "- defaultz\n",
    ],
)
def test_what_may_be_a_value_stays_one(text: str) -> None:
    """Another list, a word of its own, and what was put aside."""
    document = parse_document("train.yaml", text)

    assert document is with_meant_defaults(document, is_model)
