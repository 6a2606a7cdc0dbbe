"""A check of one's own; `pyproject.toml` registers it, and it counts once the package is installed."""

from __future__ import annotations

from collections.abc import Iterator

from serotiny.compiler.checks import CheckContext
from serotiny.diagnostics import Diagnostic, Severity

MOST_TURNS = 8


def check_turns(context: CheckContext) -> Iterator[Diagnostic]:
    """More frequencies than that only learn the noise."""
    model = context.targets.get(("model",))
    turns = model.node.get("turns") if model is not None else None
    if turns is not None and isinstance(turns.value, int) and turns.value > MOST_TURNS:
        message = f"`model.turns` is {turns.value}; more than {MOST_TURNS} learn the noise"
        yield Diagnostic("SER330", message, turns.place, "model.turns", severity=Severity.ERROR)
