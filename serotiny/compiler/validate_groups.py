"""Validate the config against the pydantic schemas of the operations and their groups."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from serotiny.compiler.resolve import Resolved
from serotiny.compiler.tree import Node, Unknown, join
from serotiny.compiler.tree import describe as describe_type
from serotiny.diagnostics import RULES, Diagnostic, Severity, did_you_mean
from serotiny.schemas.location import fault_of_checkpoint_path, fault_of_tracking_uri
from serotiny.schemas.operations import OPERATION_SCHEMAS, root_keys
from serotiny.schemas.run_name import fault_of_run_name
from serotiny.targets.validator import describe

_CHOICES = {"literal_error", "enum"}
_EXPECTED = {
    "bool_type": "bool",
    "dict_type": "a mapping",
    "float_type": "float",
    "int_type": "int",
    "string_type": "str",
}
_BOUNDS = {"greater_than_equal", "less_than_equal", "greater_than", "less_than"}
_SIGNATURE = {"data", "model", "trainer"}
"""Groups whose content belongs to a target's signature: pydantic only says that they are missing."""


def validate_groups(resolved: Resolved, project_root: str) -> list[Diagnostic]:
    """Check the root keys, the `mlflow` group and the shape of the others.

    Returns:
        SER301 to SER304 inside `mlflow` and at the root, SER308 (unknown root key), SER309 (a group
        or location that cannot be), SER401 (a malformed run or experiment name).
    """
    root = resolved.root
    schema = OPERATION_SCHEMAS[resolved.composed.operation]
    faults: list[Diagnostic] = []
    known = root_keys()
    content = {key: node.plain() for key, node in root.value.items() if key in schema.model_fields}
    try:
        schema.model_validate(content)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_context=True, include_input=False):
            fault = _translate(detail, root, resolved.composed.operation)
            if fault is not None and fault not in faults:
                faults.append(fault)
    for key, node in root.value.items():
        if key not in known:
            fault = _unknown_root_key(key, node, resolved)
            if fault is not None:
                faults.append(fault)
    return faults + _mode_faults(resolved) + _location_faults(root, project_root) + _name_faults(root)


def _node_at(root: Node, loc: tuple[int | str, ...]) -> tuple[Node, tuple[Any, ...]]:
    """The deepest node on `loc`; pydantic's own steps (union branches, `[key]`) lead nowhere."""
    node, keys = root, []
    for step in loc:
        if isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
            child: Node | None = node.value[step]
        else:
            child = node.get(step)
        if child is None:
            break
        node = child
        keys.append(step)
    return node, tuple(keys)


def _translate(detail: ErrorDetails, root: Node, operation: str) -> Diagnostic | None:
    loc, kind = detail["loc"], detail["type"]
    node, keys = _node_at(root, loc)
    if isinstance(node.value, Unknown) or any(
        isinstance(_node_at(root, loc[:depth])[0].value, Unknown) for depth in range(len(loc) + 1)
    ):
        return None
    if loc[0] in _SIGNATURE and len(loc) > 1 and kind not in _BOUNDS:
        return None  # checked by `validate_targets`, with the signature at hand
    name = join(keys)
    if kind == "missing":
        if node.incomplete:
            return None
        missing = str(loc[-1])
        mend = (
            f"choose one with `{missing}=OPTION`, or add `{missing}/default.yaml`" if len(loc) == 1 else None
        )
        return Diagnostic("SER302", f"`{operation}` needs `{missing}`", node.place, missing, mend)
    if kind == "extra_forbidden":
        return _unknown_group_key(loc, keys, node, operation)
    if loc[0] in _SIGNATURE and kind not in _BOUNDS:
        message = f"`{name}` must be a mapping with `_target_`"
        return Diagnostic("SER309", message, node.place, name)
    code = "SER304" if kind in _CHOICES else "SER303"
    expected = _EXPECTED.get(kind) or detail["msg"].removeprefix("Input should be ")
    secret = node.reference is not None and node.reference.secret
    got = f", not {describe_type(node.value) if secret else describe(node.plain())}"
    return Diagnostic(code, f"`{name}` must be {expected}{got}", node.place, name)


def _unknown_group_key(
    loc: tuple[int | str, ...], keys: tuple[Any, ...], node: Node, operation: str
) -> Diagnostic:
    group, key = str(loc[0]), str(loc[-1])
    field = OPERATION_SCHEMAS[operation].model_fields[group].annotation
    names = list(getattr(field, "model_fields", {}))
    mend = did_you_mean(key, names) or f"`{group}` has {', '.join(f'`{name}`' for name in names)}"
    return Diagnostic("SER301", f"`{key}` is not a key of `{group}`", node.blame_key(), join(keys), mend)


def _unknown_root_key(key: Any, node: Node, resolved: Resolved) -> Diagnostic | None:
    if (key,) in resolved.referenced or (node.incomplete and not node.value):
        return None
    close = did_you_mean(str(key), root_keys(), cutoff=0.75)
    message = f"`{key}` is not a key that `{resolved.composed.operation}` reads"
    if not isinstance(key, str):
        return Diagnostic("SER309", f"a root key must be text, not `{key}`", node.blame_key(), str(key))
    mend = close or "take it out, or refer to it with `${" + key + "}`"
    severity = Severity.ERROR if close else RULES["SER308"].severity
    return Diagnostic("SER308", message, node.blame_key(), key, mend, severity=severity)


def _mode_faults(resolved: Resolved) -> list[Diagnostic]:
    node, operation = resolved.root.get("mode"), resolved.composed.operation
    if node is None or node.value in (None, operation) or node.value not in OPERATION_SCHEMAS:
        return []
    message = f"`mode` is `{node.value}`, but this is `{operation}`"
    return [
        Diagnostic("SER309", message, node.place, "mode", f"take it out, or call `serotiny {node.value}`")
    ]


def _location_faults(root: Node, project_root: str) -> list[Diagnostic]:
    faults: list[Diagnostic] = []
    mlflow = root.get("mlflow")
    pairs = (
        ("ckpt_path", root.get("ckpt_path"), fault_of_checkpoint_path),
        ("mlflow.tracking_uri", mlflow.get("tracking_uri") if mlflow else None, fault_of_tracking_uri),
    )
    for name, node, fault_of in pairs:
        if node is not None and isinstance(node.value, str):
            fault = fault_of(node.value, PurePosixPath(project_root))
            if fault:
                faults.append(Diagnostic("SER309", f"`{name}` {fault}", node.place, name))
    return faults


def _name_faults(root: Node) -> list[Diagnostic]:
    mlflow = root.get("mlflow")
    faults: list[Diagnostic] = []
    for key in ("run_name", "experiment_name"):
        node = mlflow.get(key) if mlflow else None
        if node is None:
            continue
        if isinstance(node.value, Unknown) and node.reference and "hydra:" in node.reference.text:
            message = f"`mlflow.{key}` is known only inside a job; it must be known before"
            faults.append(Diagnostic("SER401", message, node.place, f"mlflow.{key}"))
        elif isinstance(node.value, str) and (fault := fault_of_run_name(node.value)):
            faults.append(
                Diagnostic("SER401", f"`mlflow.{key}` cannot be a name: {fault}", node.place, f"mlflow.{key}")
            )
    return faults
