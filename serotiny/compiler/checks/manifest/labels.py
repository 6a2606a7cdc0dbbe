"""SER326: the labels of a model are names of loaders, which the batches have as keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.manifest.loaders import loaders_of
from serotiny.compiler.checks.manifest.tables import manifest_readings
from serotiny.compiler.target_nodes import TargetNode, argument, argument_or_default, via
from serotiny.compiler.tree import Keys
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
"""The labels whose loaders may be left out where nothing is learned or tested; there only a misspelt one is told."""

_USED_IN: Final[Mapping[str | None, tuple[Split, ...]]] = {"train": ("train", "valid"), "test": ("test",)}
"""The splits of which an operation certainly takes a batch."""


def check_manifest_labels(context: CheckContext) -> Iterator[Diagnostic]:
    """Compare the `x_label` and the `y_label` of a model with the names of the loaders."""
    model, data = context.part("model"), context.part("data")
    if model is None or model.is_partial or data is None:
        return
    loaders = argument(data, "loaders")
    if loaders is None or not loaders.is_mapping or loaders.incomplete:
        return
    of_splits = loaders_of(data)
    lacking = {
        label: split
        for label in _NEEDED_IN
        if (split := _lacking(model, label, of_splits)) is not None and _is_key(model, label, context)
    }
    # the files are read only where a label is at fault
    for reading in manifest_readings(context) if lacking else ():
        if reading.datamodule.keys == data.keys and not reading.faults:
            for label, split in lacking.items():
                yield from _faults(model, label, split, of_splits, context.operation)


def _lacking(model: TargetNode, label: str, of_splits: Mapping[Split, Mapping[str, Keys]]) -> Split | None:
    """The first split that lacks a loader of the name that a model gives as a label."""
    named, needed = argument_or_default(model, label), _NEEDED_IN[label]
    if not isinstance(named, str) or argument(model, label) is None:
        return None
    return next((split for split in of_splits if split in needed and named not in of_splits[split]), None)


def _is_key(model: TargetNode, label: str, context: CheckContext) -> bool:
    """Whether a model takes what is under the label out of its batches."""
    path = model.signature.path
    return path in _OWN or context.reader.may_mention(path.rpartition(".")[0], f"batch[self.{label}]")


def _faults(
    model: TargetNode,
    label: str,
    split: Split,
    of_splits: Mapping[Split, Mapping[str, Keys]],
    operation: str | None,
) -> Iterator[Diagnostic]:
    node = argument(model, label)
    assert node is not None
    loaders, named = of_splits[split], str(node.value)
    suggestion = closest(named, loaders)
    is_used = any(used in of_splits and named not in of_splits[used] for used in _USED_IN.get(operation, ()))
    if label in _LEFT_OUT and suggestion is None and not is_used:
        return
    key, names = model.place_key(label), listing([*loaders])
    is_of_split = any(named in others for others in of_splits.values())
    where = f" of the split `{split}`" if is_of_split else ""
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
