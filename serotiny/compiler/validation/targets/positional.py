"""Arguments by position: `_args_`, and the object of a method."""

from __future__ import annotations

from typing import Any

from serotiny.compiler.target_nodes import TargetNode, signature_name
from serotiny.compiler.tree import Node, join
from serotiny.compiler.validation.annotations import AnnotationJudge
from serotiny.compiler.validation.values import parameter_faults
from serotiny.diagnostics import Diagnostic
from serotiny.targets import TargetKind


def positional_faults(target: TargetNode, given: dict[Any, Node], judge: AnnotationJudge) -> list[Diagnostic]:
    """SER301, SER303, SER304 and SER311 of the items of `_args_`."""
    arguments = target.node.get("_args_")
    if arguments is None or not arguments.is_list:
        return []
    takes = target.signature.positional
    faults: list[Diagnostic] = []
    for index, value in enumerate(arguments.value):
        keys = (*target.keys, "_args_", index)
        if index >= len(takes):
            if target.signature.rest is not None:
                faults += parameter_faults(
                    target.signature, target.signature.rest, value, keys=keys, judge=judge
                )
            elif target.signature.fixed_positions or not target.signature.open:
                message = f"{signature_name(target)} takes {len(takes)} positional arguments"
                faults.append(Diagnostic("SER301", message, value.place, join(keys)))
                break
            continue
        parameter = takes[index]
        faults += parameter_faults(target.signature, parameter, value, keys=keys, judge=judge)
        if parameter.name in given:
            message = f"`{parameter.name}` is given twice: by name and in `_args_`"
            place = given[parameter.name].blame_key()
            key = target.place_key(parameter.name)
            faults.append(Diagnostic("SER311", message, place, key, help="take one of the two out"))
    return faults


def unbound_method(target: TargetNode) -> Diagnostic | None:
    """SER302 for a method that is called without an object: nothing else is of interest then."""
    first = next(iter(target.signature.positional), None)
    is_method = target.signature.kind is TargetKind.FUNCTION and first is not None and first.name == "self"
    given = target.node.get("_args_") or target.node.get("self")
    if not is_method or given is not None or target.is_partial or target.called_later:
        return None
    name = signature_name(target)
    message, fix = f"{name} needs `self`", f"it is a method: `{name.rpartition('.')[0]}` is its class"
    return Diagnostic("SER302", message, target.target.place, target.place_key("self"), help=fix)
