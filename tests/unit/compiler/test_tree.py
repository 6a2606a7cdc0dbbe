"""The immutable tree: merging, selecting, replacing, and what a value remembers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from serotiny.compiler.syntax.document import parse_document
from serotiny.compiler.tree import MISSING, Node, clashes, join, merge, nest, replace_at, select, split, walk


def tree(text: str, file: str = "a.yaml") -> Node:
    return parse_document(file, text).root


def test_mappings_merge_key_by_key() -> None:
    """Keys of both sides stay, in the order of the lower side first, and the upper value wins."""
    merged = merge(tree("a: 1\nb: {x: 1, y: 2}"), tree("b: {y: 3, z: 4}\nc: 5"))

    assert {"a": 1, "b": {"x": 1, "y": 3, "z": 4}, "c": 5} == merged.plain()
    assert ["a", "b", "c"] == list(merged.plain())


@pytest.mark.parametrize(
    ("base", "top", "expected"),
    [
        ("a: [1, 2]", "a: [3]", [3]),
        ("a: 1", "a: {b: 2}", {"b": 2}),
        ("a: {b: 2}", "a: 1", 1),
        ("a: 1", "a: null", None),
        ("a: 1", "a: ???", 1),
    ],
)
def test_all_but_mappings_is_replaced(base: str, top: str, expected: object) -> None:
    """Lists and scalars are replaced whole, and `???` on top of a value changes nothing."""
    assert {"a": expected} == merge(tree(base), tree(top)).plain()


def test_merging_leaves_both_sides_as_they_were() -> None:
    """A tree that was merged is not changed by it."""
    base, top = tree("a: {b: 1}"), tree("a: {b: 2}")

    merge(base, top)

    assert ({"a": {"b": 1}}, {"a": {"b": 2}}) == (base.plain(), top.plain())


def test_history_names_earlier_places_oldest_first() -> None:
    """A value that was set three times remembers the two places before, in order."""
    root = merge(merge(tree("a: 1", "1.yaml"), tree("a: 2", "2.yaml")), tree("a: 3", "3.yaml"))
    node = root.value["a"]

    assert ["1.yaml", "2.yaml"] == [place.file for place in node.history]
    assert "3.yaml" == node.place.file


def test_merging_with_an_incomplete_mapping_is_incomplete() -> None:
    """What could not be read leaves its mark, since nothing in it may be called missing."""
    assert merge(Node({}, incomplete=True), tree("a: 1")).incomplete


def test_lists_over_mappings_clash() -> None:
    """Each place where a list and a mapping meet is told, with its keys."""
    found = clashes(tree("a: {b: {c: 1}}\nd: [1]\ne: 1"), tree("a: {b: [1]}\nd: {x: 1}\ne: [1]"))

    assert [("a", "b"), ("d",)] == [keys for keys, _, _ in found]


@pytest.mark.parametrize(("text", "number"), [("{}", 0), ("{x: 1}", 1)])
def test_what_is_not_known_may_be_a_list(text: str, number: int) -> None:
    """A config that code stores is not read, and may be a list; one with a key is none."""
    unknown = replace(tree(text), incomplete=True)

    assert number == len([*clashes(tree("a: [1]"), Node({"a": unknown}))])


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ((), {"a": [{"b": 1}, 2]}),
        (("a", 0, "b"), 1),
        (("a", "0", "b"), 1),
        (("a", "-1"), 2),
    ],
)
def test_select_finds_by_key_and_index(keys: tuple[object, ...], expected: object) -> None:
    """Indices may be numbers or text, and count from the end when negative."""
    node = select(tree("a: [{b: 1}, 2]"), keys)

    assert node is not None
    assert expected == node.plain()


@pytest.mark.parametrize("path", ["b", "a[2]", "a.x", "a[0].b.c", "a[-3]"])
def test_select_of_what_is_not_there_is_none(path: str) -> None:
    """A key or index that does not exist, or lies under a scalar, gives nothing."""
    assert select(tree("a: [{b: 1}, 2]"), split(path)) is None


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("a.b", 2, {"a": {"b": 2}, "l": [1, {"x": 1}]}),
        ("a.c.d", 2, {"a": {"b": 1, "c": {"d": 2}}, "l": [1, {"x": 1}]}),
        ("l[1].x", 2, {"a": {"b": 1}, "l": [1, {"x": 2}]}),
    ],
)
def test_replace_at_puts_a_node_where_the_keys_lead(path: str, value: int, expected: object) -> None:
    """A node is put in place or added, with the mappings that lead to it."""
    assert expected == replace_at(tree("a: {b: 1}\nl: [1, {x: 1}]"), split(path), Node(value)).plain()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.b", {"a": {}, "l": [1, 2]}),
        ("l[0]", {"a": {"b": 1}, "l": [2]}),
        ("z", {"a": {"b": 1}, "l": [1, 2]}),
    ],
)
def test_replace_at_takes_out(path: str, expected: object) -> None:
    """None takes a key or an item out, and does nothing where there is none."""
    assert expected == replace_at(tree("a: {b: 1}\nl: [1, 2]"), split(path), None).plain()


def test_replacing_shares_what_did_not_change() -> None:
    """The original stays as it was, and untouched branches are the very same nodes."""
    root = tree("a: {b: 1}\nc: {d: 1}")

    changed = replace_at(root, ("a", "b"), Node(2))

    assert {"a": {"b": 1}, "c": {"d": 1}} == root.plain()
    assert root.value["c"] is changed.value["c"]


def test_join_writes_indices_in_brackets() -> None:
    """A path is written as OmegaConf writes it, and splitting finds the same keys as text."""
    keys = ("trainer", "callbacks", 0, "monitor")

    assert "trainer.callbacks[0].monitor" == join(keys)
    assert ("trainer", "callbacks", "0", "monitor") == split(join(keys))
    assert split("a[b].c") == split("a.b.c")
    assert "" == join(())


def test_walk_goes_parents_first() -> None:
    """Every node is met once, with its keys, and never before its parent."""
    assert ["", "a", "a.b", "a.b[0]", "c"] == [join(keys) for keys, _ in walk(tree("a: {b: [1]}\nc: 2"))]


def test_nest_stands_a_node_under_its_keys() -> None:
    """A chain of mappings leads to the node."""
    assert {"a": {"b": MISSING}} == nest(("a", "b"), Node(MISSING)).plain()
