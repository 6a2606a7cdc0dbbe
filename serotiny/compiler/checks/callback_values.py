"""SER303 and SER316: values of Lightning's callbacks that it refuses by code which no signature shows."""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter
from typing import Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.target_nodes import TargetNode, argument, callback_nodes, plain, shown, via
from serotiny.compiler.tree import join
from serotiny.diagnostics import Diagnostic

_TRIGGERS: Final = ("every_n_train_steps", "train_time_interval", "every_n_epochs")
_CHECKPOINT: Final = ".callbacks.model_checkpoint.ModelCheckpoint"
_ACCUMULATION: Final = ".callbacks.gradient_accumulation_scheduler.GradientAccumulationScheduler"


def check_callback_values(context: CheckContext) -> Iterator[Diagnostic]:
    """The file names and the intervals of checkpoints, and the steps of gradient accumulation."""
    for keys, _ in callback_nodes(context.root, context.layout):
        target = context.targets.get(keys)
        if target is None:
            continue
        if any(base.endswith(_CHECKPOINT) for base in target.signature.bases):
            yield from _template_faults(target)
            yield from _trigger_faults(target)
        if any(base.endswith(_ACCUMULATION) for base in target.signature.bases):
            yield from _accumulation_faults(target)


def _template_faults(target: TargetNode) -> Iterator[Diagnostic]:
    node = argument(target, "filename")
    if node is None or not isinstance(node.value, str):
        return
    try:
        [*Formatter().parse(node.value)]
    except ValueError as error:
        key = target.place_key("filename")
        message = f"`{key}` must be a name with metrics in braces, not `{shown(node)}`: {error}"
        fix = "a brace is opened and closed: `{epoch}-{val_loss:.2f}`"
        yield Diagnostic("SER303", message, node.place, key, help=fix, notes=via(node))


def _trigger_faults(target: TargetNode) -> Iterator[Diagnostic]:
    found = [(name, node) for name in _TRIGGERS if (node := argument(target, name)) is not None]
    given = [(name, node) for name, node in found if node.value not in (None, 0)]
    if len(given) < 2:
        return
    name, node = given[-1]
    listed = " and ".join(f"`{name}`" for name, _ in given)
    message = f"{listed} of `{join(target.keys)}` exclude each other"
    fix = "keep one of them; another checkpoint callback may have the other"
    yield Diagnostic("SER316", message, node.place, target.place_key(name), help=fix, notes=via(node))


def _accumulation_faults(target: TargetNode) -> Iterator[Diagnostic]:
    scheduling = argument(target, "scheduling")
    for epoch, node in scheduling.children() if scheduling is not None and scheduling.is_mapping else ():
        factor, key = plain(node), join((*target.keys, "scheduling", epoch))
        if isinstance(factor, int) and factor < 1:
            yield Diagnostic("SER303", f"`{key}` must be at least 1, not `{factor}`", node.place, key)
