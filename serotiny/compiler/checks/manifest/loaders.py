"""The loaders of a ManifestDatamodule: the same for all splits, or some for each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.target_nodes import TargetNode, argument, signature_name, via
from serotiny.compiler.tree import Keys, Node, Unknown, join
from serotiny.diagnostics import Diagnostic, closest
from serotiny.manifest.files import SPLITS, Split
from serotiny.targets import TargetKind
from serotiny.targets.value_types.words import kind_in_words

_A_PATH = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")
_A_CLASS = "serotiny.io.dataframe.loaders.LoadColumn"


def loaders_of(datamodule: TargetNode) -> dict[Split, dict[str, Keys]]:
    """The key paths of the loaders of each split: the same for all, or nested under each."""
    loaders = argument(datamodule, "loaders")
    if loaders is None or not loaders.is_mapping:
        return {split: {} for split in SPLITS}
    keys = (*datamodule.keys, "loaders")
    children: dict[str, Node] = {str(key): child for key, child in loaders.children()}
    nested = {key for key, child in children.items() if _is_nested(child)}
    if not nested:
        return {split: {name: (*keys, name) for name in children} for split in SPLITS}
    return {
        split: {str(name): (*keys, split, name) for name, _ in children[split].children()}
        for split in SPLITS
        if split in nested
    }


def loader_faults(datamodule: TargetNode) -> Iterator[Diagnostic]:
    """SER303 and SER304 for what the data module refuses where loaders are named."""
    loaders = argument(datamodule, "loaders")
    if loaders is None or not loaders.is_mapping or loaders.incomplete:
        return
    keys = (*datamodule.keys, "loaders")
    if not loaders.value:
        fix = "name a loader for each key of a batch"
        yield Diagnostic("SER303", f"`{join(keys)}` is empty", loaders.place, join(keys), help=fix)
    splits = [key for key, child in loaders.children() if _is_nested(child) and key in SPLITS]
    if not splits:
        yield from _faults_of_one(keys, loaders)
        return
    for key, child in loaders.children():
        name = join((*keys, key))
        if key in SPLITS and child.is_mapping:
            yield from _faults_of_one((*keys, key), child)
            continue
        message = f"`{name}` stands beside `{splits[0]}`, and is no split"
        suggestion = closest(str(key), SPLITS)
        otherwise = None if suggestion else "name loaders for each split, or the same ones for all"
        yield Diagnostic("SER304", message, child.blame_key(), name, help=otherwise, suggestion=suggestion)


def unfit_loaders(loaders: Mapping[Split, Mapping[str, Keys]], context: CheckContext) -> Iterator[Diagnostic]:
    """SER306 for each object of a class that certainly has neither `load` nor `__call__`."""
    for keys in dict.fromkeys(keys for of_split in loaders.values() for keys in of_split.values()):
        target = context.targets.get(keys)
        if target is None or target.is_partial or target.signature.kind is not TargetKind.CLASS:
            continue
        path = target.signature.path
        if all(context.reader.certainly_lacks(path, name) for name in ("load", "__call__", "__new__")):
            message = f"{signature_name(target)} is no loader: it has neither `load` nor `__call__`"
            fix = "name a class that has one of them"
            key = target.place_key("_target_")
            yield Diagnostic("SER306", message, target.target.place, key, help=fix)


def _faults_of_one(keys: Keys, loaders: Node) -> Iterator[Diagnostic]:
    for name, node in loaders.children():
        if isinstance(node.value, Unknown) or node.incomplete or node.get("_target_") is not None:
            continue
        key, written = join((*keys, name)), node.value
        path = written if isinstance(written, str) and _A_PATH.fullmatch(written) else _A_CLASS
        fix = f"name its class below it: `_target_: {path}`"
        if node.value is None:
            fix = f"`null` leaves no loader out: write `~{key}` in the call, or take it out of its file"
        what = "a mapping without `_target_`" if node.is_mapping else kind_in_words(node.value)
        message = f"`{key}` must be a loader, not {what}"
        yield Diagnostic("SER303", message, node.written_at, key, help=fix, notes=via(node))


def _is_nested(loader: Node) -> bool:
    return loader.is_mapping and loader.get("_target_") is None
