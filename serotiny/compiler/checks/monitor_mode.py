"""SER313: a metric is monitored in the direction that its name speaks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.target_nodes import argument, argument_or_default, shown, via
from serotiny.diagnostics import Diagnostic

_CALLBACKS: Final = frozenset(
    f"{namespace}.callbacks.{name}"
    for namespace in ("pytorch_lightning", "lightning.pytorch")
    for name in ("early_stopping.EarlyStopping", "model_checkpoint.ModelCheckpoint")
)

_GROWS: Final = frozenset(
    [
        "acc",
        "accuracy",
        "auc",
        "auroc",
        "auprc",
        "f1",
        "f1score",
        "fbeta",
        "precision",
        "recall",
        "sensitivity",
        "specificity",
        "iou",
        "jaccard",
        "dice",
        "mcc",
        "kappa",
        "r2",
        "r2score",
        "pearson",
        "spearman",
        "psnr",
        "ssim",
        "bleu",
        "rouge",
        "map",
    ]
)
_SHRINKS: Final = frozenset(
    [
        "loss",
        "error",
        "err",
        "mse",
        "rmse",
        "mae",
        "mape",
        "nll",
        "nelbo",
        "crossentropy",
        "bce",
        "perplexity",
        "ppl",
        "wer",
        "cer",
        "divergence",
        "kl",
        "fid",
    ]
)


def check_monitor_mode(context: CheckContext) -> Iterator[Diagnostic]:
    """`mode` of EarlyStopping and ModelCheckpoint against the name of what they monitor."""
    for found in context.callbacks:
        if not _CALLBACKS & set(found.signature.bases):
            continue
        monitor, mode = argument(found, "monitor"), argument_or_default(found, "mode")
        wanted = expected_mode(monitor.value) if monitor is not None else None
        if monitor is None or wanted is None or mode not in ("min", "max") or mode == wanted:
            continue
        given = argument(found, "mode")
        does = "shrink" if mode == "min" else "grow"
        said = f"`mode: {mode}`" if given is not None else f"the default `mode: {mode}`"
        yield Diagnostic(
            "SER313",
            f"{said} waits for `{shown(monitor)}` to {does}, which its name speaks against",
            (given or monitor).place,
            found.place_key("mode"),
            help=f"write `mode: {wanted}`",
            notes=via(given or monitor),
        )


def expected_mode(metric: object) -> str | None:
    """`min` or `max`, when every word of a metric's name that has a direction has the same one."""
    if not isinstance(metric, str):
        return None
    # `val/AUROC`, `valAcc`, `val_r2_score`
    words = re.findall(r"[A-Z]?[a-z]+\d*|[A-Z]+\d*(?![a-z])|\d+", metric)
    names = {word.lower() for word in words}
    grows, shrinks = names & _GROWS, names & _SHRINKS
    if bool(grows) == bool(shrinks):
        return None
    return "max" if grows else "min"
