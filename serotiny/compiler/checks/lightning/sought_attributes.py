"""SER316: attributes that Lightning's callbacks look for in the model or the data module, and that these lack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.lightning.classes import BATCH_SIZE_FINDER, FINETUNING, RATE_FINDER
from serotiny.compiler.target_nodes import (
    TargetNode,
    argument,
    argument_or_default,
    callback_nodes,
    signature_name,
)
from serotiny.diagnostics import Diagnostic
from serotiny.targets import lightning_namespace

_RATES: Final = ("lr", "learning_rate")
_NO_NAME: Final = "<none>"
"""A name that no class can have: what lacks it for certain has been read."""
_WITHOUT_EFFECT: Final = (
    "pytorch_lightning.callbacks.",
    "lightning.pytorch.callbacks.",
    "serotiny.callbacks.",
)
"""Callbacks of these give the model no attributes."""


@dataclass(frozen=True, kw_only=True)
class _Sought:
    """Names of which one must be an attribute, and the parameter by which another one can be named, if there is one."""

    names: tuple[str, ...]
    parameter: str | None = None
    in_data: bool = True


def check_sought_attributes(context: CheckContext) -> Iterator[Diagnostic]:
    """The learning rate and the batch size that a finder is to change, and the backbone to be finetuned."""
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
        sought = _sought_by(target, context.lightning_trainer)
        parts = (model, data) if sought is not None and sought.in_data else (model,)
        if sought is None:
            continue
        if all(_is_lacked(name, parts, context) for name in sought.names):
            yield _fault(target, sought, parts)
        elif sought.parameter is not None and all(_is_lightnings(name, context) for name in sought.names):
            yield _of_lightning(target, sought.parameter, sought.names[0])


def _is_lacked(name: str, parts: tuple[TargetNode, ...], context: CheckContext) -> bool:
    return all(
        not part.is_partial and context.reader.certainly_lacks(part.signature.path, name) for part in parts
    )


def _is_lightnings(name: str, context: CheckContext) -> bool:
    """Whether Lightning itself has an attribute of this name, none of which is a number to be found."""
    trainer = context.lightning_trainer
    namespace = lightning_namespace(trainer.signature) if trainer is not None else None
    bases = (f"{namespace}.core.module.LightningModule", f"{namespace}.core.datamodule.LightningDataModule")
    return any(context.reader.certainly_lacks(base, _NO_NAME) for base in bases) and not all(
        context.reader.certainly_lacks(base, name) for base in bases
    )


def _of_lightning(target: TargetNode, parameter: str, name: str) -> Diagnostic:
    node = argument(target, parameter)
    callback = target.signature.path.rpartition(".")[2]
    place = target.target.place if node is None else node.place
    message = f"`{callback}` is to change `{name}`, which is an attribute of Lightning's own"
    fix = f"name in `{parameter}` the attribute of your model or data module that holds the number"
    return Diagnostic("SER316", message, place, target.place_key(parameter), help=fix)


def _sought_by(target: TargetNode, trainer: TargetNode) -> _Sought | None:
    path = target.signature.path
    if path.endswith(FINETUNING):
        return _Sought(names=("backbone",), in_data=False)
    if path.endswith(BATCH_SIZE_FINDER):
        name = argument_or_default(target, "batch_arg_name")
        return _Sought(names=(name,), parameter="batch_arg_name") if isinstance(name, str) else None
    is_tried = argument_or_default(trainer, "fast_dev_run") is not False
    if not path.endswith(RATE_FINDER) or is_tried:
        return None
    name = argument_or_default(target, "attr_name")
    if argument_or_default(target, "update_attr") is not True or not isinstance(name, str):
        return None
    return _Sought(names=(name,) if name else _RATES, parameter="attr_name")


def _fault(target: TargetNode, sought: _Sought, parts: tuple[TargetNode, ...]) -> Diagnostic:
    named = sought.parameter
    node = argument(target, named) if named is not None else None
    callback = target.signature.path.rpartition(".")[2]
    listed = " or ".join(f"`{name}`" for name in sought.names)
    searched = " nor ".join(signature_name(part) for part in parts)
    whose = f"neither {searched} has" if len(parts) > 1 else f"{searched} does not have"
    fix = "take the callback out"
    if named is not None:
        fix = f"name in `{named}` the attribute that holds it, or {fix}"
    return Diagnostic(
        "SER316",
        f"`{callback}` looks for {listed}, which {whose}",
        target.target.place if node is None else node.place,
        target.place_key("_target_" if node is None or named is None else named),
        help=fix,
    )
