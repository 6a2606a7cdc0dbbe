"""Root keys that an operation does not read: what each was meant to be."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from serotiny.compiler.hydra.names import HYDRA
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.syntax.other_forms import meant_choice, meant_key
from serotiny.compiler.tree import Node, every, is_unread
from serotiny.diagnostics import Diagnostic, Place, Severity, closest
from serotiny.schemas.fields import operation_fields, root_keys
from serotiny.schemas.names import GLOBAL_PACKAGE
from serotiny.schemas.rules.homes import HOMES, RENAMED

_MOVED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "callbacks": "callbacks stand under the trainer: make the group `trainer/callbacks`",
        "default": "the list of options is called `defaults`",
        "logger": "runs are recorded by the `mlflow` group; further loggers stand under `trainer.logger`",
        **{key: f"it is called `{name}`" for key, name in RENAMED.items()},
        **{key: f"it belongs to `{group}`: `{group}.{key}`" for key, group in HOMES.items()},
    }
)
"""Root keys of other frameworks, with where their content belongs."""


def to_choose(group: str, option: str) -> str:
    """How a file chooses an option of a group."""
    return (
        f"an option is chosen in the defaults list: `- {group}: {option}`, in an experiment "
        f"`- override /{group}: {option}`"
    )


def unread_root_key(key: Any, node: Node, resolved: Resolved, operation: str) -> Diagnostic | None:
    """SER308 or SER309 for a root key that an operation does not read; None where that is no fault."""
    # a root key may exist for others to refer to
    if (key,) in resolved.referenced or is_unread(node) or _is_aliased(node, resolved.root):
        return None
    # a defaults list refers to it, which was told to name the option itself
    refused_entries = [fault for fault in resolved.composed.diagnostics if fault.code == "SER109"]
    if any(f"${{{key}}}" in fault.message for fault in refused_entries):
        return None
    # a file whose defaults list is refused was told to have the package `_global_`
    refused = {fault.place.file for fault in refused_entries}
    if node.blame_key().file in refused - {None} and _is_group(str(key), resolved):
        return None
    if not isinstance(key, str):
        message = f"a root key must be text, not `{key}`"
        return Diagnostic("SER309", message, node.blame_key(), str(key))
    message = f"`{key}` is not a key that `{operation}` reads"
    fields = operation_fields(operation)
    form = _form_of_the_command_line(key, node)
    if form is not None:
        # a certain cause makes it an error, as a suggestion does
        is_certain = key.lstrip("+~/").partition(".")[0].partition("/")[0] in fields
        severity = Severity.ERROR if is_certain else None
        return Diagnostic("SER308", message, node.blame_key(), key, help=form, severity=severity)
    if (misplaced := _misplaced_option(key, node, resolved)) is not None:
        return misplaced
    if node.is_mapping and not node.value and node.key_place is None and _is_group(key, resolved):
        fix = "write `# @package _global_` in its first line, and what it changes below"
        return Diagnostic("SER308", f"`{node.place.file}` is empty", node.place, key, help=fix)
    alike = [name for name, field in fields.items() if (field.group is not None) == node.is_mapping]
    # a stricter limit than elsewhere, since a suggestion turns the warning into an error
    suggestion = closest(key, alike, cutoff=0.75)
    if suggestion is not None:
        return Diagnostic(
            "SER308", message, node.blame_key(), key, severity=Severity.ERROR, suggestion=suggestion
        )
    fix = _MOVED.get(key) or "take it out, or refer to it with `${" + key + "}`"
    return Diagnostic("SER308", message, node.blame_key(), key, help=fix)


def _is_aliased(node: Node, root: Node) -> bool:
    """Whether other parts of the config have values of this one, by an anchor in it and an alias or merge in them."""
    here = node.place
    # an option without a key of its own may be chosen at several packages
    if here.file is None or node.key_place is None:
        return False
    others = (child for _, part in root.children() if part is not node for child in every(part))
    return any(_is_in(child.place, here) for child in others)


def _is_in(place: Place, around: Place) -> bool:
    return (
        place.file == around.file
        and (around.line, around.column) <= (place.line, place.column)
        and (place.end_line, place.end_column) <= (around.end_line, around.end_column)
    )


def _form_of_the_command_line(key: str, node: Node) -> str | None:
    """What to write in a file for a key with signs of overrides, or of an entry of a defaults list."""
    if (form := meant_key(key)) is not None:
        return form
    group = meant_choice(key)
    if group is None or not isinstance(node.value, str):
        return None
    return to_choose(group.lstrip("/"), node.value)


def _is_group(key: str, resolved: Resolved) -> bool:
    """Whether a root key is the name of a group in which an option is chosen."""
    return any(group.split("/")[0] == key for group in resolved.composed.choices)


def _misplaced_option(key: str, node: Node, resolved: Resolved) -> Diagnostic | None:
    """SER308 for an option meant to change the whole config that lacks the package `_global_`."""
    if not _is_group(key, resolved) and closest(key, (GLOBAL_PACKAGE, "global"), cutoff=0.75) is None:
        return None
    path = [key]
    while node.is_mapping and len(node.value) == 1 and not set(node.value) & {*root_keys(), HYDRA}:
        ((step, node),) = node.value.items()
        path.append(str(step))
    children = node.value if node.is_mapping else {}
    known = {*root_keys(), HYDRA}
    meant = [name for name, child in children.items() if name in known and not child.incomplete]
    if not meant:
        return None
    name = ".".join(path)
    place = node.value[meant[0]].blame_key()
    message = f"`{meant[0]}` lands at `{name}.{meant[0]}`, where nothing reads it"
    where = f" of {place.file}" if place.file else ""
    fix = f"write `# @package _global_` as the first line{where}"
    return Diagnostic("SER308", message, place, f"{name}.{meant[0]}", severity=Severity.ERROR, help=fix)
