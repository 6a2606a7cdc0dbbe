"""Texts in files where an option of a group was meant: `optimizer: adam` in an option of the model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

from serotiny.compiler.project.config_files import SUFFIX
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.tree import Node, select, split
from serotiny.compiler.validation.causes.root_keys import to_choose
from serotiny.diagnostics import Diagnostic


def with_choice_meant(fault: Diagnostic, root: Node, sources: Sources) -> Diagnostic:
    """The fault; of a text in a file that names an option of the group at its place, with how a file chooses that."""
    file, keys = fault.place.file, split(fault.key or "")
    if fault.code != "SER303" or file is None or len(keys) < 2:
        return fault
    node, group = select(root, keys), "/".join(keys)
    if node is None or not isinstance(node.value, str) or node.reference is not None:
        return fault
    option = node.value.removesuffix(SUFFIX)
    if option not in sources.options(group):
        return fault
    outer, _, inner = group.rpartition("/")
    if PurePath(file).parent.parts[-len(keys) + 1 :] == PurePath(outer).parts:
        fix = f"an option is chosen in the defaults list of this file: `- {inner}: {option}`"
    else:
        fix = to_choose(group, option)
    return replace(fault, help=fix, suggestion=None)
