"""Defaults lists: each form of entry, what is none, and how an operation's list is completed."""

from __future__ import annotations

import pytest

from serotiny.compiler.sources.primary import complete_primary
from serotiny.compiler.syntax.defaults_list import DefaultsEntry, absolute, read_defaults
from serotiny.compiler.syntax.document import parse_document
from serotiny.diagnostics import Diagnostic

Fields = tuple[str | None, object, str | None, bool, bool]


def read(*items: str) -> tuple[list[DefaultsEntry], list[Diagnostic]]:
    text = "defaults:\n" + "".join(f"  - {item}\n" for item in items)
    return read_defaults(parse_document("train.yaml", text))


def fields(entry: DefaultsEntry) -> Fields:
    return entry.group, entry.value, entry.package, entry.optional, entry.override


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("base", (None, "base", None, False, False)),
        ("base@model", (None, "base", "model", False, False)),
        ("_self_", (None, "_self_", None, False, False)),
        ("model: vae", ("model", "vae", None, False, False)),
        ("model: null", ("model", None, None, False, False)),
        ("model: [a, b]", ("model", ("a", "b"), None, False, False)),
        ("model@net.inner: vae", ("model", "vae", "net.inner", False, False)),
        ("optional model: vae", ("model", "vae", None, True, False)),
        ("override /model: vae", ("/model", "vae", None, False, True)),
        ("override optional model: vae", ("model", "vae", None, True, True)),
    ],
)
def test_each_form_of_entry_is_read(item: str, expected: Fields) -> None:
    """Names, options, packages and both keywords are told apart."""
    (entry,), faults = read(item)

    assert [] == faults
    assert expected == fields(entry)


@pytest.mark.parametrize(
    ("item", "column"),
    [
        ("[a]", 5),
        ("{a: b, c: d}", 5),
        ("optinal model: vae", 5),
        ("model: 3", 12),
        ("model: [a, 1]", 12),
        ("7", 5),
    ],
)
def test_what_is_no_entry_is_told_in_place(item: str, column: int) -> None:
    """SER109 where it stands; the entries around it stay."""
    entries, (fault,) = read("before: a", item, "after: b")

    assert ["before", "after"] == [entry.group for entry in entries]
    assert ("SER109", 3, column) == (fault.code, fault.place.line, fault.place.column)


def test_a_second_self_is_told() -> None:
    """`_self_` stands once; the first one counts."""
    entries, (fault,) = read("_self_", "model: vae", "_self_")

    assert [True, False] == [entry.is_self for entry in entries]
    assert ("SER109", 4) == (fault.code, fault.place.line)


@pytest.mark.parametrize(
    ("text", "codes"), [("a: 1", []), ("defaults:", []), ("defaults: {model: vae}", ["SER109"]), ("", [])]
)
def test_a_document_may_have_no_list(text: str, codes: list[str]) -> None:
    """None, or null, is an empty list; anything else than a list is a fault."""
    entries, faults = read_defaults(parse_document("train.yaml", text))

    assert ([], codes) == (entries, [fault.code for fault in faults])


@pytest.mark.parametrize(
    ("name", "config_path", "expected"),
    [
        ("base", "model/vae", "model/base"),
        ("/base", "model/vae", "base"),
        ("base", "train", "base"),
        ("a/b", "x/y/z", "x/y/a/b"),
    ],
)
def test_names_are_relative_to_their_folder(name: str, config_path: str, expected: str) -> None:
    """A leading slash counts from the root."""
    assert expected == absolute(name, config_path)


def test_paths_name_every_config_of_an_entry() -> None:
    """A list of options names several; `_self_`, null and overrides name none."""
    entries, _ = read("net: [a, b]", "_self_", "net: null", "override /net: a")

    assert [("model/net/a", "model/net/b"), (), (), ()] == [entry.paths("model/vae") for entry in entries]
    assert "model/net" == entries[0].group_path("model/vae")


def test_what_serotiny_adds_comes_first() -> None:
    """Schema bases, then groups that nothing chooses, then the list as written."""
    written, _ = read("data: iris", "_self_", "model: vae")

    done = complete_primary(written, (("trainer/schema", "trainer"),), ("mlflow",))

    assert [
        (None, "/trainer/schema", "trainer", False, False),
        ("mlflow", "default", None, False, False),
        ("data", "iris", None, False, False),
        (None, "_self_", None, False, False),
        ("model", "vae", None, False, False),
    ] == [fields(entry) for entry in done]


def test_without_self_the_config_comes_after_its_defaults() -> None:
    """`_self_` is put behind the last entry that is no override, as Hydra does."""
    written, _ = read("override data: iris", "model: vae")

    done = complete_primary(written, (), ())

    assert ["vae", "_self_", "iris"] == [entry.value for entry in done]
