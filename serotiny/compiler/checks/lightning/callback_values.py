"""SER303, SER304 and SER316: values of Lightning's callbacks that it refuses by code which no signature shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.lightning.classes import (
    ACCUMULATION,
    BATCH_SIZE_FINDER,
    EXPONENTIAL_AVERAGING,
    MODEL_CHECKPOINT,
    MODEL_SUMMARY,
    PRUNING,
    RATE_FINDER,
    STOCHASTIC_AVERAGING,
)
from serotiny.compiler.checks.limits import outside
from serotiny.compiler.target_nodes import (
    TargetNode,
    argument,
    argument_or_default,
    derives,
    plain,
    shown,
    via,
)
from serotiny.compiler.tree import Node, join
from serotiny.diagnostics import Diagnostic, Severity, closest
from serotiny.targets.value_types.limits import Limits

ALWAYS_THERE: Final = frozenset({"epoch", "step"})
"""What ModelCheckpoint adds to the metrics itself, as whole numbers."""
_TWICE: Final = re.compile(r"\{\{.*?[:}]")
_TRIGGERS: Final = ("every_n_train_steps", "train_time_interval", "every_n_epochs")
_LIMITS: Final[Mapping[str, Mapping[str, Limits]]] = {
    MODEL_CHECKPOINT: {"every_n_train_steps": (("ge", 0),), "every_n_epochs": (("ge", 0),)},
    MODEL_SUMMARY: {"max_depth": (("ge", -1),)},
    PRUNING: {"verbose": (("ge", 0), ("le", 2))},
    EXPONENTIAL_AVERAGING: {"decay": (("ge", 0), ("le", 1))},
}
_MODES: Final[Mapping[str, tuple[str, ...]]] = {
    RATE_FINDER: ("exponential", "linear"),
    BATCH_SIZE_FINDER: ("power", "binsearch"),
}
"""The ways to search that a finder takes, in any case."""
_PRUNING_WORDS: Final = ("l1_unstructured", "ln_structured", "random_structured", "random_unstructured")
_PRUNED: Final = ("weight", "bias")
_BUILT_IN: Final = "serotiny.models."
"""Models of these have one group of parameters."""


def check_callback_values(context: CheckContext) -> Iterator[Diagnostic]:
    """The names and intervals of checkpoints, how finders search, accumulation of gradients, and what is pruned how."""
    for target in context.callbacks:
        if derives(target, MODEL_CHECKPOINT):
            yield from _template_faults(target)
            yield from _trigger_faults(target)
        for base, limited in _LIMITS.items():
            if derives(target, base):
                for name, limits in limited.items():
                    yield from outside(target, name, limits)
        if derives(target, STOCHASTIC_AVERAGING):
            yield from _rate_faults(target, context.part("model"))
        yield from _mode_faults(target)
        if derives(target, ACCUMULATION):
            yield from _accumulation_faults(target)
        if derives(target, PRUNING):
            yield from _pruning_faults(target)


def _template_faults(target: TargetNode) -> Iterator[Diagnostic]:
    node = argument(target, "filename")
    if node is None or not isinstance(node.value, str):
        return
    reason, fix = None, "a brace is opened and closed: `{epoch}-{val_loss:.2f}`"
    try:
        fields = [(name, form) for _, name, form, _ in Formatter().parse(node.value) if name is not None]
    except ValueError as error:
        reason, fields = str(error), []
    if any(not name for name, _ in fields):
        reason, fix = "a pair of braces is empty", "name a metric in it: `{epoch}-{val_loss:.2f}`"
    if _TWICE.search(node.value):
        reason, fix = "a brace stands twice", "write each once: `{epoch}-{val_loss:.2f}`"
    severity = None
    of_a_metric = [
        name for name, form in fields if form and form[-1] in "dxXobc" and name not in ALWAYS_THERE
    ]
    if of_a_metric and reason is None:
        name, severity = of_a_metric[0], Severity.WARNING  # a metric may be set otherwise than by `self.log`
        reason, fix = f"`{name}` is no whole number", f"write it with decimals: `{{{name}:.2f}}`"
    if reason is not None:
        key = target.place_key("filename")
        wanted = "a name with metrics in braces"
        message = f"`{key}` must be {wanted}, not `{shown(node)}`: {reason}"
        yield Diagnostic(
            "SER303", message, node.place, key, help=fix, notes=via(node), severity=severity, wanted=wanted
        )


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
        is_it = derives(target, finder)
        if is_it and node is not None and isinstance(node.value, str) and node.value.lower() not in words:
            yield _not_among(target.place_key("mode"), node, words)


def _accumulation_faults(target: TargetNode) -> Iterator[Diagnostic]:
    scheduling = argument(target, "scheduling")
    if scheduling is not None and scheduling.value == {}:
        key = target.place_key("scheduling")
        fix = "write from which epoch on how many batches are taken together, as `{0: 2, 10: 4}`"
        yield Diagnostic("SER303", f"`{key}` must not be empty", scheduling.place, key, help=fix)
    for epoch, node in scheduling.children() if scheduling is not None and scheduling.is_mapping else ():
        factor, key = plain(node), join((*target.keys, "scheduling", epoch))
        if isinstance(factor, int) and factor < 1:
            yield Diagnostic("SER303", f"`{key}` must be at least 1, not `{factor}`", node.place, key)
        if isinstance(epoch, int) and epoch < 0:
            message = f"`{key}` must be of an epoch, which are counted from 0"
            yield Diagnostic("SER303", message, node.blame_key(), key)


def _rate_faults(target: TargetNode, model: TargetNode | None) -> Iterator[Diagnostic]:
    """Rates in a list are to be one for each group of parameters; what each of them is its constructor checks."""
    rates = argument(target, "swa_lrs")
    count = len(rates.value) if rates is not None and rates.is_list else 1
    has_one_group = model is not None and model.signature.path.startswith(_BUILT_IN)
    if rates is not None and (count == 0 or (count > 1 and has_one_group)):
        key = target.place_key("swa_lrs")
        message = f"`{key}` must be one rate for each group of parameters, not a list of {count}"
        fix = "write the rate without a list: it is taken for every group"
        yield Diagnostic("SER303", message, rates.place, key, help=fix, notes=via(rates))


def _pruning_faults(target: TargetNode) -> Iterator[Diagnostic]:
    node, names = argument(target, "pruning_fn"), argument(target, "parameter_names")
    amount = argument(target, "amount")
    is_share = amount is not None and isinstance(amount.value, float)
    fix = "a whole number counts parameters, one with a point is a share of them, from 0.0 to 1.0"
    yield from outside(target, "amount", (("ge", 0), *((("le", 1),) if is_share else ())), fix)
    if node is not None and isinstance(node.value, str):
        if node.value.lower() not in _PRUNING_WORDS:
            yield _not_among(target.place_key("pruning_fn"), node, _PRUNING_WORDS)
        elif node.value.lower().endswith("_structured"):
            yield from _structured_faults(target, node)
    for index, child in names.children() if names is not None and names.is_list else ():
        if isinstance(child.value, str) and child.value not in _PRUNED:
            yield _not_among(f"{target.place_key('parameter_names')}[{index}]", child, _PRUNED)


def _not_among(key: str, node: Node, words: tuple[str, ...]) -> Diagnostic:
    wanted = f"one of {', '.join(words)}"
    message = f"`{key}` must be {wanted}, not `{shown(node)}`"
    suggestion = closest(str(node.value), words)
    return Diagnostic(
        "SER304", message, node.place, key, notes=via(node), suggestion=suggestion, wanted=wanted
    )


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
