"""SER303: values at which Lightning's loggers fail at the first step; those refused when they are made are SER316."""

from __future__ import annotations

from collections.abc import Iterator

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.limits import outside
from serotiny.compiler.target_nodes import argument, derives
from serotiny.diagnostics import Diagnostic
from serotiny.targets.lightning import lightning_namespace

_INTERVAL = "flush_logs_every_n_steps"


def check_logger_values(context: CheckContext) -> Iterator[Diagnostic]:
    """The interval of each logger that writes a CSV file, which divides by it: only 0 fails."""
    for target in context.targets.values():
        if lightning_namespace(target.signature) is None:
            continue
        is_csv = derives(target, ".CSVLogger")
        interval = argument(target, _INTERVAL) if is_csv else None
        if interval is not None and interval.value == 0:
            yield from outside(target, _INTERVAL, (("ge", 1),))
