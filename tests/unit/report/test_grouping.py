"""One fault, one report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from serotiny.diagnostics import Diagnostic, Origin, Place, Severity
from serotiny.report.json import render_json
from serotiny.report.report import Report
from serotiny.report.text import render_text

ADVICE = 'add "monai" to `trusted` in [tool.serotiny], or pass `--trust monai`'


def untrusted(line: int) -> Diagnostic:
    message = f"`monai.Part{line}` comes from `monai`, which this project does not trust"
    return Diagnostic("SER501", message, Place(Origin.FILE, "a.yaml", line=line, column=1), help=ADVICE)


def lacking(line: int) -> Diagnostic:
    message = f"mine.Part{line} needs the package `monai`, which is not installed"
    fix = "install it (`pip install monai`), or name something else"
    return Diagnostic("SER312", message, Place(Origin.FILE, "a.yaml", line=line, column=1), help=fix)


@pytest.mark.parametrize("fault", [untrusted, lacking])
def test_what_one_cure_ends_is_told_once(fault: Callable[[int], Diagnostic]) -> None:
    """Text has one block with the number of places; `--verbose` and JSON have each of them."""
    report = Report(jobs=1, diagnostics=tuple(fault(line) for line in range(1, 6)), root=Path("/nowhere"))
    code = fault(1).code

    text = render_text(report)

    assert 1 == text.count(f"[{code}]")
    assert "in 5 places: also a.yaml:2:1, a.yaml:3:1 and 2 more" in text
    assert text.splitlines()[-1].startswith("5 ")
    assert 5 == render_text(report, each_place=True).count(f"[{code}]")
    assert 5 == render_json(report).count(f'"{code}"')


@pytest.mark.parametrize(("advice", "blocks"), [("take it out", 1), (None, 3)])
def test_override_of_a_group_that_is_gone_is_told_once(advice: str | None, blocks: int) -> None:
    """As long as the same is to be done in each file."""
    places = [Place(Origin.FILE, f"{name}.yaml", line=1, column=1) for name in "abc"]
    faults = tuple(Diagnostic("SER109", "it overrides nothing", place, help=advice) for place in places)

    text = render_text(Report(jobs=1, diagnostics=faults, root=Path("/nowhere")))

    assert blocks == text.count("error[SER109]")


@pytest.mark.parametrize(
    ("code", "severity", "blocks"),
    [
        ("SER301", None, 1),
        ("SER305", None, 1),
        ("SER303", Severity.WARNING, 1),
        ("SER304", Severity.WARNING, 1),
        ("SER306", Severity.WARNING, 1),
        ("SER303", None, 3),
    ],
)
def test_what_the_code_has_not_is_told_once(code: str, severity: Severity | None, blocks: int) -> None:
    """A parameter that a class has no longer, or an annotation that it does not keep to, is one thing in many files."""
    places = [Place(Origin.FILE, f"{name}.yaml", line=1, column=1) for name in "abc"]
    faults = tuple(Diagnostic(code, "wrong", place, severity=severity) for place in places)

    text = render_text(Report(jobs=1, diagnostics=faults, root=Path("/nowhere")))

    assert blocks == text.count(f"[{code}]")
    assert (blocks == 1) == ("in 3 places: also b.yaml:1:1, c.yaml:1:1" in text)


@pytest.mark.parametrize(("code", "why"), [("SER301", "is refused"), ("SER111", "is not a setting of Hydra")])
def test_keys_that_one_node_refuses_are_told_together(code: str, why: str) -> None:
    """They are listed in one block; a key that was meant to be another, or of another node, is told by itself."""
    place = Place(Origin.FILE, "a.yaml", line=1, column=1)
    fix = "it takes `a`"
    keys = ["model.x", "model.y", "model.y", "model.z", "data.x"]
    faults = [Diagnostic(code, f"`{key}` {why}", place, key, help=fix) for key in keys]
    meant = Diagnostic(code, f"`b` {why}", place, "model.b", suggestion="a")
    report = Report(jobs=1, diagnostics=(*faults, meant), root=Path("/nowhere"))

    text = render_text(report)

    assert 3 == text.count(f"[{code}]")
    assert "note: nor are `y`, `z`\n" in text
    assert 6 == render_json(report).count(f'"{code}"')


def test_place_that_several_keys_come_from_is_named_once() -> None:
    """A value that interpolations copy is wrong under each of its keys."""
    place = Place(Origin.FILE, "a.yaml", line=1, column=1)
    faults = tuple(Diagnostic("SER305", "wrong", place, key) for key in ("model", "teacher"))

    text = render_text(Report(jobs=1, diagnostics=faults, root=Path("/nowhere")))

    assert 1 == text.count("[SER305]")
    assert "places" not in text


def test_other_faults_are_told_each() -> None:
    """Two values that are wrong in the same way are two faults."""
    places = [Place(Origin.FILE, "a.yaml", line=line, column=1) for line in (1, 2)]
    faults = tuple(Diagnostic("SER303", "wrong", place) for place in places)

    assert 2 == render_text(Report(jobs=1, diagnostics=faults, root=Path("/nowhere"))).count("error[SER303]")
