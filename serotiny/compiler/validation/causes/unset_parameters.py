"""Interpolations of a parameter that a target has, but that no config sets: only what is written can be referred to."""

from __future__ import annotations

from dataclasses import replace

from serotiny.compiler.lookup import reach
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.tree import Keys, Node, join
from serotiny.diagnostics import Diagnostic, closest
from serotiny.targets import SignatureReader, TargetSignature


def with_unset_parameters(resolved: Resolved, reader: SignatureReader) -> Resolved:
    """The job, with what to do about each SER201 that asks for a parameter which is not set."""
    if not resolved.unfound:
        return resolved
    told = {fault: _told(fault, target, resolved.root, reader) for fault, target in resolved.unfound}
    return replace(
        resolved,
        diagnostics=tuple(told.get(fault, fault) for fault in resolved.diagnostics),
        unfound=tuple((told[fault], target) for fault, target in resolved.unfound),
    )


def _told(fault: Diagnostic, target: Keys, root: Node, reader: SignatureReader) -> Diagnostic:
    depth, parent = reach(root, target)
    if depth != len(target) - 1:
        return fault
    name = str(target[depth])
    path = parent.get("_target_")
    if path is None or not isinstance(path.value, str):
        return fault
    read = reader.read(path.value)
    if not isinstance(read, TargetSignature):
        return fault
    taken = [parameter.name for parameter in read.parameters if parameter.by_name]
    meant = name if name in taken else closest(name, [*map(str, parent.value), *taken])
    if meant is None or meant not in taken or meant in parent.value:
        return fault
    whole = join((*target[:depth], meant))
    fix = f"`{meant}` is a parameter of {path.value} that the config does not set: set it, as with `++{whole}=…`"
    return replace(fault, help=fix, suggestion=None)
