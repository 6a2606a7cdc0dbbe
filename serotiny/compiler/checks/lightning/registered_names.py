"""SER304 and SER312: the accelerator and the strategy are ones that Lightning has, and their packages are installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.syntax.other_forms import meant_sweep
from serotiny.compiler.target_nodes import TargetNode, argument, shown, via
from serotiny.diagnostics import Diagnostic, Severity, closest

_DDP: Final = ("ddp", "ddp_fork", "ddp_notebook", "ddp_spawn")
_UNUSED: Final = ("_find_unused_parameters_false", "_find_unused_parameters_true")
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "accelerator": ("auto", "cpu", "cuda", "gpu", "mps", "tpu"),
    "strategy": (
        *("auto", "ddp", "ddp_spawn", "fsdp", "deepspeed", "single_device", "ddp_fork", "ddp_notebook"),
        *(f"{name}{unused}" for name in _DDP for unused in _UNUSED),
        *("deepspeed_stage_1", "deepspeed_stage_2", "deepspeed_stage_2_offload"),
        *("deepspeed_stage_3", "deepspeed_stage_3_offload", "deepspeed_stage_3_offload_nvme"),
        *("fsdp_cpu_offload", "single_tpu", "single_xla", "xla", "xla_debug"),
    ),
}
"""Those of Lightning itself; it asks registries, which other packages fill further."""

_SHOWN: Final = 6

_NEEDED: Final = (
    ("strategy", "deepspeed", "deepspeed"),
    ("precision", "transformer-engine", "transformer_engine"),
    ("profiler", "xla", "torch_xla"),
)
"""Parameter, how its value begins, and the package without which Lightning refuses it."""


def check_registered_names(context: CheckContext) -> Iterator[Diagnostic]:
    """`accelerator` and `strategy` of each trainer; a name that is like none of Lightning's may be another package's."""
    for trainer in context.lightning_trainers:
        yield from _lacking(trainer, context)
        yield from _named(trainer, context)


def _named(trainer: TargetNode, context: CheckContext) -> Iterator[Diagnostic]:
    for parameter, names in NAMES.items():
        node = argument(trainer, parameter)
        if node is None or not isinstance(node.value, str) or node.value in names:
            continue
        if context.registers(node.value):
            continue
        key = trainer.place_key(parameter)
        sweep = meant_sweep((*trainer.keys, parameter), node.value, node.place)
        suggestion = closest(node.value, names) if sweep is None else None
        wanted = f"one of {', '.join(names[:_SHOWN])}" + (", …" if len(names) > _SHOWN else "")
        yield Diagnostic(
            "SER304",
            f"`{key}` must be {wanted}, not `{shown(node)}`",
            node.place,
            key,
            notes=via(node),
            severity=Severity.ERROR if suggestion or sweep else Severity.WARNING,
            suggestion=suggestion,
            wanted=wanted,
            help=None
            if suggestion
            else sweep or f"nothing is wrong where another package brings that {parameter}",
        )


def _lacking(trainer: TargetNode, context: CheckContext) -> Iterator[Diagnostic]:
    for parameter, beginning, package in _NEEDED:
        node = argument(trainer, parameter)
        is_named = node is not None and isinstance(node.value, str) and node.value.startswith(beginning)
        if node is not None and is_named and context.reader.source_of(package) is None:
            key = trainer.place_key(parameter)
            message = f"`{key}: {shown(node)}` needs the package `{package}`, which is not installed"
            fix = f"install it (`pip install {package}`), or choose another {parameter}"
            yield Diagnostic("SER312", message, node.place, key, help=fix, notes=via(node))
