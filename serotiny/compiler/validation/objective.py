"""The objective of an optimizing sweep: the metrics that its jobs return to the sweeper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from serotiny.compiler.composition.sweep_settings import BASIC_SWEEPER, place_of_setting
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.target_nodes import TargetNode, argument_or_default, callback_nodes
from serotiny.compiler.tree import Node, select
from serotiny.diagnostics import Diagnostic
from serotiny.diagnostics.counts import counted
from serotiny.targets import SignatureReader, TargetSignature

METRIC: Final = ("sweep", "metric")
_TEMPLATES_METRIC: Final = ("optimized_metric",)
_MONITORING: Final = frozenset(
    f"{package}.callbacks.{name}"
    for package in ("pytorch_lightning", "lightning.pytorch")
    for name in ("model_checkpoint.ModelCheckpoint", "early_stopping.EarlyStopping")
)


def is_optimizing(hydra: Node | None, reader: SignatureReader) -> bool:
    """Whether the sweeper in Hydra's resolved node uses the values that its jobs return.

    Hydra's basic sweeper does not, nor does any whose package never reads the `return_value` of a job.
    """
    target = select(hydra, ("sweeper", "_target_")) if hydra is not None else None
    if target is None or not isinstance(target.value, str) or target.value == BASIC_SWEEPER:
        return False
    return reader.may_mention(target.value.rpartition(".")[0], "return_value")


def objective_of(resolved: Resolved, reader: SignatureReader) -> tuple[str, ...]:
    """The metrics that a job returns to an optimizing sweeper, one for each of its directions.

    Returns:
        `sweep.metric`; else `optimized_metric` in the layout of lightning-hydra-template; else the metric
        that the job's checkpoints and early stopping monitor, if they monitor the same one. Empty if none is known.
    """
    root, layout = resolved.root, resolved.composed.layout
    for keys in (METRIC, _TEMPLATES_METRIC) if layout.is_template else (METRIC,):
        if named := _names(select(root, keys)):
            return named
    monitored = set(_monitored(resolved, reader))
    return tuple(monitored) if len(monitored) == 1 else ()


def objective_faults(
    resolved: Resolved, objective: tuple[str, ...], sources: Sources
) -> Iterator[Diagnostic]:
    """SER408 if a job of an optimizing sweep returns fewer or more metrics than the sweeper needs."""
    assert resolved.hydra is not None
    place = place_of_setting(resolved.composed, "sweeper", sources)
    key, fix = "sweep.metric", "name it, as in `++sweep.metric=val_loss`"
    directions = select(resolved.hydra, ("sweeper", "direction"))
    wanted = len(directions.value) if directions is not None and directions.is_list else 1
    if not objective:
        message = "the sweeper optimizes a metric, and nothing says which"
        yield Diagnostic("SER408", message, place, key, help=fix)
    elif len(objective) != wanted:
        named = ", ".join(f"`{name}`" for name in objective)
        message = f"the sweeper optimizes {counted(wanted, 'metric')}, and the jobs tell it {named}"
        fix = "name one for each direction, as in `++sweep.metric=[val_loss,val_accuracy]`"
        yield Diagnostic("SER408", message, place, key, help=fix if wanted > 1 else "name one")


def _names(node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    given = [child.value for _, child in node.children()] if node.is_list else [node.value]
    return tuple(name for name in given if isinstance(name, str))


def _monitored(resolved: Resolved, reader: SignatureReader) -> Iterator[str]:
    for keys, node in callback_nodes(resolved.root, resolved.composed.layout):
        target = node.get("_target_")
        read = reader.read(target.value) if target is not None and isinstance(target.value, str) else None
        if target is None or not isinstance(read, TargetSignature) or not _MONITORING & {*read.bases}:
            continue
        found = TargetNode(keys=keys, node=node, target=target, signature=read)
        metric = argument_or_default(found, "monitor")
        if isinstance(metric, str):
            yield metric
