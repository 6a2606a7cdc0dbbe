"""SER303: values that Lightning's loggers refuse, when they are made or at the first step."""

from __future__ import annotations

from collections.abc import Iterator

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.limits import outside
from serotiny.compiler.target_nodes import TargetNode, argument, via
from serotiny.diagnostics import Diagnostic
from serotiny.targets.lightning import lightning_namespace


def check_logger_values(context: CheckContext) -> Iterator[Diagnostic]:
    """Settings of the loggers that write a CSV file, and of those of Weights & Biases."""
    for target in context.targets.values():
        if lightning_namespace(target.signature) is not None:
            names = {base.rpartition(".")[2] for base in target.signature.bases}
            if "CSVLogger" in names:
                yield from _interval(target, "flush_logs_every_n_steps")
            if "WandbLogger" in names:
                yield from _offline_upload(target)


def _interval(target: TargetNode, name: str) -> Iterator[Diagnostic]:
    node = argument(target, name)
    # the logger divides by it, so that only 0 fails
    if node is not None and node.value == 0:
        yield from outside(target, name, (("ge", 1),))


def _offline_upload(target: TargetNode) -> Iterator[Diagnostic]:
    offline, upload = argument(target, "offline"), argument(target, "log_model")
    if offline is None or upload is None or offline.value is not True or upload.value not in (True, "all"):
        return
    key = target.place_key("log_model")
    message = f"`{key}` is given, and a logger that is offline uploads nothing"
    fix = f"write `{target.place_key('offline')}: false`, or leave `log_model` out"
    yield Diagnostic("SER303", message, upload.place, key, help=fix, notes=via(upload))
