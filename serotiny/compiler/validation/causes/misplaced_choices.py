"""Texts where an option of a group was meant: `optimizer: adam` in a file, `+modle=big` on the command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

from serotiny.compiler.project.config_files import SUFFIX
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.tree import select, split
from serotiny.compiler.validation.causes.root_keys import to_choose
from serotiny.diagnostics import Diagnostic, Severity, closest


def with_choice_meant(fault: Diagnostic, resolved: Resolved, sources: Sources) -> Diagnostic:
    """The fault; of a text that names an option of the group at its place, with how that is chosen."""
    file, keys, root = fault.place.file, split(fault.key or ""), resolved.root
    if fault.code == "SER308" and fault.place.override is not None and len(keys) == 1:
        return _with_group_meant(fault, keys[0], resolved, sources)
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


def _with_group_meant(fault: Diagnostic, key: str, resolved: Resolved, sources: Sources) -> Diagnostic:
    """A key that an override adds; with a group of nearly this name that has such an option."""
    node = resolved.root.get(key)
    if node is None or not isinstance(node.value, str) or node.reference is not None:
        return fault
    having = {
        group.rpartition("/")[2]: group for group in sources.groups() if node.value in sources.options(group)
    }
    meant = closest(key, having, cutoff=0.75)
    if meant is None:
        return fault
    sign = "" if having[meant] in resolved.composed.groups else "+"
    fix = f"write `{sign}{having[meant]}={node.value}`"
    return replace(fault, help=fix, suggestion=None, severity=Severity.ERROR)
