"""SER316: attributes that Lightning's finders look for in the model and the data module, and that neither has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.target_nodes import (
    TargetNode,
    argument,
    argument_or_default,
    callback_nodes,
    signature_name,
)
from serotiny.diagnostics import Diagnostic

_RATE_FINDER: Final = ".callbacks.lr_finder.LearningRateFinder"
_BATCH_FINDER: Final = ".callbacks.batch_size_finder.BatchSizeFinder"
_RATES: Final = ("lr", "learning_rate")
_WITHOUT_EFFECT: Final = (
    "pytorch_lightning.callbacks.",
    "lightning.pytorch.callbacks.",
    "serotiny.callbacks.",
)
"""Callbacks of these give the model no attributes."""


def check_sought_attributes(context: CheckContext) -> Iterator[Diagnostic]:
    """The learning rate and the batch size that a finder is to change, where nothing can hold them."""
    model, data = context.part("model"), context.part("data")
    if context.lightning_trainer is None or model is None or data is None:
        return
    callbacks = [context.targets.get(keys) for keys, _ in callback_nodes(context.root, context.layout)]
    known = [target for target in callbacks if target is not None]
    if len(known) < len(callbacks) or not all(
        target.signature.path.startswith(_WITHOUT_EFFECT) for target in known
    ):
        return
    for target in known:
        parameter, names = _sought(target, context)
        parts = [part for part in (model, data) if not part.is_partial]
        lacked = [
            name
            for name in names
            if all(context.reader.certainly_lacks(part.signature.path, name) for part in parts)
        ]
        if parameter and len(parts) == 2 and len(lacked) == len(names):
            yield _fault(target, parameter, names, parts)


def _sought(target: TargetNode, context: CheckContext) -> tuple[str, tuple[str, ...]]:
    """The parameter that names the attribute, and the names of which one must be there; none where none is needed."""
    path, trainer = target.signature.path, context.lightning_trainer
    if path.endswith(_BATCH_FINDER):
        name = argument_or_default(target, "batch_arg_name")
        return ("batch_arg_name", (name,)) if isinstance(name, str) else ("", ())
    is_tried = trainer is not None and argument_or_default(trainer, "fast_dev_run") is not False
    if not path.endswith(_RATE_FINDER) or is_tried:
        return "", ()
    name = argument_or_default(target, "attr_name")
    if argument_or_default(target, "update_attr") is not True or not isinstance(name, str):
        return "", ()
    return "attr_name", (name,) if name else _RATES


def _fault(target: TargetNode, parameter: str, names: tuple[str, ...], parts: list[TargetNode]) -> Diagnostic:
    node = argument(target, parameter)
    finder = target.signature.path.rpartition(".")[2]
    searched = " nor ".join(signature_name(part) for part in parts)
    sought = " or ".join(f"`{name}`" for name in names)
    return Diagnostic(
        "SER316",
        f"`{finder}` looks for {sought}, which neither {searched} has",
        target.target.place if node is None else node.place,
        target.place_key("_target_" if node is None else parameter),
        help=f"name in `{parameter}` the attribute that holds it, or take the callback out",
    )
