"""SER303, SER304 and SER316: values that Lightning's trainer refuses when it is made, or when it starts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.limits import AT_MOST_PROCESSES, outside
from serotiny.compiler.target_nodes import TargetNode, argument, shown, via
from serotiny.compiler.tree import Node
from serotiny.diagnostics import Diagnostic, closest
from serotiny.targets.value_types.limits import Limits
from serotiny.targets.value_types.words import kind_in_words

_LIMITS: Final[Mapping[str, Limits]] = {
    "accumulate_grad_batches": (("ge", 1),),
    "check_val_every_n_epoch": (("ge", 1),),
    "devices": AT_MOST_PROCESSES,
    "fast_dev_run": (("ge", 0),),
    "num_nodes": (("ge", 1),),
    "reload_dataloaders_every_n_epochs": (("ge", 0),),
}
_LENGTHS: Final[Mapping[str, Limits]] = {"max_epochs": (("ge", -1),), "max_steps": (("ge", -1),)}
"""Further limits, which the schema of serotiny's own trainer has too."""
_PARTS: Final = (
    *("limit_train_batches", "limit_val_batches", "limit_test_batches", "limit_predict_batches"),
    *("overfit_batches", "val_check_interval"),
)
"""Whole numbers are batches, others a fraction of them."""

_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "gradient_clip_algorithm": ("norm", "value"),
    "profiler": ("simple", "advanced", "pytorch", "xla"),
}
"""Texts that Lightning takes in any case."""

_TIMERS: Final = frozenset(
    {"lightning.pytorch.callbacks.timer.Timer", "pytorch_lightning.callbacks.timer.Timer"}
)
_PROFILERS: Final = frozenset(
    {
        "lightning.pytorch.profilers.pytorch.PyTorchProfiler",
        "pytorch_lightning.profilers.pytorch.PyTorchProfiler",
    }
)
_SORT_KEYS: Final = (
    *("cpu_time", "cuda_time", "cpu_time_total", "cuda_time_total", "cpu_memory_usage", "cuda_memory_usage"),
    *("self_cpu_memory_usage", "self_cuda_memory_usage", "count"),
)
_DURATION: Final = re.compile(r"\s*\d+:\d\d:\d\d:\d\d\s*")
_UNITS: Final = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds")
_DEVICES: Final = re.compile(r"auto|-1|\d+(\s*,\s*\d+)*\s*,?")


def check_trainer_values(context: CheckContext) -> Iterator[Diagnostic]:
    """The numbers, durations, devices and words of each trainer of Lightning's own, and those of timers and profilers."""
    trainers = context.lightning_trainers
    of_schema = context.layout.keys("trainer") if context.layout.is_own else None
    for trainer in trainers:
        yield from _own_values(trainer)
        for name, limits in _LENGTHS.items() if trainer.keys != of_schema else ():
            yield from outside(trainer, name, limits)
    if not trainers:
        return
    for target in context.targets.values():
        if _TIMERS & {*target.signature.bases}:
            yield from _duration(target, "duration")
            yield from _word(target, "interval", ("step", "epoch"))
        if _PROFILERS & {*target.signature.bases}:
            yield from _word(target, "sort_by_key", _SORT_KEYS)


def _own_values(trainer: TargetNode) -> Iterator[Diagnostic]:
    for name, limits in _LIMITS.items():
        yield from outside(trainer, name, limits)
    for name in _PARTS:
        yield from _part(trainer, name)
    for name, words in _WORDS.items():
        yield from _word(trainer, name, words)
    yield from _duration(trainer, "max_time")
    yield from _duration(trainer, "val_check_interval")
    yield from _devices(trainer)
    yield from _contradictions(trainer)


def _part(trainer: TargetNode, name: str) -> Iterator[Diagnostic]:
    node = argument(trainer, name)
    # Lightning counts `2.0` batches as `2`, but takes `1.0` for all of them
    is_fraction = node is not None and isinstance(node.value, float) and not _is_count(node.value)
    least = 1 if name == "val_check_interval" and not is_fraction else 0
    fix = "a whole number counts batches, one with a point is a fraction of them, from 0.0 to 1.0"
    yield from outside(trainer, name, (("ge", least), *((("le", 1),) if is_fraction else ())), fix)


def _is_count(value: float) -> bool:
    return value > 1 and value.is_integer()


def _word(trainer: TargetNode, name: str, words: tuple[str, ...]) -> Iterator[Diagnostic]:
    node = argument(trainer, name)
    if node is not None and isinstance(node.value, str) and node.value.lower() not in words:
        suggestion = closest(node.value, words)
        yield _fault(
            trainer, name, node, "SER304", f"one of {', '.join(words)}", suggestion=suggestion, fix=None
        )


def _duration(trainer: TargetNode, name: str) -> Iterator[Diagnostic]:
    node = argument(trainer, name)
    if node is None:
        return
    if isinstance(node.value, str) and not _DURATION.fullmatch(node.value):
        fix = "an hour and a half is `00:01:30:00`"
        yield _fault(trainer, name, node, "SER303", "a duration, DD:HH:MM:SS", fix=fix)
    if node.is_mapping and node.get("_target_") is None:
        for key, child in node.value.items():
            if key not in _UNITS:
                whole = f"{trainer.place_key(name)}.{key}"
                message = f"`{key}` is no unit of time"
                suggestion = closest(str(key), _UNITS)
                fix_units = None if suggestion else f"write one of {', '.join(_UNITS)}"
                yield Diagnostic(
                    "SER301", message, child.blame_key(), whole, help=fix_units, suggestion=suggestion
                )


def _devices(trainer: TargetNode) -> Iterator[Diagnostic]:
    node = argument(trainer, "devices")
    if node is None or isinstance(node.value, bool):
        return
    value, accelerator = node.value, argument(trainer, "accelerator")
    fix = "write how many, a list of their numbers, `-1` for all or `auto`"
    is_bad = isinstance(value, str) and not _DEVICES.fullmatch(value.strip())
    if is_bad or value in (0, "0", []) or (isinstance(value, int) and value < -1):
        yield _fault(trainer, "devices", node, "SER303", "the devices to use", fix=fix)
    elif _is_no_choice(node):
        fix = "name each once, as in `devices: [0, 1]`, or write how many"
        yield _fault(trainer, "devices", node, "SER303", "different devices, counted from 0", fix=fix)
    elif accelerator is not None and accelerator.value == "cpu" and (value in (-1, "-1") or _are_named(node)):
        fix = "of processors say how many processes there are: `devices: 1`"
        yield _fault(trainer, "devices", node, "SER303", "a number where `accelerator` is cpu", fix=fix)
    elif accelerator is not None and accelerator.value == "mps" and _is_beyond_first(node):
        fix = "a machine has one of them: `devices: 1`"
        yield _fault(trainer, "devices", node, "SER303", "one device where `accelerator` is mps", fix=fix)


def _is_no_choice(node: Node) -> bool:
    """Whether a list names a device twice, or one that no machine has."""
    numbers = [child.value for _, child in node.children()] if node.is_list else []
    given = [number for number in numbers if isinstance(number, int)]
    return len(set(given)) < len(given) or any(number < 0 for number in given)


def _are_named(node: Node) -> bool:
    """Whether devices are named by their numbers, in a list or a text, in place of how many there are."""
    return node.is_list or (isinstance(node.value, str) and "," in node.value)


def _is_beyond_first(node: Node) -> bool:
    """Whether more devices than the first one are asked for."""
    if node.is_list:
        return any(child.value not in (0, "0") for _, child in node.children())
    count = str(node.value).strip()
    return count.isdecimal() and int(count) > 1


def _contradictions(trainer: TargetNode) -> Iterator[Diagnostic]:
    bare = argument(trainer, "barebones")
    if bare is not None and bare.value is True:
        fix = "leave it out: a run is recorded, with checkpoints, and that is what it switches off"
        yield _fault(trainer, "barebones", bare, "SER303", "false", fix=fix)
    every, interval = argument(trainer, "check_val_every_n_epoch"), argument(trainer, "val_check_interval")
    counts_over_epochs = every is not None and every.value is None
    if counts_over_epochs and interval is not None and isinstance(interval.value, float):
        wanted = "a whole number of batches, or a duration, where `check_val_every_n_epoch` is null"
        yield _fault(trainer, "val_check_interval", interval, "SER303", wanted, fix=None)


def _fault(
    trainer: TargetNode,
    name: str,
    node: Node,
    code: str,
    wanted: str,
    *,
    fix: str | None,
    suggestion: str | None = None,
) -> Diagnostic:
    got = kind_in_words(node.value) if isinstance(node.value, dict | list) else f"`{shown(node)}`"
    key = trainer.place_key(name)
    message = f"`{key}` must be {wanted}, not {got}"
    return Diagnostic(
        code, message, node.place, key, help=fix, notes=via(node), suggestion=suggestion, wanted=wanted
    )
