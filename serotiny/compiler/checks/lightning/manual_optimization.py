"""SER316: settings of Lightning's trainer that only go with automatic optimisation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.lightning.classes import ACCUMULATION
from serotiny.compiler.target_nodes import argument, derives, shown, via
from serotiny.compiler.tree import join
from serotiny.diagnostics import Diagnostic

_LEAST: Final = {"gradient_clip_val": 0, "accumulate_grad_batches": 1}
"""What the trainer does by itself, and the largest number with which it does nothing."""


def check_manual_optimization(context: CheckContext) -> Iterator[Diagnostic]:
    """Clipping and accumulation of gradients, with a model whose `automatic_optimization` is always false."""
    model, trainer = context.part("model"), context.lightning_trainer
    if model is None or trainer is None:
        return
    asked = [
        (trainer.place_key(name), node.place, f"`{trainer.place_key(name)}: {shown(node)}`", via(node))
        for name, least in _LEAST.items()
        if (node := argument(trainer, name)) is not None
        and isinstance(node.value, int | float)
        and node.value > least
    ]
    asked += [
        (join(target.keys), target.target.place, f"`{join(target.keys)}`", ())
        for target in context.callbacks
        if derives(target, ACCUMULATION)
    ]
    if not asked or not context.reader.is_always(model.signature.path, "automatic_optimization", False):
        return
    for key, place, what, notes in asked:
        message = f"{what} does not go with manual optimization, which `{model.signature.path}` does"
        fix = "take it out, and do it in `training_step`; or leave `automatic_optimization` as it is"
        yield Diagnostic("SER316", message, place, key, help=fix, notes=notes)
