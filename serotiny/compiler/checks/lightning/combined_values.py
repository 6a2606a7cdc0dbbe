"""SER316: settings of Lightning's trainer that do not go with its callbacks, or with each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.lightning.classes import ACCUMULATION, CHECKPOINT, PROGRESS_BAR
from serotiny.compiler.target_nodes import TargetNode, argument, derives, shown, via
from serotiny.compiler.tree import Node, join
from serotiny.diagnostics import Diagnostic

_HARDWARE: Final[Mapping[str, tuple[str, ...]]] = {
    "fsdp": ("gpu", "cuda"),
    "deepspeed": ("gpu", "cuda"),
    "ddp": ("cpu", "gpu", "cuda"),
    "single_xla": ("tpu",),
    "xla": ("tpu",),
}
"""How strategies begin, and the accelerators that they work with."""


def check_combined_values(context: CheckContext) -> Iterator[Diagnostic]:
    """A strategy without its hardware, progress bars and checkpoints that are switched off, accumulation that is said twice."""
    for each in context.lightning_trainers:
        yield from _strategy(each)
    trainer = context.lightning_trainer
    if trainer is None:
        return
    callbacks = context.callbacks
    checkpoints, bars = _derived(callbacks, CHECKPOINT), _derived(callbacks, PROGRESS_BAR)
    yield from _switched_off(trainer, "enable_checkpointing", checkpoints, "writes checkpoints")
    yield from _switched_off(trainer, "enable_progress_bar", bars, "is a progress bar")
    for bar in bars[1:]:
        key = join(bar.keys)
        message = f"`{key}` and `{join(bars[0].keys)}` are both progress bars, of which Lightning takes one"
        yield Diagnostic("SER316", message, bar.target.place, key, help="take one of them out")
    yield from _accumulated_twice(trainer, _derived(callbacks, ACCUMULATION))


def _derived(callbacks: list[TargetNode], base: str) -> list[TargetNode]:
    return [target for target in callbacks if derives(target, base)]


def _strategy(trainer: TargetNode) -> Iterator[Diagnostic]:
    strategy, accelerator = argument(trainer, "strategy"), argument(trainer, "accelerator")
    if strategy is None or accelerator is None or not isinstance(strategy.value, str):
        return
    for beginning, fitting in _HARDWARE.items():
        of_lightning = accelerator.value in ("cpu", "cuda", "gpu", "mps", "tpu")
        if strategy.value.startswith(beginning) and of_lightning and accelerator.value not in fitting:
            listed = " or ".join(f"`{name}`" for name in fitting)
            key = trainer.place_key("strategy")
            message = f"`{key}: {shown(strategy)}` needs the accelerator {listed}, not `{shown(accelerator)}`"
            fix = "change one of them; `strategy: auto` goes with any"
            yield Diagnostic("SER316", message, strategy.place, key, help=fix, notes=via(strategy))


def _switched_off(
    trainer: TargetNode, name: str, callbacks: list[TargetNode], what: str
) -> Iterator[Diagnostic]:
    enabled = argument(trainer, name)
    if enabled is None or enabled.value is not False:
        return
    for target in callbacks:
        callback, key = join(target.keys), trainer.place_key(name)
        message = f"`{key}` is false, and `{callback}` {what}"
        fix = f"take `{callback}` out, or `{name}: false`"
        yield Diagnostic("SER316", message, enabled.place, key, help=fix, notes=via(enabled))


def _accumulated_twice(trainer: TargetNode, schedulers: list[TargetNode]) -> Iterator[Diagnostic]:
    batches = argument(trainer, "accumulate_grad_batches")
    for scheduler in schedulers:
        if batches is not None and _is_above_one(batches):
            callback, key = join(scheduler.keys), trainer.place_key("accumulate_grad_batches")
            message = f"`{key}` is `{shown(batches)}`, and `{callback}` says it for each epoch"
            fix = f"take one of them out: `{callback}` takes `{{0: {shown(batches)}}}` for all epochs"
            yield Diagnostic("SER316", message, batches.place, key, help=fix, notes=via(batches))


def _is_above_one(node: Node) -> bool:
    return isinstance(node.value, int | float) and node.value > 1
