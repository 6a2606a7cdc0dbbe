"""SER303, SER304 and SER316: values of Lightning's callbacks that it refuses by code which no signature shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.limits import outside
from serotiny.compiler.target_nodes import (
    TargetNode,
    argument,
    argument_or_default,
    callback_nodes,
    plain,
    shown,
    via,
)
from serotiny.compiler.tree import Node, join
from serotiny.diagnostics import Diagnostic, closest

_TRIGGERS: Final = ("every_n_train_steps", "train_time_interval", "every_n_epochs")
_CHECKPOINT: Final = ".callbacks.model_checkpoint.ModelCheckpoint"
_STEPS: Final = ("every_n_train_steps", "every_n_epochs")
_MODES: Final[Mapping[str, tuple[str, ...]]] = {
    ".callbacks.lr_finder.LearningRateFinder": ("exponential", "linear"),
    ".callbacks.batch_size_finder.BatchSizeFinder": ("power", "binsearch"),
}
"""The ways to search that a finder takes, in any case."""
_PRUNING: Final = ".callbacks.pruning.ModelPruning"
_PRUNING_WORDS: Final = ("l1_unstructured", "ln_structured", "random_structured", "random_unstructured")
_PRUNED: Final = ("weight", "bias")
_ACCUMULATION: Final = ".callbacks.gradient_accumulation_scheduler.GradientAccumulationScheduler"


def check_callback_values(context: CheckContext) -> Iterator[Diagnostic]:
    """The names and intervals of checkpoints, how finders search, accumulation of gradients, and what is pruned how."""
    for keys, _ in callback_nodes(context.root, context.layout):
        target = context.targets.get(keys)
        if target is None:
            continue
        if any(base.endswith(_CHECKPOINT) for base in target.signature.bases):
            yield from _template_faults(target)
            yield from _trigger_faults(target)
            for name in _STEPS:
                yield from outside(target, name, (("ge", 0),))
        yield from _mode_faults(target)
        if any(base.endswith(_ACCUMULATION) for base in target.signature.bases):
            yield from _accumulation_faults(target)
        if any(base.endswith(_PRUNING) for base in target.signature.bases):
            yield from _pruning_faults(target)


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


def _mode_faults(target: TargetNode) -> Iterator[Diagnostic]:
    node = argument(target, "mode")
    for finder, words in _MODES.items():
        is_it = any(base.endswith(finder) for base in target.signature.bases)
        if is_it and node is not None and isinstance(node.value, str) and node.value.lower() not in words:
            yield _not_among(target.place_key("mode"), node, words)


def _accumulation_faults(target: TargetNode) -> Iterator[Diagnostic]:
    scheduling = argument(target, "scheduling")
    for epoch, node in scheduling.children() if scheduling is not None and scheduling.is_mapping else ():
        factor, key = plain(node), join((*target.keys, "scheduling", epoch))
        if isinstance(factor, int) and factor < 1:
            yield Diagnostic("SER303", f"`{key}` must be at least 1, not `{factor}`", node.place, key)


def _pruning_faults(target: TargetNode) -> Iterator[Diagnostic]:
    node, names = argument(target, "pruning_fn"), argument(target, "parameter_names")
    if node is not None and isinstance(node.value, str):
        if node.value.lower() not in _PRUNING_WORDS:
            yield _not_among(target.place_key("pruning_fn"), node, _PRUNING_WORDS)
        elif node.value.lower().endswith("_structured"):
            yield from _structured_faults(target, node)
    for index, child in names.children() if names is not None and names.is_list else ():
        if isinstance(child.value, str) and child.value not in _PRUNED:
            yield _not_among(f"{target.place_key('parameter_names')}[{index}]", child, _PRUNED)


def _not_among(key: str, node: Node, words: tuple[str, ...]) -> Diagnostic:
    message = f"`{key}` must be one of {', '.join(words)}, not `{shown(node)}`"
    suggestion = closest(str(node.value), words)
    return Diagnostic("SER304", message, node.place, key, notes=via(node), suggestion=suggestion)


def _structured_faults(target: TargetNode, node: Node) -> Iterator[Diagnostic]:
    """Structured pruning removes rows along a dimension, of one layer at a time."""
    needed = ("pruning_dim", "pruning_norm") if node.value.lower() == "ln_structured" else ("pruning_dim",)
    lacking = [f"`{name}`" for name in needed if argument_or_default(target, name) is None]
    fixes = [f"give {' and '.join(lacking)}"] if lacking else []
    if argument_or_default(target, "use_global_unstructured") is True:
        fixes.append("write `use_global_unstructured: false`")
    if fixes:
        key = target.place_key("pruning_fn")
        message = f"`{key}` is `{shown(node)}`, which ModelPruning refuses with the other arguments"
        yield Diagnostic("SER316", message, node.place, key, help=", and ".join(fixes), notes=via(node))
