"""Check one value against a type, with a diagnostic at each part that is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from serotiny.compiler.syntax.other_forms import meant_sweep
from serotiny.compiler.tree import Keys, Node, Unknown, join, select
from serotiny.compiler.validation.annotations import AnnotationJudge
from serotiny.compiler.validation.causes.mistaken_targets import full_path, target_help
from serotiny.compiler.validation.causes.miswritten import NAME_A_CLASS, decoded, is_path, written_right
from serotiny.compiler.validation.causes.renamed import renamed_choice
from serotiny.diagnostics import Diagnostic, Severity, closest
from serotiny.targets import (
    Deferred,
    Fault,
    Parameter,
    SignatureReader,
    TargetSignature,
    ValueType,
    check,
)
from serotiny.targets.value_types.limits import violated
from serotiny.targets.value_types.parsing import as_number
from serotiny.targets.value_types.texts import TEXT_FORMS
from serotiny.targets.value_types.types import ANY, EnumType, LiteralType, NoneType, parts
from serotiny.targets.value_types.words import kind_in_words, value_in_words


def value_faults(value_type: ValueType, node: Node, keys: Keys) -> list[Diagnostic]:
    """SER303 or SER304 at each part of a value that does not match a type."""
    faults = [_value_fault(fault, node, keys, None) for fault in check(value_type, _deferred_plain(node))]
    return faults or _none_as_text(value_type, node, keys)


def parameter_faults(
    target: TargetSignature, parameter: Parameter, node: Node, keys: Keys, judge: AnnotationJudge
) -> list[Diagnostic]:
    """As `value_faults`, for a parameter; the severity depends on whether its annotation is enforced."""
    value = _deferred_plain(node)
    faults = check(parameter.type, value)
    if not faults:
        return (
            _unlisted_text(parameter, node, keys)
            or limit_faults(parameter.limits, node, keys, parsed=parameter.type)
            or _none_as_text(parameter.type, node, keys)
            or _unreadable(parameter.type, node, keys)
            or _no_number(target, parameter, node, keys=keys, judge=judge)
            or _no_choice(target, parameter, node, keys=keys, judge=judge)
        )
    severity = judge.severity(target, parameter, value)
    if severity is None:
        return []
    found = [_with_class(_value_fault(fault, node, keys, parameter), value, judge.reader) for fault in faults]
    if severity is Severity.ERROR:
        return found
    return [replace(fault, severity=severity, notes=(*fault.notes, ONLY_ANNOTATED)) for fault in found]


def _with_class(fault: Diagnostic, value: Any, reader: SignatureReader) -> Diagnostic:
    """The fault, with the whole path of the class that stands for itself where a class is to be named below."""
    is_named = fault.help == NAME_A_CLASS and isinstance(value, str)
    meant = full_path(value, (), reader) if is_named else None
    return fault if meant is None else replace(fault, help=f"name the class below it: `_target_: {meant}`")


def _unlisted_text(parameter: Parameter, node: Node, keys: Keys) -> list[Diagnostic]:
    """SER304 for a text that the function's body refuses, whatever the annotation says."""
    if not isinstance(node.value, str) or not parameter.choices or node.value in parameter.choices:
        return []
    declared = LiteralType(parameter.choices)
    return [_value_fault(fault, node, keys, parameter) for fault in check(declared, node.value)]


def _no_number(
    target: TargetSignature, parameter: Parameter, node: Node, *, keys: Keys, judge: AnnotationJudge
) -> list[Diagnostic]:
    """SER303 for a text where no annotation says what the code needs, which calculates with it."""
    needed = judge.number_needed(target, parameter) if isinstance(node.value, str) else None
    if needed is None:
        return []
    value_type, severity = needed
    note = f"there is no annotation; that is what `{target.path}` does with it"
    return [
        replace(_value_fault(fault, node, keys, parameter), severity=severity, notes=(note,))
        for fault in check(value_type, node.value)
    ]


def _no_choice(
    target: TargetSignature, parameter: Parameter, node: Node, *, keys: Keys, judge: AnnotationJudge
) -> list[Diagnostic]:
    """SER304 for a text that the annotation takes, and what the body passes it on to does not."""
    needed = judge.choice_needed(target, parameter) if isinstance(node.value, str) else None
    if needed is None:
        return []
    note = f"`{target.path}` passes it on to what takes no other"
    return [
        replace(fault, notes=(*fault.notes, note))
        for fault in (_value_fault(found, node, keys, parameter) for found in check(needed, node.value))
    ]


def limit_faults(
    limits: Iterable[tuple[str, float | str]], node: Node, keys: Keys, parsed: ValueType = ANY
) -> list[Diagnostic]:
    """SER303 for each limit that a value violates; `parsed` is the type that texts are read as."""
    found = list(violated(limits, as_number(parsed, node.value)))
    if not found:
        return []
    name, got = join(keys), kind_in_words(node.value) if node.is_secret else value_in_words(node.value)
    return [
        Diagnostic("SER303", f"`{name}` must be {limit}, not {got}", node.place, name, wanted=limit)
        for limit in found
    ]


def _none_as_text(value_type: ValueType, node: Node, keys: Keys) -> list[Diagnostic]:
    """SER303, a warning, for the text `None` where null is allowed, since `None` is a text in YAML."""
    if node.value != "None" or not any(isinstance(part, NoneType) for part in parts(value_type)):
        return []
    name, fix = join(keys), "write `null` for none"
    message = f"`{name}` is the text `None`"
    return [Diagnostic("SER303", message, node.place, name, help=fix, severity=Severity.WARNING)]


def _unreadable(value_type: ValueType, node: Node, keys: Keys) -> list[Diagnostic]:
    """SER303, a warning, for a text that stands for no date, dtype and so on: it reaches the code as a text."""
    paths = [str(getattr(part, "path", "")) for part in parts(value_type) if not isinstance(part, NoneType)]
    if not isinstance(node.value, str) or not paths or any(path not in TEXT_FORMS for path in paths):
        return []
    if any(TEXT_FORMS[path].reads(node.value) for path in paths):
        return []
    name = join(keys)
    got = kind_in_words(node.value) if node.is_secret else value_in_words(node.value)
    wanted = str(value_type)
    message = f"`{name}` must be {wanted}, not {got}"
    fix = f"write it as `{TEXT_FORMS[paths[0]].example}`; this one arrives as a text"
    return [
        Diagnostic("SER303", message, node.place, name, help=fix, severity=Severity.WARNING, wanted=wanted)
    ]


ONLY_ANNOTATED: Final = "that is what the annotation says; nothing in the source enforces it"


def _deferred_plain(node: Node) -> Any:
    """Plain data, with `Deferred` for what is known only inside a job, or could not be read."""
    if isinstance(node.value, Unknown) or node.incomplete:
        return Deferred()
    if isinstance(node.value, dict):
        return {key: _deferred_plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [_deferred_plain(child) for child in node.value]
    return node.value


def _value_fault(fault: Fault, node: Node, keys: Keys, parameter: Parameter | None) -> Diagnostic:
    at = select(node, fault.path) or node
    via = [step for step in _steps(node, fault.path) if step.reference is not None]
    secret = any(step.is_secret for step in via)
    at_keys = (*keys, *fault.path)
    name = join(at_keys)
    place = at.key_place or at.place if fault.is_of_key else at.place
    # the type of a secret may be shown
    got = kind_in_words(at.value) if secret else fault.got
    notes = [
        f"reached through `{step.reference.text}` at {step.reference.place}"
        for step in via
        if step.reference is not None and step.reference.place != at.place
    ]
    if parameter is not None and parameter.default is not None and not fault.path:
        default = "null" if parameter.default.text == "None" else parameter.default.text
        notes.append(f"the default is `{default}`")
    code = "SER304" if fault.kind == "not_in_choices" or _is_choice(parameter, fault) else "SER303"
    is_of_value = not fault.is_of_key
    sweep = meant_sweep(at_keys, at.value, at.place) if fault.choices and is_of_value else None
    is_choice = bool(fault.choices) and not secret and sweep is None
    written = str(at.value) if is_of_value else str(fault.path[-1])
    suggestion = _choice_meant(written, fault.choices) if is_choice else None
    fix = None
    if secret:
        fix = decoded(via[-1], fault.expected)
    elif is_of_value and not suggestion:
        fix = sweep or target_help(at) or written_right(at, at_keys, fault.expected)
    return Diagnostic(
        code,
        f"`{name}` must be {fault.expected}, not {got}",
        place,
        name,
        help=fix,
        notes=tuple(notes),
        suggestion=suggestion,
        wanted=fault.expected,
    )


def _choice_meant(value: str, choices: Sequence[str]) -> str | None:
    """The choice that another tool has a text for, or that is most like it or its last part, as in `Colour.RED`."""
    last = value.rpartition(".")[2] if is_path(value) else value
    return renamed_choice(value, choices) or closest(value, choices) or closest(last, choices)


def _is_choice(parameter: Parameter | None, fault: Fault) -> bool:
    """Whether the whole value must be one of some literals, or null."""
    if parameter is None or fault.path:
        return False
    return all(isinstance(part, LiteralType | EnumType | NoneType) for part in parts(parameter.type))


def _steps(node: Node, path: Sequence[str | int]) -> list[Node]:
    steps = [node]
    for depth in range(1, len(path) + 1):
        child = select(node, tuple(path[:depth]))
        if child is not None:
            steps.append(child)
    return steps
