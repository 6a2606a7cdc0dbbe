"""SER303: values that torch's `DataLoader` refuses, whoever hands them on to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.limits import AT_MOST_PROCESSES, outside
from serotiny.compiler.target_nodes import TargetNode, argument, argument_or_default, via
from serotiny.diagnostics import Diagnostic

_LIMITS: Final = {"batch_size": 1, "num_workers": 0, "timeout": 0}
_OF_LOADERS: Final = ("batch_size", "num_workers", "timeout", "prefetch_factor", "persistent_workers")
"""What takes all of these is a loader, or makes one of them."""

_OF_WORKERS: Final = {"prefetch_factor": None, "persistent_workers": False}
"""What makes sense with workers alone, and the value that leaves it out."""


_LOADER: Final = "torch.utils.data.dataloader.DataLoader"
_MANIFEST: Final = "serotiny.datamodules.manifest_datamodule.ManifestDatamodule"


def check_loader_values(context: CheckContext) -> Iterator[Diagnostic]:
    """Sizes and workers of each loader."""
    for target in context.targets.values():
        yield from outside(target, "num_workers", AT_MOST_PROCESSES)  # each is started, data or not
        if all(target.signature.parameter(name) is not None for name in _OF_LOADERS):
            yield from _faults(target)


def _faults(target: TargetNode) -> Iterator[Diagnostic]:
    for name, least in _LIMITS.items():
        parameter = target.signature.parameter(name)
        if parameter is not None and not parameter.limits:  # told already, of those that have some
            yield from outside(target, name, (("ge", least),))
    size = argument(target, "batch_size")
    if size is not None and size.value is None and _MANIFEST in target.signature.bases:
        key = target.place_key("batch_size")
        message, fix = f"`{key}` must be int, not null", "rows come in batches: write `1` for one at a time"
        yield Diagnostic("SER303", message, size.place, key, help=fix, notes=via(size))
    if argument_or_default(target, "num_workers") != 0 or _LOADER in target.signature.bases:
        return  # torch's own loader refuses these itself (SER316)
    for name, without in _OF_WORKERS.items():
        node = argument(target, name)
        if node is not None and isinstance(node.value, bool | int) and node.value != without:
            key = target.place_key(name)
            message = f"`{key}` is given, and there are no workers"
            fix = f"give `{target.place_key('num_workers')}`, or leave `{name}` out"
            yield Diagnostic("SER316", message, node.place, key, help=fix, notes=via(node))
