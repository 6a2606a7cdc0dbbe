"""What of Hydra's own node is known before a job runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from serotiny.compiler.resolution.shared import SharedNodes
from serotiny.compiler.tree import Node, Reference, escaped, replace_at, select

ONLY_IN_JOB: Final = (("job", "id"), ("job", "num"), ("runtime", "output_dir"))
"""Keys of Hydra's node that have a value only in a running job."""

_MODE: Final = ("mode",)
"""Null until Hydra starts the job, and sets whether it belongs to a sweep."""


def before_job(tree: Node, job_number: int | None, shared: SharedNodes) -> Node:
    """Hydra's node with the keys that only a running job has as unknown, and the overrides as text."""
    number = select(tree, ("job", "num"))
    if number is not None and job_number is not None:
        tree = replace_at(tree, ("job", "num"), replace(number, value=job_number))
    for keys in (*ONLY_IN_JOB, _MODE):
        node = select(tree, keys)
        if node is not None and (node.is_missing or (keys == _MODE and node.value is None)):
            reference = Reference(f"${{hydra:{'.'.join(keys)}}}", node.place)
            tree = replace_at(tree, keys, shared.unknown(node, reference))
    overrides = tree.get("overrides")
    return tree if overrides is None else replace_at(tree, ("overrides",), _as_text(overrides))


def _as_text(node: Node) -> Node:
    if isinstance(node.value, dict):
        return replace(node, value={key: _as_text(child) for key, child in node.value.items()})
    if isinstance(node.value, list):
        return replace(node, value=[_as_text(child) for child in node.value])
    return replace(node, value=escaped(str(node.value)))
