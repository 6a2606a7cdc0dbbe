"""SER326: the labels of a model are names of loaders, which the batches have as keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.manifest.tables import ManifestReading, manifest_readings
from serotiny.compiler.target_nodes import TargetNode, argument, argument_or_default, via
from serotiny.diagnostics import Diagnostic, Severity, closest
from serotiny.manifest.files import SPLITS, Split
from serotiny.manifest.selection import listing

_OWN: Final = frozenset(
    f"serotiny.models.{name}"
    for name in ("basic_model.BasicModel", "image_vae.ImageVAE", "tabular_vae.TabularVAE")
)
"""The models whose labels are known to be keys of a batch, as others' need not be."""

_NEEDED_IN: Final[Mapping[str, tuple[Split, ...]]] = {
    "x_label": SPLITS,
    "y_label": ("train", "valid", "test"),
}
"""The splits whose batches have an entry of each label."""

_LEFT_OUT: Final = frozenset({"y_label"})
"""The labels whose loaders a call of `predict` may leave out, where only a misspelt one is told."""


def check_manifest_labels(context: CheckContext) -> Iterator[Diagnostic]:
    """Compare the `x_label` and the `y_label` of a model with the names of the loaders."""
    model = context.part("model")
    if model is None or model.is_partial:
        return
    labels = [label for label in _NEEDED_IN if _is_key(model, label, context)]
    for reading in manifest_readings(context):
        loaders = argument(reading.datamodule, "loaders")
        is_known = (
            loaders is not None and loaders.is_mapping and not loaders.incomplete and not reading.faults
        )
        if is_known and reading.datamodule.keys == context.layout.keys("data"):
            for label in labels:
                yield from _faults(model, label, reading)


def _is_key(model: TargetNode, label: str, context: CheckContext) -> bool:
    """Whether a model takes what is under the label out of its batches."""
    path = model.signature.path
    return path in _OWN or context.reader.may_mention(path.rpartition(".")[0], f"batch[self.{label}]")


def _faults(model: TargetNode, label: str, reading: ManifestReading) -> Iterator[Diagnostic]:
    node = argument(model, label)
    named = argument_or_default(model, label)
    if not isinstance(named, str) or node is None:
        return
    for split, loaders in reading.loaders.items():
        if split not in _NEEDED_IN[label] or named in loaders:
            continue
        key, names = model.place_key(label), listing([*loaders])
        is_of_split = any(named in others for others in reading.loaders.values())
        where = f" of the split `{split}`" if is_of_split else ""
        suggestion = closest(named, loaders)
        if label in _LEFT_OUT and suggestion is None:
            return
        yield Diagnostic(
            "SER326",
            f"`{key}` is `{named}`, and no loader{where} has that name",
            node.place,
            key,
            help=None if suggestion else f"name one of them, {names}, or add a loader `{named}`",
            notes=(*via(node), f"the loaders{where} are {names}: a batch has the same keys"),
            suggestion=suggestion,
            # the source of another model is not followed to where it reads the batch
            severity=None if model.signature.path in _OWN else Severity.WARNING,
        )
        return
