"""SER322, a warning: a model has an output for each class of its labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.manifest.tables import ManifestReading, manifest_readings
from serotiny.compiler.target_nodes import TargetNode, argument, argument_or_default, via
from serotiny.diagnostics import Diagnostic, Severity
from serotiny.manifest.counts import count_values

_LABELS: Final = "serotiny.io.dataframe.loaders.classes.LoadClass"
_LOSSES: Final = ("cross_entropy(", "CrossEntropyLoss")
_MISSING: Final = frozenset({"", "na", "nan", "null", "none"})
"""Texts that may stand for no label, in any case of their letters."""


def check_manifest_classes(context: CheckContext) -> Iterator[Diagnostic]:
    """Compare the `n_classes` of a model that trains with a cross entropy with the labels that its `y_label` names."""
    model = context.part("model")
    if model is None or model.is_partial or argument(model, "n_classes") is None:
        return
    label, outputs = argument_or_default(model, "y_label"), argument_or_default(model, "n_classes")
    if not isinstance(label, str) or not isinstance(outputs, int) or isinstance(outputs, bool):
        return
    module = model.signature.path.rpartition(".")[0]
    if not any(context.reader.may_mention(module, loss) for loss in _LOSSES):
        return
    for reading in manifest_readings(context):
        loader = context.targets.get(reading.loaders.get("train", {}).get(label, ()))
        if loader is None or loader.signature.path != _LABELS or loader.is_partial:
            continue
        if reading.datamodule.keys == context.layout.keys("data"):
            classes = _classes(loader, reading, context)
            if classes is not None and classes > outputs:
                yield _mismatch(model, loader, classes=classes, outputs=outputs)


def _classes(loader: TargetNode, reading: ManifestReading, context: CheckContext) -> int | None:
    """How many classes a loader numbers; None where that cannot be told without reading much."""
    given = argument_or_default(loader, "classes")
    if isinstance(given, list):
        return len(given)
    column, path = argument_or_default(loader, "column"), argument_or_default(reading.datamodule, "path")
    is_known = given is None and isinstance(column, str) and isinstance(path, str)
    if not is_known or len(reading.tables) != 1 or reading.tables[0].split is not None:
        return None
    counts = count_values(context.project.root / path, column)
    return None if counts is None else len({_meant(text) for text in counts} - {None})


def _meant(text: str) -> str | float | None:
    """The label that a cell holds, a number however it is written; None for what may be none."""
    plain = text.strip()
    if plain.lower() in _MISSING:
        return None
    try:
        return float(plain)
    except ValueError:
        return plain


def _mismatch(model: TargetNode, loader: TargetNode, *, classes: int, outputs: int) -> Diagnostic:
    node = argument(model, "n_classes")
    assert node is not None
    key = model.place_key("n_classes")
    return Diagnostic(
        "SER322",
        f"`{key}` is {outputs}, but the loader `{loader.keys[-1]}` gives labels of {classes} classes",
        node.place,
        key,
        help=f"set `{key}` to {classes}, one output for each",
        notes=(*via(node), f"the loader at {loader.target.place} numbers them from 0 to {classes - 1}"),
        severity=Severity.WARNING,
    )
