"""What resolving a job has found, set beside what the project's own scripts do with the config."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from serotiny.compiler.project_code import ProjectCode
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.tree import Keys, join, split, walk
from serotiny.diagnostics import Diagnostic, Severity

_OF_OPTIONS: Final = frozenset({"SER104", "SER105"})
"""The codes for an option or a config that is not there."""

_MAY_BE_SET: Final = "unless the project's code adds it: it gives the config keys of names that it computes"
_MERGED: Final = "unless what the project's code merges this config with gives it"
_PUT_IN_PLACE: Final = "unless what the project's code puts in the place of `{}` has it"
_UNREAD: Final = "the code that starts from this config is not seen to read this value"


def unresolved_faults(resolved: Resolved, code: ProjectCode) -> Iterator[Diagnostic]:
    """What resolving a job found, without the values that the project's own script writes over, and the keys that it adds.

    A key that is not found is a warning in a value that the script does not read; nothing is said of it where a
    whole group is missing, which may have given it, nor of a choice where an option is.
    """
    layout = resolved.composed.layout
    has_own_script = not layout.is_own and not layout.is_template
    lacks_group = any(found.code == "SER103" for found in resolved.composed.diagnostics)
    lacks_option = any(
        found.code in _OF_OPTIONS and found.is_error for found in resolved.composed.diagnostics
    )
    unfound = dict(resolved.unfound)
    for fault in resolved.diagnostics:
        if lacks_option and "choices" in unfound.get(fault, ()):
            continue  # `${hydra:runtime.choices.…}`, of which the missing option may be one
        is_unfound = fault.code == "SER201" and not layout.is_own and fault.key is not None
        keys = split(fault.key or "")
        if not is_unfound:
            yield fault
        elif has_own_script and lacks_group:
            continue
        elif has_own_script and _is_unread(keys, resolved, code, frozenset()):
            yield replace(fault, severity=Severity.WARNING, notes=(*fault.notes, _UNREAD))
        elif code.additions.gives(keys):
            continue
        elif not (target := unfound.get(fault)):
            yield fault
        elif resolved.composed.root.get(str(target[0])) is not None:
            note = _PUT_IN_PLACE.format(target[0])
            is_replaced = len(target) > 1 and code.additions.replaces_named(str(target[0]))
            yield (
                replace(fault, severity=Severity.WARNING, notes=(*fault.notes, note))
                if is_replaced
                else fault
            )
        elif code.additions.sets(str(target[0])):
            continue  # it is below a key that only the code adds
        elif code.additions.sets_computed_keys():
            yield replace(fault, severity=Severity.WARNING, notes=(*fault.notes, _MAY_BE_SET))
        elif code.additions.merges(resolved.composed.primary):
            yield replace(fault, severity=Severity.WARNING, notes=(*fault.notes, _MERGED))
        else:
            yield fault


def _is_unread(keys: Keys, resolved: Resolved, code: ProjectCode, seen: frozenset[Keys]) -> bool:
    """Whether a value is seen to be read neither by the scripts nor by way of the values that refer to it."""
    if keys in seen:
        return True
    if not code.making.leaves_unread(resolved.composed.primary, keys):
        return False
    if keys not in resolved.referenced:
        return True
    name = join(keys)
    referring = [
        place
        for place, node in walk(resolved.composed.root)
        if isinstance(node.value, str) and "${" in node.value and name in node.value
    ]
    known = seen | {keys}
    return bool(referring) and all(_is_unread(place, resolved, code, known) for place in referring)
