"""What a node with a `_target_` gives, against the signature of its target."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from serotiny.compiler.project import Layout
from serotiny.compiler.project_code import ProjectCode
from serotiny.compiler.syntax.other_forms import is_dotted
from serotiny.compiler.target_nodes import HYDRA_KEYS, TargetNode
from serotiny.compiler.tree import Keys, Node
from serotiny.compiler.validation.annotations import AnnotationJudge
from serotiny.compiler.validation.causes.indentation import keys_behind_empty
from serotiny.compiler.validation.causes.inherited import Inherited
from serotiny.compiler.validation.causes.supplied import Supplied
from serotiny.compiler.validation.judge import unfound
from serotiny.compiler.validation.targets.missing import missing_parameters
from serotiny.compiler.validation.targets.near_misses import near_misses
from serotiny.compiler.validation.targets.positional import positional_faults, unbound_method
from serotiny.compiler.validation.targets.refusals import refused_arguments
from serotiny.compiler.validation.targets.structures import (
    as_annotated,
    field_faults,
    missing_keys,
    structures,
)
from serotiny.compiler.validation.targets.unknown_keys import unknown_keys, wrapper_of
from serotiny.compiler.validation.values import parameter_faults, value_faults
from serotiny.diagnostics import Diagnostic, Severity
from serotiny.targets import TargetNotFound, TargetSignature
from serotiny.targets.lightning import supplied_by_code
from serotiny.targets.value_types.types import ClassType, Written, parts

_BY_SIGNATURE: Final = "the project's code asks what a target takes, and may leave out what that does not"


def check_hydra_keys(keys: Keys, node: Node) -> list[Diagnostic]:
    """SER303 and SER304 for Hydra's own keys of a node."""
    faults: list[Diagnostic] = []
    for key, value_type in HYDRA_KEYS.items():
        child = node.get(key)
        if child is not None and key != "_target_":
            faults += value_faults(value_type, child, (*keys, key))
    return faults


def check_parameters(
    target: TargetNode, layout: Layout, judge: AnnotationJudge, code: ProjectCode
) -> list[Diagnostic]:
    """SER301 (unknown), SER302 (missing), SER303/SER304/SER316 (value), SER311 (given twice) of one node."""
    by_code = supplied_by_code(target.signature)
    given = {
        key: child
        for key, child in target.node.value.items()
        if key not in HYDRA_KEYS
        and not judge.leniency.takes_out(target.place_key(key))
        and not (child.value is None and key in by_code)  # a placeholder, which the code replaces
    }
    if (unbound := unbound_method(target)) is not None:
        return [unbound]
    faults = [
        *unknown_keys(target, given, layout),
        *near_misses(target, given),
        *positional_faults(target, given, judge),
    ]
    behind = keys_behind_empty(target.node, target.signature.names)
    for key, child in given.items():
        parameter = target.signature.taking(key) if isinstance(key, str) and key not in behind else None
        if parameter is not None and not _is_callbacks(target, key, layout):
            faults += parameter_faults(
                target.signature, parameter, child, keys=(*target.keys, key), judge=judge
            )
            faults += _of_structures(target, key, child, layout=layout, judge=judge, code=code)
    supplied = Supplied(target, layout, code)
    at_fault = {target.parameter_of(fault.key) for fault in faults if fault.key}
    faults += refused_arguments(target, at_fault, supplied)
    replaced = [fault for fault in faults if fault.key is not None and supplied.replaces(fault)]
    faults = [
        fault for fault in faults if fault.key is None or not (fault in replaced or supplied.takes_out(fault))
    ]
    names = dict.fromkeys(target.parameter_of(fault.key or "") for fault in replaced)
    faults += [
        fault for name in names if name in given for fault in _absent_class(target, name, given[name], judge)
    ]
    faults = Inherited(target, judge.reader).at_the_cause(faults)
    faults = [_as_left_out(fault, layout, code) for fault in faults]
    # a misspelt parameter is not missing as well
    meant = {
        fault.suggestion for fault in faults if fault.code == "SER301" and fault.severity is Severity.ERROR
    }
    wrapped = (
        child.value for key, child in given.items() if wrapper_of(str(key), child) and child.is_mapping
    )
    named = {*given, *meant}.union(*wrapped)
    missing = [] if "_partial_" in meant else missing_parameters(target, named, layout, code)
    return [
        *faults,
        *(fault for fault in missing if not supplied.may_pass(target.parameter_of(fault.key or ""))),
    ]


def _as_left_out(fault: Diagnostic, layout: Layout, code: ProjectCode) -> Diagnostic:
    """The fault; a warning for an unknown key that the project's own code may leave out before the call."""
    if fault.code != "SER301" or layout.is_own or not code.targets.asks_for_signatures():
        return fault
    return replace(fault, severity=Severity.WARNING, notes=(*fault.notes, _BY_SIGNATURE))


def _absent_class(target: TargetNode, name: str, node: Node, judge: AnnotationJudge) -> Iterator[Diagnostic]:
    """SER305 for the path of a class that code is to load, where the package that it names does not have it."""
    parameter = target.signature.parameter(name)
    is_class = parameter is not None and any(isinstance(part, ClassType) for part in parts(parameter.type))
    if not is_class or not isinstance(node.value, str) or not is_dotted(node.value):
        return
    found = judge.reader.read(node.value)
    if isinstance(found, TargetNotFound) and found.installed:
        yield unfound(target.place_key(name), node, found)


def _of_structures(
    target: TargetNode, key: str, child: Node, *, layout: Layout, judge: AnnotationJudge, code: ProjectCode
) -> Iterator[Diagnostic]:
    """Faults inside mappings that a job turns into dataclasses and the like, as the signature declares."""
    parameter = target.signature.taking(key)
    recursive = target.node.get("_recursive_")
    is_made_elsewhere = target.called_later or (recursive is not None and recursive.value is False)
    if parameter is None or is_made_elsewhere or not layout.is_own:
        return
    for keys, node, classes in structures((*target.keys, key), child, parameter.type):
        found = [judge.reader.read(wanted.path) for wanted in classes]
        signatures = [signature for signature in found if isinstance(signature, TargetSignature)]
        if len(signatures) < len(found):
            continue
        if node.is_list:
            faults = field_faults(signatures[0], classes[0], node, keys) if len(classes) == 1 else []
        else:
            signature = _meant(signatures, node.value.keys())
            named = Node(signature.path, node.blame_key())
            made = TargetNode(keys=keys, node=node, target=named, signature=signature, is_nested=True)
            faults = [*check_parameters(made, layout, judge, code), *missing_keys(made, judge.reader)]
        is_made = all(wanted.written is Written.MAPPING for wanted in classes)
        is_enforced = is_made or judge.is_enforced(target.signature, parameter)
        yield from as_annotated(faults, is_enforced=is_enforced)


def _meant(signatures: Sequence[TargetSignature], keys: Collection[Any]) -> TargetSignature:
    """The one of several classes that takes a mapping's keys; where none does, that which knows most of them."""
    return max(signatures, key=lambda found: (found.takes(keys), len({*keys} & {*found.names})))


def _is_callbacks(target: TargetNode, key: Any, layout: Layout) -> bool:
    """Whether a key holds the trainer's callbacks, whose forms (by name, null for none) are checked with the groups."""
    return (*target.keys, key) == layout.keys("callbacks")
