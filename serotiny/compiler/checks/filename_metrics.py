"""SER310: the metrics that the file names of checkpoints have in braces are logged, as far as the model's source tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import Formatter
from typing import Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.lightning.callback_values import ALWAYS_THERE
from serotiny.compiler.checks.lightning.classes import MODEL_CHECKPOINT
from serotiny.compiler.checks.monitored_metric import logged_by_model
from serotiny.compiler.target_nodes import argument, argument_or_default, derives, via
from serotiny.diagnostics import Diagnostic, Severity, closest
from serotiny.targets.metrics.logged_metrics import LoggedMetrics

_SHORTEST: Final = 6
"""The length of a name below which others are as near that are metrics as well."""


def check_filename_metrics(context: CheckContext) -> Iterator[Diagnostic]:
    """Each metric in the `filename` of a checkpoint callback; in the place of one that is not there Lightning writes 0."""
    named = [
        (target, node, metrics)
        for target in context.callbacks
        if derives(target, MODEL_CHECKPOINT)
        and (node := argument(target, "filename")) is not None
        and isinstance(node.value, str)
        and (metrics := _named(node.value))
    ]
    logged = logged_by_model(context) if named else LoggedMetrics()
    exact = [str(found) for found in logged.names if found.is_exact]
    listed = ", ".join(f"`{found}`" for found in exact[:12])
    for target, node, metrics in named:
        monitor = argument_or_default(target, "monitor")
        for name in metrics:
            meant = _meant(name, monitor, logged, exact)
            if name == monitor or (meant is None and logged.matches(name)):
                continue
            yield Diagnostic(
                "SER310",
                f"the metric `{name}` of the file name is never logged: it is written as 0",
                node.place,
                target.place_key("filename"),
                help=f"did you mean `{meant}`?" if meant is not None else f"it logs {listed or 'nothing'}",
                notes=via(node),
                severity=Severity.WARNING,
            )


def _named(filename: str) -> list[str]:
    """The metrics that a name has in braces; none where it cannot be read, which is told elsewhere."""
    try:
        fields = [name for _, name, _, _ in Formatter().parse(filename) if name]
    except ValueError:
        return []
    return [name for name in dict.fromkeys(fields) if name not in ALWAYS_THERE]


def _meant(name: str, monitor: object, logged: LoggedMetrics, exact: Sequence[str]) -> str | None:
    """The metric that was meant by one that is not logged; None where it may be logged, or nothing tells what was meant."""
    monitored = monitor if isinstance(monitor, str) else None
    if not logged.matches(name):
        return closest(name, [*([monitored] if monitored else []), *exact, *ALWAYS_THERE])
    is_named = any(found.is_exact and found.matches(name) for found in logged.names)
    return monitored if monitored is not None and not is_named and _is_mistyped(name, monitored) else None


def _is_mistyped(name: str, meant: str) -> bool:
    """Whether a name is another one with a letter left out, doubled, or two that changed places.

    What begins a word or ends the whole tells metrics apart (`val_mse` and `val_rmse`), as digits do.
    """
    if min(len(name), len(meant)) < _SHORTEST:
        return False
    for at in range(1, len(meant)):
        letter, before = meant[at], meant[at - 1]
        if not letter.isalpha() or not before.isalpha():
            continue
        left_out = meant[:at] + meant[at + 1 :]
        doubled = meant[:at] + letter + meant[at:]
        turned = meant[: at - 1] + letter + before + meant[at + 1 :]
        if name != meant and name in (left_out, doubled, turned):
            return True
    return False
