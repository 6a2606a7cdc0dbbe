"""SER304: the accelerator is one that Lightning has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.target_nodes import argument, shown, via
from serotiny.diagnostics import Diagnostic, Severity, closest

_TRAINERS: Final = ("lightning.pytorch.", "pytorch_lightning.")
_ACCELERATORS: Final = ("auto", "cpu", "cuda", "gpu", "mps", "tpu")
"""Those of Lightning itself; it asks a registry, which other packages fill further."""


def check_accelerator(context: CheckContext) -> Iterator[Diagnostic]:
    """`accelerator` of the trainer; a name that is like none of Lightning's may be another package's."""
    trainer = context.part("trainer")
    node = argument(trainer, "accelerator") if trainer is not None else None
    if trainer is None or node is None or not trainer.signature.path.startswith(_TRAINERS):
        return
    if not isinstance(node.value, str) or node.value in _ACCELERATORS:
        return
    key, suggestion = trainer.place_key("accelerator"), closest(node.value, _ACCELERATORS)
    yield Diagnostic(
        "SER304",
        f"`{key}` must be one of {', '.join(_ACCELERATORS)}, not `{shown(node)}`",
        node.place,
        key,
        notes=via(node),
        severity=Severity.ERROR if suggestion is not None else Severity.WARNING,
        suggestion=suggestion,
        help=None if suggestion else "nothing is wrong where another package brings that accelerator",
    )
