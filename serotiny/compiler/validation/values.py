"""Check one value against a type, with a diagnostic at each part that is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any, Final

from serotiny.compiler.overrides.quoting import quoted
from serotiny.compiler.tree import Keys, Node, Unknown, join, select
from serotiny.compiler.validation.annotations import AnnotationJudge
from serotiny.compiler.validation.causes.mistaken_targets import target_help
from serotiny.diagnostics import Diagnostic, Place, Severity, closest
from serotiny.targets import Deferred, Fault, Parameter, TargetSignature, ValueType, check
from serotiny.targets.value_types.limits import violated
from serotiny.targets.value_types.tolerance import reads_as_number
from serotiny.targets.value_types.types import EnumType, LiteralType, NoneType, parts
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
            or limit_faults(parameter.limits, node, keys)
            or _none_as_text(parameter.type, node, keys)
            or _no_date(parameter.type, node, keys)
        )
    severity = judge.severity(target, parameter, value)
    if severity is None:
        return []
    found = [_value_fault(fault, node, keys, parameter) for fault in faults]
    if severity is Severity.ERROR:
        return found
    return [replace(fault, severity=severity, notes=(*fault.notes, ONLY_ANNOTATED)) for fault in found]


def _unlisted_text(parameter: Parameter, node: Node, keys: Keys) -> list[Diagnostic]:
    """SER304 for a text that the function's body refuses, whatever the annotation says."""
    if not isinstance(node.value, str) or not parameter.choices or node.value in parameter.choices:
        return []
    declared = LiteralType(parameter.choices)
    return [_value_fault(fault, node, keys, parameter) for fault in check(declared, node.value)]


def limit_faults(limits: Iterable[tuple[str, float]], node: Node, keys: Keys) -> list[Diagnostic]:
    """SER303 for each limit (`ge`, `gt`, `le`, `lt`) that a number violates."""
    found = list(violated(limits, node.value))
    if not found:
        return []
    name, got = join(keys), kind_in_words(node.value) if node.is_secret else value_in_words(node.value)
    return [Diagnostic("SER303", f"`{name}` must be {limit}, not {got}", node.place, name) for limit in found]


def _none_as_text(value_type: ValueType, node: Node, keys: Keys) -> list[Diagnostic]:
    """SER303, a warning, for the text `None` where null is allowed, since `None` is a text in YAML."""
    if node.value != "None" or not any(isinstance(part, NoneType) for part in parts(value_type)):
        return []
    name, fix = join(keys), "write `null` for none"
    message = f"`{name}` is the text `None`"
    return [Diagnostic("SER303", message, node.place, name, help=fix, severity=Severity.WARNING)]


_DATES: Final[Mapping[str, tuple[Callable[[str], Any], str]]] = MappingProxyType(
    {
        "datetime.date": (date.fromisoformat, "2024-12-31"),
        "datetime.datetime": (datetime.fromisoformat, "2024-12-31 23:59:59"),
        "datetime.time": (time.fromisoformat, "23:59:59"),
    }
)
"""How a text is read for each of these, and an example."""


def _no_date(value_type: ValueType, node: Node, keys: Keys) -> list[Diagnostic]:
    """SER303, a warning, for a text that stands for no date: it reaches the code as a text."""
    paths = [str(getattr(part, "path", "")) for part in parts(value_type) if not isinstance(part, NoneType)]
    if not isinstance(node.value, str) or not paths or any(path not in _DATES for path in paths):
        return []
    for path in paths:
        read, _ = _DATES[path]
        with suppress(ValueError):
            read(node.value)
            return []
    name = join(keys)
    got = kind_in_words(node.value) if node.is_secret else value_in_words(node.value)
    message = f"`{name}` must be {value_type}, not {got}"
    fix = f"write it as `{_DATES[paths[0]][1]}`; this one arrives as a text"
    return [Diagnostic("SER303", message, node.place, name, help=fix, severity=Severity.WARNING)]


ONLY_ANNOTATED: Final = "that is what the annotation says; nothing in the source enforces it"


def _deferred_plain(node: Node) -> Any:
    """Plain data, with `Deferred` for values that are known only inside a job."""
    if isinstance(node.value, Unknown):
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
    name = join((*keys, *fault.path))
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
    suggestion = _choice_meant(str(at.value), fault.choices) if fault.choices and not secret else None
    return Diagnostic(
        code,
        f"`{name}` must be {fault.expected}, not {got}",
        at.place,
        name,
        help=None if suggestion or secret else target_help(at) or _written_right(at, fault.expected),
        notes=tuple(notes),
        suggestion=suggestion,
    )


def _choice_meant(value: str, choices: Sequence[str]) -> str | None:
    """The choice that is most like a text, or like the last part of a dotted path, as in `Colour.RED`."""
    last = value.rpartition(".")[2] if _PATH.fullmatch(value) else value
    return closest(value, choices) or closest(last, choices)


def _written_right(node: Node, expected: str) -> str | None:
    """How to write a value of the wrong type so that it has the expected type; None if it is not clear."""
    value, words = node.value, set(re.findall(r"\w+", expected))
    if value == "" and node.place.override is not None:
        return "nothing stands behind `=`; write `null` for none"
    if isinstance(value, str) and value.strip().lower() == "none" and "null" in words:
        return "write `null` for none: `None` is a text"
    if isinstance(value, str) and value.strip().lower() in ("true", "false") and "bool" in words:
        return f"write `{value.strip().lower()}` without quotes"
    switch = _SWITCHES.get(str(value).strip().lower()) if "bool" in words and "int" not in words else None
    if switch is not None and isinstance(value, str | int):
        return f"write `{switch}`"
    span = _SPAN.fullmatch(value) if isinstance(value, str) and "int" in words else None
    if span is not None:
        return f"with `-m`, `range({span[1]},{int(span[2]) + 1})` is every number from {span[1]} to {span[2]}"
    if isinstance(value, str) and words & {"int", "float"} and reads_as_number(value):
        return f"write `{value.strip()}` without quotes"
    if isinstance(value, str) and words & {"list", "tuple"} and _ROW.fullmatch(value):
        return f"write `[{value}]`"
    if isinstance(value, str) and words & {"int", "float"} and (meant := _meant_number(value)) is not None:
        return meant
    if isinstance(value, str) and expected.startswith("class derived from"):
        return "a config holds no classes: name a function of the project that gives it, `_target_: …`"
    if isinstance(value, str) and _PATH.fullmatch(value) and ("callable" in words or _CLASS.search(expected)):
        return f"name the class below it: `_target_: {value}`"
    if isinstance(value, bool | int | float) and "str" in words:
        return _as_text(node.place)
    if "list" in words and _is_named_objects(node):
        return "write them as a list, without their names: `- _target_: …`"
    # a type with parentheses is an enum with its members; where texts or numbers are accepted, no class is meant
    is_class = _CLASS.search(expected) and "(" not in expected and not words & {"str", "int", "float"}
    if is_class and isinstance(value, str | dict):
        return "name a class below it: `_target_: …`"
    return None


_SWITCHES: Final = {"yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"}
_PERCENT: Final = re.compile(r"(\d{1,3}(?:\.\d+)?) ?%")
_VARIABLE: Final = re.compile(r"\$\{?([A-Za-z_]\w*)\}?", re.ASCII)
_CALCULATION: Final = re.compile(r"[\w.]+ ?(?:\*\*?|[-+/^]) ?-?[\w.]+|\w+\(.*\)", re.ASCII)
_ROW: Final = re.compile(r"[\w.-]+(?:, ?[\w.-]+)+")
_DECIMAL_COMMA: Final = re.compile(r"([+-]?\d+),(\d+)", re.ASCII)
_OTHER_BASE: Final = re.compile(r"0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+")
_OTHER_REFERENCE: Final = re.compile(
    r"\{\{\s*([\w.]+)\s*\}\}|\$\(\s*([\w.]+)\s*\)|@([\w.]+)|<([\w.]+)>", re.ASCII
)
"""A reference as templates, shells and other tools have it."""


def _meant_number(text: str) -> str | None:
    """What to write for a text that stands where a number is expected, as other programs would take it."""
    percent = _PERCENT.fullmatch(text.strip())
    if percent is not None:
        return f"write `{float(percent[1]) / 100:g}`"
    variable = _VARIABLE.fullmatch(text)
    if variable is not None:
        return f"write `${{oc.decode:${{oc.env:{variable[1]}}}}}` for the value of the variable"
    other = _OTHER_REFERENCE.fullmatch(text)
    if other is not None:
        return f"write `${{{next(filter(None, other.groups()))}}}`"
    comma = _DECIMAL_COMMA.fullmatch(text)
    if comma is not None:
        return f"a point stands before decimals: `{comma[1]}.{comma[2]}`"
    if _OTHER_BASE.fullmatch(text) is not None:
        return f"write `{int(text, 0)}`"
    if _CALCULATION.fullmatch(text) is not None:
        return "write the result, or refer to a value with `${…}`: a config does not calculate"
    return None


_SPAN: Final = re.compile(r"(\d{1,9})\s*(?:\.\.+|:|-)\s*(\d{1,9})")
_CLASS: Final = re.compile(r"\w\.\w")


def _is_named_objects(node: Node) -> bool:
    """Whether a mapping contains only mappings with a `_target_`."""
    return (
        node.is_mapping
        and bool(node.value)
        and all(child.get("_target_") is not None for child in node.value.values())
    )


_PATH: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")


def _as_text(place: Place) -> str:
    override = place.override
    if override is not None and override.partition("=")[2][:1] in ("{", "["):
        return "put it in quotes for a text"
    form = quoted(override, override.partition("=")[2]) if override is not None else None
    return "put it in quotes for a text" if form is None else f"write `{form}` for a text"


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
