"""Validate the config against the schemas of the operations and their groups."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any, Final

from serotiny.compiler.limits import MAX_FAULTS, MAX_TAGS
from serotiny.compiler.overrides.value_forms import form_of
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.syntax.other_forms import meant_key, meant_line
from serotiny.compiler.syntax.references import environment_names
from serotiny.compiler.target_nodes import shown
from serotiny.compiler.tree import Node, Unknown, join, select, split
from serotiny.compiler.validation.causes.indentation import keys_behind_empty
from serotiny.compiler.validation.causes.root_keys import to_choose, unread_root_key
from serotiny.compiler.validation.memo import NodeMemo
from serotiny.compiler.validation.values import limit_faults, value_faults
from serotiny.diagnostics import Diagnostic, Severity, closest
from serotiny.filesystem import is_file
from serotiny.schemas.fields import SchemaField, operation_fields, root_keys
from serotiny.schemas.names import OPERATIONS
from serotiny.schemas.rules.locations import fault_of_checkpoint_path, fault_of_tracking_uri, without_address
from serotiny.schemas.rules.names import NAME_RULES, fault_of_tag

_HYDRAS_PATH = re.compile(r"hydra\s*:\s*runtime\.(cwd|output_dir|config_sources)\b")
"""Values that are folders of this machine, which must not be sent to a server in a name."""

_A_NAME = "letters of any script, digits, spaces, `-`, `_` and `.` are all fine"
_SOME_NAME: Final = "write one; on the command line a name with `${…}` stands in single quotes, or the shell replaces that part"


def validate_groups(resolved: Resolved, project_root: PurePosixPath, memo: NodeMemo) -> list[Diagnostic]:
    """Check the root keys, the `mlflow` group and the form of the other groups.

    Args:
        resolved: the job.
        project_root: the folder of its project.
        memo: results from other jobs of the same call.

    Returns:
        SER301 to SER304 inside `mlflow` and at the root, SER308 (unknown root key), SER309 (an impossible
        group or location), SER401 (a malformed run or experiment name).
    """
    root, operation = resolved.root, resolved.composed.schema
    assert operation is not None
    faults: list[Diagnostic] = []
    behind = keys_behind_empty(root, root_keys())
    for key, field in operation_fields(operation).items():
        node = root.get(key)
        if node is None:
            if field.required and not root.incomplete:
                deleted = resolved.composed.deleted(key)
                fix = f"choose one with `{key}=OPTION`, or add `{key}/default.yaml`"
                if deleted is not None:
                    fix = f"take `{deleted.text}` out; another is chosen with `{key}=OPTION`"
                place = resolved.composed.place_to_choose(key)
                faults.append(Diagnostic("SER302", f"`{operation}` needs `{key}`", place, key, help=fix))
        elif field.group is not None:
            faults += _group_faults(key, field, node, behind.get(key, ()))
        else:
            faults += _field_faults((key,), field, node)
    for key, node in root.value.items():
        if len(faults) > MAX_FAULTS:
            break
        if key not in root_keys() and key not in chain(*behind.values()):
            fault = unread_root_key(key, node, resolved, operation)
            if fault is not None:
                faults.append(fault)
    locations = _location_faults(root, operation, project_root, memo)
    located = {fault.key for fault in locations}
    faults = [
        _with_fix_of_tag(fault, root)
        for fault in faults
        if fault.severity is Severity.ERROR or fault.key not in located
    ]
    faults += _mode_faults(root, operation) + locations + _name_faults(resolved) + _tag_faults(root)
    return faults + (_too_many_tags(root.value["mlflow"], "mlflow") if "mlflow" in root.value else [])


def recording_faults(resolved: Resolved) -> list[Diagnostic]:
    """Check serotiny's own settings for recording a run, in a config of another layout.

    Returns:
        SER301 to SER304, SER309 and SER401, as `validate_groups` has them for `mlflow`.
    """
    keys, operation = resolved.composed.project.layout.keys("mlflow"), resolved.composed.operation
    node = select(resolved.root, keys) if keys is not None else None
    if keys is None or node is None or operation is None:
        return []
    faults = _group_faults(join(keys), operation_fields(operation)["mlflow"], node)
    return faults + _too_many_tags(node, join(keys)) + (_name_faults(resolved) if keys == ("mlflow",) else [])


def _group_faults(
    group: str, schema: SchemaField, node: Node, beside: Sequence[str] = ()
) -> list[Diagnostic]:
    if isinstance(node.value, Unknown):
        return []
    assert schema.group is not None
    if not node.is_mapping:
        what = " with `_target_`" if schema.is_open else ""
        fix = _how_to_fill(group, node, beside)
        return [Diagnostic("SER309", f"`{group}` must be a mapping{what}", node.place, group, help=fix)]
    faults: list[Diagnostic] = []
    for key, child in node.value.items():
        if len(faults) > MAX_FAULTS:
            break
        field = schema.group.get(key)
        if field is None:
            faults += [] if schema.is_open else [_unknown_group_key(group, key, child, schema.group)]
        elif schema.is_open:
            # types are checked by the target's signature, since the target may be another class
            faults += limit_faults(field.bounds.items(), child, (group, key))
        else:
            faults += _field_faults((group, key), field, child)
    return faults


def _field_faults(keys: tuple[str, ...], field: SchemaField, node: Node) -> list[Diagnostic]:
    # serotiny instantiates nothing for its own fields
    if node.is_mapping and node.get("_target_") is not None:
        name = join(keys)
        message = f"`{name}` must be {field.type}, not a mapping"
        return [Diagnostic("SER303", message, node.written_at, name)]
    faults = value_faults(field.type, node, keys) or limit_faults(field.bounds.items(), node, keys)
    if node.value is None and isinstance(field.default, str):
        return [
            replace(fault, help=f"take it out for `{field.default}`, or write another") for fault in faults
        ]
    return [replace(fault, help=_more_exact(fault, field, node)) for fault in faults]


def _more_exact(fault: Diagnostic, field: SchemaField, node: Node) -> str | None:
    """The help of a fault, or the numbers that a field takes where that says no more than its type."""
    says_type = fault.help in (None, form_of(node.value, fault.wanted or ""))
    return (_within(field) or fault.help) if says_type else fault.help


def _within(field: SchemaField) -> str | None:
    """The numbers that a field takes, where it has a least and a greatest one."""
    least, greatest = field.bounds.get("ge"), field.bounds.get("le")
    if least is None or greatest is None:
        return None
    none = ", or `null` for none" if field.default is None else ""
    return f"write a number from {least:.0f} to {greatest:.0f}{none}"


def _unknown_group_key(group: str, key: Any, node: Node, fields: Mapping[str, SchemaField]) -> Diagnostic:
    form = meant_key(str(key), (group,), fields)
    suggestion = closest(str(key), fields) if form is None else None
    return Diagnostic(
        "SER301",
        f"`{key}` is not a key of `{group}`",
        node.blame_key(),
        join((group, key)),
        help=None if suggestion else form or _what_it_has(group, key, fields),
        suggestion=suggestion,
    )


def _what_it_has(group: str, key: Any, fields: Mapping[str, SchemaField]) -> str:
    has = f"`{group}` has {', '.join(f'`{name}`' for name in fields)}"
    is_swept = group == "sweep" and isinstance(key, str) and "." in key
    return f"{has}; the values to try are given to the command: `-m {key}=…,…`" if is_swept else has


def _how_to_fill(group: str, node: Node, beside: Sequence[str]) -> str | None:
    """What to write for a group that is no mapping."""
    if isinstance(node.value, str) and node.value.replace("-", "_").isidentifier():
        return to_choose(group, node.value)
    if node.place.file is None:
        return None
    if node.value is None and beside:
        return f"indent by two spaces what belongs to it: {', '.join(f'`{key}`' for key in beside)}"
    if node.value is None:
        return "indent below it what belongs to it, or take the line out"
    if node.is_list:
        return "take the dashes away, and write `key: value` in each line"
    return meant_line(str(node.value)) or "write `key: value` in each line"


def _mode_faults(root: Node, operation: str) -> list[Diagnostic]:
    node = root.get("mode")
    if node is None or node.value in (None, operation) or node.value not in OPERATIONS:
        return []
    message = f"`mode` is `{node.value}`, but this is `{operation}`"
    return [
        Diagnostic(
            "SER309", message, node.place, "mode", help=f"take it out, or call `serotiny {node.value}`"
        )
    ]


def _too_many_tags(group: Node, key: str) -> list[Diagnostic]:
    tags = select(group, ("tags",))
    if tags is None or not tags.is_mapping or len(tags.value) <= MAX_TAGS:
        return []
    message = f"`{key}.tags` has {len(tags.value):,} tags, of which a run takes at most {MAX_TAGS:,}"
    fix = "keep those that runs are looked for by; the config itself is recorded with the run"
    return [Diagnostic("SER309", message, tags.blame_key(), f"{key}.tags", help=fix)]


def _location_faults(
    root: Node, operation: str, project_root: PurePosixPath, memo: NodeMemo
) -> list[Diagnostic]:
    faults: list[Diagnostic] = []
    mlflow = root.get("mlflow")
    pairs = (
        ("ckpt_path", root.get("ckpt_path"), fault_of_checkpoint_path),
        ("mlflow.tracking_uri", mlflow.get("tracking_uri") if mlflow else None, fault_of_tracking_uri),
    )
    for name, node, fault_of in pairs:
        if node is not None and isinstance(node.value, str):
            # resolving a path takes long, and most jobs of a sweep have the same one
            fault = memo.of(("location", name, node.value), (), partial(fault_of, node.value, project_root))
            if fault:
                told = without_address(fault, node.value) if node.is_secret else fault
                fix = _of_variable(node, name)
                faults.append(Diagnostic("SER309", f"`{name}` {told}", node.place, name, help=fix))
            elif name == "ckpt_path" and _is_lost(node.value, operation, project_root):
                message = f"there is no checkpoint `{shown(node)}`"
                fix = _STARTS_FROM_A_FILE if operation == "train" else _A_FILE_OR_A_NAME
                faults.append(Diagnostic("SER309", message, node.place, name, help=fix))
    return faults


def _of_variable(node: Node, name: str) -> str | None:
    """Where to write the right value of a node that a variable of the environment gives; None for another one."""
    variables = environment_names(node.reference.text) if node.reference is not None else ()
    if not variables:
        return None
    return f"the variable `{variables[0]}` gives it: set that one right, or give `{name}=…` to the command"


_STARTS_FROM_A_FILE: Final = (
    "name a file, whose path counts from the project's folder; to go on with a run, call it again by its name"
)
_A_FILE_OR_A_NAME: Final = (
    "a relative path counts from the project's folder; `best` and `last` name those of the run"
)


def _is_lost(path: str, operation: str, project_root: PurePosixPath) -> bool:
    """Whether a text must be a path, and no file is there: only a test or prediction names checkpoints of a run."""
    names_file = operation == "train" or "/" in path or path.endswith(".ckpt")
    return names_file and not is_file(Path(project_root) / path)


def _name_faults(resolved: Resolved) -> list[Diagnostic]:
    mlflow = resolved.root.get("mlflow")
    unresolved = {fault.key for fault in resolved.diagnostics}
    faults: list[Diagnostic] = []
    for key, fault_of_name in NAME_RULES.items():
        node = mlflow.get(key) if mlflow else None
        if node is None or f"mlflow.{key}" in unresolved:
            continue
        if isinstance(node.value, Unknown) and node.reference and "hydra:" in node.reference.text:
            message = f"`mlflow.{key}` is known only inside a job; it must be known before"
            fix = "write it out, or with what is known: `${model.…}`, `${seed}`, `${hydra:runtime.choices.model}`"
            faults.append(Diagnostic("SER401", message, node.place, f"mlflow.{key}", help=fix))
        elif node.reference and _HYDRAS_PATH.search(node.reference.text):
            message = (
                f"`mlflow.{key}` cannot be a name: it is `{node.reference.text}`, a path of this machine"
            )
            faults.append(Diagnostic("SER401", message, node.place, f"mlflow.{key}", help=_A_NAME))
        elif isinstance(node.value, str) and (fault := fault_of_name(node.value)):
            message = f"`mlflow.{key}` cannot be a name: it {fault}"
            fix = _A_NAME if node.value.strip() else _SOME_NAME
            faults.append(Diagnostic("SER401", message, node.place, f"mlflow.{key}", help=fix))
    return faults


def _with_fix_of_tag(fault: Diagnostic, root: Node) -> Diagnostic:
    """The fault; of a mapping as the value of a tag with what to write, since it comes from a dot in the name."""
    keys = split(fault.key or "")
    node = select(root, keys) if keys[:2] == ("mlflow", "tags") else None
    if fault.code != "SER303" or node is None or not node.is_mapping or not node.value:
        return fault
    name = f"{keys[-1]}.{next(iter(node.value))}"
    return replace(
        fault, help=f"a tag with a dot in its name is given as a mapping: `'++mlflow.tags={{{name}: …}}'`"
    )


def _tag_faults(root: Node) -> list[Diagnostic]:
    tags = select(root, ("mlflow", "tags"))
    return [
        Diagnostic(
            "SER309",
            f"`mlflow.tags` may not set `{name}`: {fault}",
            node.blame_key(),
            join(("mlflow", "tags", name)),
            help="take it out, or give it a name of your own",
        )
        for name, node in (tags.children() if tags is not None and tags.is_mapping else ())
        if isinstance(name, str) and (fault := fault_of_tag(name))
    ]
