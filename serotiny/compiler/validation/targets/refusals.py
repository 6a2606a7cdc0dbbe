"""SER316: arguments that a target's own code refuses, by themselves or together; SER312: packages that it needs."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Any, Final

from serotiny.compiler.overrides.value_forms import written_as_list
from serotiny.compiler.target_nodes import TargetNode, argument, argument_or_default, signature_name, via
from serotiny.compiler.tree import Unknown, every
from serotiny.compiler.validation.causes.supplied import Supplied
from serotiny.diagnostics import Diagnostic, Severity
from serotiny.targets import Refusal
from serotiny.targets.value_types.conditions import (
    Missing,
    PlainList,
    UnknownValueError,
    evaluate,
    names_in,
    packages_in,
    without_not,
)
from serotiny.targets.value_types.types import (
    EnumType,
    InstanceOf,
    ListType,
    Made,
    ParsedType,
    TupleType,
    UnionType,
    ValueType,
    parts,
)

_LONGEST: Final = 300
"""Characters of an error that are shown."""

_VERSION: Final = re.compile(r"[^\w.-]")
"""The character behind the name in a requirement."""


def refused_arguments(target: TargetNode, at_fault: Set[str], supplied: Supplied) -> Iterator[Diagnostic]:
    """One fault for each error that the target raises when it is called with what the config gives.

    Args:
        target: the node.
        at_fault: parameters of which something is told already.
        supplied: what the project's code passes, and so need not stand in the config.
    """
    told: set[str] = set()
    lacking: dict[tuple[str, ...], set[str]] = {}
    for refusal in target.signature.refusals:
        names = names_in(refusal.test)
        given = [name for name in names if argument(target, name) is not None]
        may_be_given = names and not given and (target.is_partial or target.called_later)
        if may_be_given or not at_fault.isdisjoint(names) or any(_is_secret(target, name) for name in given):
            continue
        values = _values(target, names, is_own=supplied.layout.is_own)
        if not _holds(refusal, values):
            continue
        # code completes a call that lacks something; of defaults alone nothing in the config is at fault
        by_code = supplied.passes if given and not _lacks_something(target) else supplied.may_pass
        if any(by_code(name) for name in names if name not in given) or any(
            supplied.names(name) for name in given
        ):
            continue
        packages = packages_in(refusal.test)
        error = " ".join(_distribution(package.name) for package in packages) or _error(refusal, target)
        left_out = {name for name in names if name not in given}
        is_same = not left_out.isdisjoint(lacking.get(tuple(given), ()))
        lacking.setdefault(tuple(given), set()).update(left_out)
        if error not in told and not is_same:
            told.add(error)
            lacks = _lacking(target, packages, given) if packages else None
            yield lacks or _fault(target, refusal, error, given)


def refused_defaults(partial: TargetNode, by_code: Set[str]) -> Iterator[Diagnostic]:
    """One fault for each error that a partial raises when it is called, for want of what neither config nor code gives.

    Args:
        partial: the node.
        by_code: the parameters that the code which calls it gives.
    """
    told: set[str] = set()
    for refusal in partial.signature.refusals:
        names = names_in(refusal.test)
        is_given = any(name in by_code or argument(partial, name) is not None for name in names)
        if not names or is_given or packages_in(refusal.test):
            continue
        error = _error(refusal, partial)
        if error not in told and _holds(refusal, _values(partial, names, is_own=False)):
            told.add(error)
            yield _fault(partial, refusal, error, [])


def _lacks_something(target: TargetNode) -> bool:
    return any(item.required and argument(target, item.name) is None for item in target.signature.parameters)


def _holds(refusal: Refusal, values: dict[str, Any]) -> bool:
    known = {
        name: value
        for name, value in values.items()
        if name not in refusal.changed or not isinstance(value, list)
    }
    try:
        return bool(evaluate(refusal.test, known))
    except UnknownValueError:
        return False


def _error(refusal: Refusal, target: TargetNode) -> str:
    """The text of the error; where it cannot be told, the condition."""
    try:
        values = {name: argument_or_default(target, name) for name in names_in(refusal.message or "0")}
        text = " ".join(str(evaluate(refusal.message or "0", values)).split()) if refusal.message else ""
    except UnknownValueError:
        text = ""
    return f"{text[:_LONGEST]}…" if len(text) > _LONGEST else text.rstrip(".")


def _fault(target: TargetNode, refusal: Refusal, error: str, given: list[str]) -> Diagnostic:
    node = (argument(target, given[0]) if given else None) or target.target
    key = target.place_key(given[0] if given else "_target_")
    names = names_in(refusal.test)
    by_default = [name for name in names if name not in given]
    is_certain = not by_default or not (target.is_partial or target.called_later)
    first, *others = [f"`{name}: {json.dumps(argument_or_default(target, name))}`" for name in given] or [
        "its defaults"
    ]
    listed = f"{first} with {' and '.join(others)}" if others else first
    absent = [name for name in by_default if argument_or_default(target, name) is None]
    if not error and given and absent:
        listed = f"{listed} without {' and '.join(f'`{name}`' for name in absent)}"
    message = f"{signature_name(target)} refuses {listed}" + (f": {error}" if error else "")
    notes = [f"it does where `{without_not(refusal.test)}`"]
    if not is_certain:
        left_out = ", ".join(f"`{name}`" for name in by_default)
        notes.append(f"unless the code that calls it gives {left_out}")
    return Diagnostic(
        "SER316",
        message,
        node.place,
        key,
        help=_as_list(refusal, target, given)
        or _as_other_number(refusal, target, given)
        or f"change {' or '.join(f'`{name}`' for name in names)}",
        notes=(*notes, *via(node)),
        severity=Severity.ERROR if is_certain else Severity.WARNING,
    )


def _as_list(refusal: Refusal, target: TargetNode, given: list[str]) -> str | None:
    """How to write a single text that is refused because a list is wanted."""
    text = argument_or_default(target, given[0]) if len(given) == 1 else None
    if not isinstance(text, str) or refusal.test not in (
        f"isinstance({given[0]}, str)",
        f"isinstance({given[0]}, (str,))",
    ):
        return None
    return written_as_list(text)


def _as_other_number(refusal: Refusal, target: TargetNode, given: list[str]) -> str | None:
    """How to write a number that would be taken with a point, or without one."""
    values = {name: _value(target, name, is_own=False) for name in names_in(refusal.test)}
    for name in given:
        value = values[name]
        is_asked = f"not isinstance({name}" in refusal.test
        if (
            not is_asked
            or isinstance(value, bool)
            or not isinstance(value, int | float)
            or value != value // 1
        ):
            continue
        other = float(value) if isinstance(value, int) else int(value)
        if not _holds(refusal, {**values, name: other}):
            return f"write `{other}`"
    return None


def _lacking(target: TargetNode, packages: Sequence[Missing], given: list[str]) -> Diagnostic:
    node = (argument(target, given[0]) if given else None) or target.target
    named = " or ".join(f"`{_VERSION.split(package.name)[0]}`" for package in dict.fromkeys(packages))
    because = f" with `{given[0]}`" if given else ""
    message = f"{signature_name(target)}{because} needs the package {named}, which is not installed"
    # a package may have another name where it is installed from than where it is imported
    installed = f"it (`pip install {shlex.quote(packages[0].name)}`)"
    brought = f"what brings the module `{packages[0].name}`"
    fix = f"install {installed if packages[0].is_requirement else brought}, or name something else"
    return Diagnostic("SER312", message, node.place, None, help=fix, notes=via(node))


def _distribution(requirement: str) -> str:
    """The name in a requirement, as pip compares it."""
    return _VERSION.split(requirement)[0].replace("_", "-")


def _values(target: TargetNode, names: Iterable[str], *, is_own: bool) -> dict[str, Any]:
    """The values that the code certainly gets for some parameters, as `_value`."""
    found = {name: _value(target, name, is_own=is_own) for name in names}
    return {name: value for name, value in found.items() if not isinstance(value, Unknown)}


def _value(target: TargetNode, name: str, *, is_own: bool) -> Any:
    """The value that the code gets; unknown where a job may make something else of it.

    Args:
        target: the node.
        name: the parameter.
        is_own: serotiny itself makes the object, and passes lists on as lists.
    """
    parameter = target.signature.parameter(name)
    value = argument_or_default(target, name)
    if isinstance(value, dict) or parameter is None:
        return Unknown()
    is_made = any(isinstance(part, EnumType | InstanceOf) for part in parts(parameter.type))
    if (isinstance(value, str) and is_made) or _is_parsed(parameter.type):
        return Unknown()
    is_given = argument(target, name) is not None and target.node.get("_convert_") is None
    return (
        PlainList(value)
        if isinstance(value, list) and is_own and is_given and _keeps_lists(parameter.type)
        else value
    )


def _keeps_lists(declared: ValueType) -> bool:
    """Whether a job makes nothing else of a list that is given for this type."""
    rows = [part for part in parts(declared) if isinstance(part, ListType | TupleType)]
    return bool(rows) and all(isinstance(row, ListType) and row.made is Made.LIST for row in rows)


def _is_parsed(declared: ValueType) -> bool:
    """Whether pydantic makes another value of what is given."""
    match declared:
        case ParsedType():
            return True
        case ListType(item):
            return _is_parsed(item)
        case TupleType(items) | UnionType(items):
            return any(map(_is_parsed, items))
        case _:
            return False


def _is_secret(target: TargetNode, name: str) -> bool:
    node = argument(target, name)
    return node is not None and any(inner.is_secret for inner in every(node))
