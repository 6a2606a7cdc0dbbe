"""What a body asks of the numbers that it is given, compared with what it does with them."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import pytest
from pytorch_lightning.strategies import StrategyRegistry

from serotiny.compiler.checks.lightning.registered_names import NAMES

if TYPE_CHECKING:
    from tests.unit.targets.conftest import ReadSource

NOT_NEGATIVE, FRACTION = (("ge", 0.0),), (("ge", 0.0), ("le", 1.0))
ASKED = {
    "less": ("if x < 0: raise ValueError(x)", NOT_NEGATIVE),
    "a chain": ("if not 0 <= x <= 1: raise ValueError(x)", FRACTION),
    "either": ("if x < 0 or x > 1: raise ValueError(x)", FRACTION),
    "number first": ("if 0 > x: raise ValueError(x)", NOT_NEGATIVE),
    "none is told apart": ("if x is not None and x <= 0: raise ValueError(x)", (("gt", 0.0),)),
    "kind first": ("if not isinstance(x, (int, float)) or x < -1: raise ValueError(x)", (("ge", -1.0),)),
    "kind and number": (
        "if not (isinstance(x, (int, float)) and x > 0): raise ValueError(x)",
        (("gt", 0.0),),
    ),
    "an assertion": ("assert x < 2", (("lt", 2.0),)),
    "handed on": ("asked(x)", NOT_NEGATIVE),
    "another kind is told apart": ("if not isinstance(x, str) and x < 0: raise ValueError(x)", NOT_NEGATIVE),
}
LEFT_OPEN = {
    "it may return before": "if y: return\n    if x < 0: raise ValueError(x)",
    "another condition": "if y and x < 0: raise ValueError(x)",
    "of some numbers": "if not isinstance(x, int) and x < 0: raise ValueError(x)",
    "set anew": "x = abs(x)\n    if x < 0: raise ValueError(x)",
    "a warning": "if x < 0: print(x)",
    "with another parameter": "if x < y: raise ValueError(x)",
}
NUMBERS = (-2, -1, -0.5, 0, 0.5, 1, 1.5, 2)
_SOURCE = "def asked(n):\n    if n < 0: raise ValueError(n)\ndef f(x=0, y=0):\n    {}\n"


@pytest.mark.parametrize(("body", "limits"), ASKED.values(), ids=ASKED)
def test_limits_are_those_that_the_body_keeps(
    body: str, limits: tuple[tuple[str, float], ...], read: ReadSource
) -> None:
    """A number outside of them is refused by the code itself, and one inside is not."""
    source = _SOURCE.format(body)
    (parameter, _) = read("study.f", study=source).parameters
    assert limits == parameter.limits
    scope: dict[str, Any] = {}
    exec(source, scope)
    for number in NUMBERS:
        assert _is_inside(number, limits) == _is_taken(scope["f"], number), number


@pytest.mark.parametrize("body", LEFT_OPEN.values(), ids=LEFT_OPEN)
def test_what_is_not_certain_is_no_limit(body: str, read: ReadSource) -> None:
    """A comparison that need not be reached, or that decides nothing, says nothing of a config."""
    (parameter, _) = read("study.f", study=_SOURCE.format(body)).parameters
    assert () == parameter.limits


def test_limits_of_a_constructor_are_read_of_what_it_hands_on(read: ReadSource) -> None:
    """A class that leaves its keywords to its base has the limits of the base."""
    source = """
        class Base:
            def __init__(self, lr=1):
                if not 0.0 <= lr:
                    raise ValueError(lr)
        class Own(Base):
            def __init__(self, other=1, **kwargs):
                super().__init__(**kwargs)
    """
    found = read("study.Own", study=source).parameter("lr")
    assert found is not None
    assert NOT_NEGATIVE == found.limits


@pytest.mark.parametrize(
    ("change", "limits"),
    [
        ("pass", NOT_NEGATIVE),
        ("other()", NOT_NEGATIVE),
        ("setattr(self, 'x', 1)", ()),
        ("self.__dict__.update(x=1)", ()),
        ("other(self)", ()),
        ("self.mend()", ()),
    ],
)
def test_attribute_that_may_be_set_by_a_computed_name_stands_for_no_parameter(
    change: str, limits: tuple[tuple[str, float], ...], read: ReadSource
) -> None:
    """It is then compared with another value than the one that was given."""
    mend = "def mend(self):\n        setattr(self, 'x', 1)" if "mend" in change else ""
    source = f"""
class Own:
    def __init__(self, x=0):
        self.x = x
        {change}
        if self.x < 0:
            raise ValueError(x)
    {mend}
"""
    (parameter,) = read("study.Own", study=source).parameters
    assert limits == parameter.limits


def test_strategies_are_those_that_lightning_registers() -> None:
    """The list is written out, since asking the registry means importing all of it."""
    assert {"auto", *StrategyRegistry.available_strategies()} == set(NAMES["strategy"])


def _is_inside(number: float, limits: tuple[tuple[str, float], ...]) -> bool:
    return all(getattr(operator, word)(number, limit) for word, limit in limits)


def _is_taken(function: Any, number: float) -> bool:
    try:
        function(number)
    except (ValueError, AssertionError):
        return False
    return True
