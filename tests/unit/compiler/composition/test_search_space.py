from __future__ import annotations

import pytest

from serotiny.compiler.composition.search_space import drawn_override
from serotiny.compiler.composition.sweep_settings import sweeper_of
from serotiny.compiler.syntax.document import parse_document
from serotiny.diagnostics import Diagnostic


def _drawn(text: str) -> str | Diagnostic | None:
    return drawn_override("model.width", parse_document("a.yaml", f"space: {text}\n").root.value["space"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{type: float, low: 0.1, high: 2}", "model.width=interval(0.1,2)"),
        ("{type: float, low: 1.0e-4, high: 0.1, log: true}", "model.width=interval(0.0001,0.1)"),
        ("{type: int, low: 1, high: 9, step: 2}", "model.width=range(1,9,2)"),
        ("{type: int, low: 3, high: 3}", "model.width=interval(3,3)"),
        (
            "{type: categorical, choices: [a b, 1, 2.5, true, null]}",
            'model.width=choice("a b",1,2.5,true,null)',
        ),
    ],
)
def test_an_entry_is_the_override_that_draws_the_same(text: str, expected: str) -> None:
    """Numbers between two, steps, and choices of any plain value."""
    assert expected == _drawn(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{type: evil, low: 1, high: 2}", "`hydra.sweeper.search_space.model.width.type` must be `int`"),
        ("{low: 1, high: 2}", "`hydra.sweeper.search_space.model.width.type` must be `int`"),
        ("{type: float, lo: 1, high: 2}", "`lo` is not a key of"),
        ("{type: float, low: 1}", "is nothing that numbers can be drawn from"),
        ("{type: float, low: 1, high: .inf}", "is nothing that numbers can be drawn from"),
        ("{type: int, low: 5, high: 2}", "is nothing that numbers can be drawn from"),
        ("{type: float, low: 0, high: 2, log: true}", "is nothing that numbers can be drawn from"),
        ("{type: float, low: 0, high: 2, step: 0}", "is nothing that numbers can be drawn from"),
        ("{type: categorical, choices: []}", "has nothing to choose from"),
        ("{type: categorical, choices: [[1]]}", "has nothing to choose from"),
        ("[1, 2]", "must be a mapping"),
    ],
)
def test_what_the_sweeper_would_break_off_at_is_told(text: str, message: str) -> None:
    """SER111 where Optuna raises an error once the sweep has begun."""
    told = _drawn(text)

    assert isinstance(told, Diagnostic)
    assert "SER111" == told.code
    assert message in told.message


@pytest.mark.parametrize(
    ("sweeper", "expected"), [("hydra_optuna_sweeper", ["seed=interval(1,2)"]), ("other", [])]
)
def test_the_space_of_optunas_sweeper_is_swept_over(sweeper: str, expected: list[str]) -> None:
    """It counts as its `params` do; a sweeper of another plug-in means something else by the name."""
    text = f"sweeper:\n  _target_: hydra_plugins.{sweeper}.Sweeper\n  search_space: {{seed: {{type: float, low: 1, high: 2}}}}\n"

    found = sweeper_of(parse_document("a.yaml", text).root)

    assert expected == [override for override, _ in found.params]
