"""What to do about an override of a key that is not there, and that adding would not mend."""

from __future__ import annotations

from dataclasses import replace

from serotiny.compiler.hydra.names import HYDRA
from serotiny.compiler.lookup import reach
from serotiny.compiler.overrides.apply import how_to_add
from serotiny.compiler.overrides.quoting import for_shell
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.tree import Node, join, split
from serotiny.diagnostics import Diagnostic, closest
from serotiny.schemas.fields import operation_fields
from serotiny.targets import SignatureReader, TargetSignature


def with_what_is_taken(fault: Diagnostic, resolved: Resolved, reader: SignatureReader) -> Diagnostic:
    """SER107 whose help would be to add the key, with another one where nothing takes the key; others as they are."""
    override = fault.place.override or ""
    if fault.code != "SER107" or fault.help != how_to_add(override) or fault.key is None:
        return fault
    keys = split(fault.key)
    depth, parent = reach(resolved.root, keys)
    if depth == len(keys) or keys[0] == HYDRA or not parent.is_mapping:
        return fault
    name, path = str(keys[depth]), keys[:depth]
    if path and depth == len(keys) - 2 and _is_of_named_parts(parent):
        value = override.partition("=")[2]
        whole = for_shell(f"+{join((*path, name))}={{_target_: …, {keys[-1]}: {value}}}")
        fix = f"it has {', '.join(f'`{part}`' for part in parent.value)}; a new one has a class: `{whole}`"
        return replace(fault, help=fix)
    fields = operation_fields(resolved.composed.schema) if resolved.composed.schema is not None else {}
    if not path and fields and name not in fields and closest(name, fields) is None:
        fix = f"take it out: nothing reads it; for `${{{name}}}` to refer to it, add it with `+{override}`"
        return replace(fault, help=fix)
    group = fields.get(str(path[0])) if len(path) == 1 else None
    if group is not None and group.group is not None and not group.is_open:
        taken, where = list(group.group), f"it has {', '.join(group.group)}"
    elif (signature := _closed(parent, reader)) is not None:
        taken = [parameter.name for parameter in signature.parameters if parameter.by_name]
        where = f"`serotiny config {parent.value['_target_'].value}` shows what may be set"
    else:
        return fault
    if name in taken:
        return fault
    meant = closest(name, taken)
    if meant is None:
        return replace(fault, help=where)
    # it is not set either, so it has to be added as well
    whole = join((*path, meant, *keys[depth + 1 :]))
    return replace(fault, help=how_to_add(f"{whole}={override.partition('=')[2]}"))


def _is_of_named_parts(node: Node) -> bool:
    """Whether a mapping holds nothing but parts with a class each, as callbacks by their names."""
    return bool(node.value) and all(child.get("_target_") is not None for _, child in node.children())


def _closed(node: Node, reader: SignatureReader) -> TargetSignature | None:
    """The signature of a node's target, where it is certain that it takes nothing else."""
    target = node.get("_target_")
    read = reader.read(target.value) if target is not None and isinstance(target.value, str) else None
    return read if isinstance(read, TargetSignature) and read.certain and not read.open else None
