"""SER310: what is monitored, or optimized, is logged by the model, as far as its source tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from serotiny.compiler.checks.batch_limits import is_number
from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.lightning.callback_values import ALWAYS_THERE
from serotiny.compiler.checks.lightning.classes import EARLY_STOPPING
from serotiny.compiler.target_nodes import (
    TargetNode,
    argument,
    argument_or_default,
    callback_nodes,
    callbacks_of,
    derives,
    shown,
    via,
)
from serotiny.compiler.tree import Node, Unknown, join, select
from serotiny.diagnostics import Diagnostic, Place, Severity, closest
from serotiny.targets import Ternary, is_kind
from serotiny.targets.metrics.logged_metrics import LoggedMetrics, LoggedName

_SILENT_CALLBACKS: Final = (
    "pytorch_lightning.callbacks.",
    "lightning.pytorch.callbacks.",
)
_OF_RATES: Final = ".LearningRateMonitor"
_RATES: Final = tuple(
    LoggedName(("", word, "")) for word in ("lr", "learning_rate", "momentum", "weight_decay")
)
"""What that callback logs of each optimizer, under a name that code may give it."""
_LOGGED_BY_NAME: Final = "logged_by_name"
_STAGES: Final = ("train", "val", "test")
_PLATEAU: Final = "torch.optim.lr_scheduler.ReduceLROnPlateau"


@dataclass(frozen=True, kw_only=True)
class _Monitor:
    """Something that looks at a metric, and where it says which.

    `is_demanded`: training fails where the metric is not there. `in_fit`: it looks while the model is trained.
    """

    metric: str
    shown: str
    place: Place
    key: str
    notes: tuple[str, ...] = ()
    is_demanded: bool = False
    in_fit: bool = True


def check_monitored_metric(context: CheckContext) -> Iterator[Diagnostic]:
    """`monitor` of each callback, and `lr_scheduler_monitor` of a model whose scheduler looks at it."""
    yield from _faults(context, [*_of_callbacks(context), *_of_scheduler(context)])


def check_sweep_metric(context: CheckContext) -> Iterator[Diagnostic]:
    """`sweep.metric`, which an optimizing sweeper is told."""
    yield from _faults(context, [*_of_sweep(context)])


def _faults(context: CheckContext, monitors: Sequence[_Monitor]) -> Iterator[Diagnostic]:
    model = context.part("model")
    if _validates_never(context):
        yield from (_without_validation(monitor) for monitor in monitors if monitor.metric.startswith("val"))
    if model is None or not monitors:
        return
    logged = logged_by_model(context)
    for monitor in monitors:
        if not logged.matches(monitor.metric) and monitor.metric not in ALWAYS_THERE:
            yield _fault(monitor, model, logged)
        elif monitor.in_fit and logged.is_only_tested(monitor.metric):
            yield _of_test(monitor, model, logged)


def logged_by_model(context: CheckContext) -> LoggedMetrics:
    """What the model logs; nothing that is certain where other code may log as well."""
    model = context.part("model")
    if model is None or model.is_partial or not _only_the_model_logs(context):
        return LoggedMetrics()
    found = _with_named(context.reader.logged_metrics(model.signature.path), model, context)
    is_of_rates = any(target.signature.path.endswith(_OF_RATES) for target in context.callbacks)
    return replace(found, names=(*found.names, *_RATES)) if is_of_rates else found


def _with_named(logged: LoggedMetrics, model: TargetNode, context: CheckContext) -> LoggedMetrics:
    """What is logged, where a class says that the keys of one of its parameters are the names that its source leaves open.

    A subclass may leave names open by itself, and keeps them.
    """
    declared = context.reader.class_constant(model.signature.path, _LOGGED_BY_NAME)
    of_base = [context.reader.class_constant(base, _LOGGED_BY_NAME) for base in model.signature.bases[1:]]
    if declared is None or not isinstance(declared.value, str) or any(of_base):
        return logged
    given = argument_or_default(model, declared.value)
    if not isinstance(given, dict | None):
        return logged
    made = [LoggedName((f"{stage}_{name}",)) for stage in _STAGES for name in given or ()]
    exact = [name for name in logged.names if name.is_exact]
    tested = [name for name in made if name.pieces[0].startswith(f"{_STAGES[-1]}_")]
    of_source = [name for name in logged.only_tested if name.is_exact]
    return LoggedMetrics((*exact, *made), logged.certain, (*of_source, *tested))


def _validates_never(context: CheckContext) -> bool:
    trainer = context.part("trainer")
    batches = argument_or_default(trainer, "limit_val_batches") if trainer is not None else None
    return is_number(batches) and not batches


def _without_validation(monitor: _Monitor) -> Diagnostic:
    message = f"`{monitor.shown}` is never logged: with `limit_val_batches: 0` nothing is validated"
    fix = "monitor a metric of the training, or let some batches be validated"
    return Diagnostic(
        "SER310",
        message,
        monitor.place,
        monitor.key,
        help=fix,
        notes=monitor.notes,
        severity=Severity.ERROR if monitor.is_demanded else None,
    )


def _of_callbacks(context: CheckContext) -> Iterator[_Monitor]:
    for keys, _ in callback_nodes(context.root, context.layout):
        found = context.targets.get(keys)
        node = argument(found, "monitor") if found is not None else None
        if found is not None and node is not None and isinstance(node.value, str):
            is_stopping = derives(found, EARLY_STOPPING)
            is_demanded = is_stopping and argument_or_default(found, "strict") is True
            yield _monitor(node, found.place_key("monitor"), is_demanded)


def _of_scheduler(context: CheckContext) -> Iterator[_Monitor]:
    model = context.part("model")
    scheduler = context.targets.get((*model.keys, "lr_scheduler")) if model is not None else None
    if model is None or scheduler is None or _PLATEAU not in scheduler.signature.bases:
        return
    node, metric = argument(model, "lr_scheduler_monitor"), argument_or_default(model, "lr_scheduler_monitor")
    key = model.place_key("lr_scheduler_monitor")
    if node is not None and isinstance(node.value, str):
        yield _monitor(node, key)
    elif node is None and isinstance(metric, str):
        yield _Monitor(
            metric=metric, shown=metric, place=scheduler.target.place, key=key, notes=("that is the default",)
        )


def _of_sweep(context: CheckContext) -> Iterator[_Monitor]:
    keys = ("sweep", "metric")
    node = select(context.root, keys)
    for item in [child for _, child in node.children()] if node is not None and node.is_list else [node]:
        if item is not None and isinstance(item.value, str):
            yield replace(_monitor(item, join(keys)), in_fit=False)


def _monitor(node: Node, key: str, is_demanded: bool = False) -> _Monitor:
    return _Monitor(
        metric=str(node.value),
        shown=shown(node),
        place=node.place,
        key=key,
        notes=via(node),
        is_demanded=is_demanded,
    )


def _only_the_model_logs(context: CheckContext) -> bool:
    """Whether no callback, and no trainer of one's own, may log too."""
    callbacks = callbacks_of(context.root, context.layout)
    if context.lightning_trainer is None:
        return False
    if callbacks is not None and isinstance(callbacks.value, Unknown):
        return False
    for keys, node in callback_nodes(context.root, context.layout):
        found = context.targets.get(keys)
        if node.value is not None and (found is None or _may_log(found, context)):
            return False
    return True


def _may_log(callback: TargetNode, context: CheckContext) -> bool:
    path = callback.signature.path
    if is_kind(callback.signature, "Callback") is not Ternary.YES:
        return True
    return not (path.startswith(_SILENT_CALLBACKS) or context.reader.logs_nothing(path))


def _fault(monitor: _Monitor, model: TargetNode, logged: LoggedMetrics) -> Diagnostic:
    names = [str(name) for name in logged.names if name not in _RATES]
    forms = [f"{name}{end}" for name in logged.names if name.forked for end in ("_step", "_epoch")]
    listed = ", ".join(f"`{name}`" for name in names[:12])
    note = f"it logs {listed}{' …' if len(names) > 12 else ''}" if names else "it logs nothing"
    exact = [str(name) for name in logged.names if name.is_exact]
    return Diagnostic(
        "SER310",
        f"{model.target.value} never logs `{monitor.shown}`",
        monitor.place,
        monitor.key,
        notes=(*monitor.notes, note),
        suggestion=closest(monitor.metric, [*exact, *forms]),
    )


def _of_test(monitor: _Monitor, model: TargetNode, logged: LoggedMetrics) -> Diagnostic:
    fitted = [str(name) for name in logged.names if name.is_exact and name not in logged.only_tested]
    stage, _, rest = monitor.metric.partition("test")
    validated = f"{stage}val{rest}"
    others = [validated] if validated in fitted else fitted
    listed = " or ".join(f"`{name}`" for name in others[:4])
    return Diagnostic(
        "SER310",
        f"{model.target.value} logs `{monitor.shown}` in a test alone: it is never there in training",
        monitor.place,
        monitor.key,
        help=f"monitor {listed}" if listed else "log a metric of the validation, and monitor that",
        notes=monitor.notes,
    )
