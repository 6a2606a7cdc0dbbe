"""Command-line overrides: where their parts stand, what each kind does, what is refused."""

from __future__ import annotations

import pytest

from serotiny.compiler.overrides.apply import apply_overrides
from serotiny.compiler.overrides.argument import Argument, parse_arguments, refuse_sweeps
from serotiny.compiler.syntax.document import parse_document
from serotiny.diagnostics import Diagnostic, Origin, Place

CONFIG = """
trainer: {max_epochs: 5, callbacks: [{monitor: a}, {monitor: b}]}
model: {width: 8, name: net, none: null}
missing: ???
"""


def argument(text: str) -> Argument:
    (parsed,), faults = parse_arguments([text])
    assert [] == faults
    return parsed


def apply(*texts: str) -> tuple[dict[str, object], list[Diagnostic]]:
    arguments, faults = parse_arguments(texts)
    assert [] == faults
    root, faults, _ = apply_overrides(parse_document("train.yaml", CONFIG).root, arguments)
    return root.plain(), faults


def underlined(place: Place) -> str:
    """The characters of the argument that a place covers."""
    assert place.override is not None
    assert place.column is not None
    assert place.end_column is not None
    return place.override[place.column - 1 : place.end_column - 1]


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("a.b=1", "a.b", "1"),
        ("+a.b=x y", "a.b", "x y"),
        ("++a.b=[1,2]", "a.b", "[1,2]"),
        ("~a.b", "a.b", "a.b"),
        ("~a.b=1", "a.b", "1"),
    ],
)
def test_places_cover_key_and_value(text: str, key: str, value: str) -> None:
    """The key's span leaves out what precedes it, and the value's is all behind `=`."""
    assert (key, value) == (underlined(argument(text).key_place), underlined(argument(text).value_place))


def test_place_of_an_empty_value_is_one_column_wide() -> None:
    """With nothing behind `=`, the place is the column where the value would stand."""
    place = argument("a.b=").value_place

    assert (Origin.OVERRIDE, 5, 6) == (place.origin, place.column, place.end_column)


@pytest.mark.parametrize(("depth", "step"), [(0, "a"), (1, "bb"), (2, "0"), (3, "c"), (9, "a.bb.0.c")])
def test_step_place_covers_one_step_of_the_key(depth: int, step: str) -> None:
    """Steps are counted from 0, whatever precedes the key; past the end it is the whole key."""
    assert step == underlined(argument("++a.bb.0.c=1").step_place(depth))


def test_every_text_that_is_no_override_is_told() -> None:
    """SER106 for each that cannot be parsed; the sound ones are kept."""
    arguments, faults = parse_arguments(["a=1", "a", "b=2", "c=[1"])

    assert ["a=1", "b=2"] == [found.text for found in arguments]
    assert [("SER106", "a"), ("SER106", "c=[1")] == [(fault.code, fault.place.override) for fault in faults]


@pytest.mark.parametrize(
    ("text", "keys", "expected"),
    [
        ("model.width=9", ("model", "width"), 9),
        ("model.width=null", ("model", "width"), None),
        ("++model.width=9", ("model", "width"), 9),
        ("+model.depth=2", ("model", "depth"), 2),
        ("++model.a.b.c=2", ("model", "a"), {"b": {"c": 2}}),
        ("+model.none=2", ("model", "none"), 2),
        ("+missing=2", ("missing",), 2),
        ("model.name={first: 1}", ("model", "name"), {"first": 1}),
        ("+model={depth: 2}", ("model",), {"width": 8, "name": "net", "none": None, "depth": 2}),
        ("trainer.callbacks=[]", ("trainer", "callbacks"), []),
        ("~model.width", ("model",), {"name": "net", "none": None}),
        ("~model.width=8", ("model",), {"name": "net", "none": None}),
    ],
)
def test_each_kind_of_override_does_what_hydra_does(
    text: str, keys: tuple[str, ...], expected: object
) -> None:
    """Changing, adding, forcing, laying mappings over, deleting."""
    config, faults = apply(text)

    found: object = config
    for key in keys:
        assert isinstance(found, dict)
        found = found[key]
    assert [] == faults
    assert expected == found


def test_an_item_of_a_list_is_changed_in_place() -> None:
    """A number among the keys is an index where a list stands."""
    config, faults = apply("trainer.callbacks.1.monitor=c")

    assert [] == faults
    assert {"max_epochs": 5, "callbacks": [{"monitor": "a"}, {"monitor": "c"}]} == config["trainer"]


@pytest.mark.parametrize(
    ("text", "code", "at", "help_"),
    [
        ("model.widht=9", "SER107", "widht", "did you mean `width`?"),
        ("max_epochs=9", "SER107", "max_epochs", "did you mean `trainer.max_epochs`?"),
        ("model.zzz=9", "SER107", "zzz", "write `+model.zzz=9` to add it"),
        ("model.width.deep=9", "SER107", "deep", "write `+model.width.deep=9` to add it"),
        ("~model.zzz", "SER107", "zzz", "take it out: there is nothing to delete"),
        (
            "+model.width=9",
            "SER106",
            "model.width",
            "write `model.width=9` to change it, or `++model.width=9` to set it either way",
        ),
        ("model=[1]", "SER106", "[1]", "delete it before (`~model`), and add the other one with `++`"),
        ("model={zzz: 3}", "SER107", "{zzz: 3}", "write `'+model={zzz: 3}'` to add it"),
        ("model={widht: 3}", "SER107", "{widht: 3}", "did you mean `width`?"),
        ("~model.none", "SER106", "model.none", "take it out: there is nothing to delete"),
        ("~model.width=9", "SER106", "9", "write `~model.width` to delete it whatever its value is"),
        (
            "nogroup/sub=9",
            "SER103",
            "nogroup/sub",
            "`serotiny train --help` lists the groups; a value is set with dots: `nogroup.sub=9`",
        ),
    ],
)
def test_what_cannot_be_applied_is_told_in_place(text: str, code: str, at: str, help_: str | None) -> None:
    """The code, the part of the argument at fault, and the fix; the config stays as it was."""
    config, (fault,) = apply(text)

    assert (code, at, help_) == (fault.code, underlined(fault.place), fault.help)
    assert parse_document("train.yaml", CONFIG).root.plain() == config


def test_later_overrides_see_earlier_ones() -> None:
    """What one adds the next may change, and its history tells both."""
    arguments, _ = parse_arguments(["+model.depth=1", "model.depth=2"])
    root, faults, _ = apply_overrides(parse_document("train.yaml", CONFIG).root, arguments)
    depth = root.value["model"].value["depth"]

    assert [] == faults
    assert (2, ["+model.depth=1"]) == (depth.value, [place.override for place in depth.history])


@pytest.mark.parametrize("text", ["a=1,2", "a=choice(1,2)", "a=range(1,4)", "a=interval(0,1)", "a=glob(*)"])
def test_sweeps_are_refused_for_one_job(text: str) -> None:
    """SER106 for each form of sweep; the other arguments stay."""
    arguments, _ = parse_arguments([text, "b=1"])

    kept, (fault,) = refuse_sweeps(arguments)

    assert ["b=1"] == [found.text for found in kept]
    assert ("SER106", text.partition("=")[2]) == (fault.code, underlined(fault.place))
