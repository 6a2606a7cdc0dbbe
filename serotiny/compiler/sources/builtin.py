"""The configs that serotiny provides; with them, a project without any YAML is complete."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from serotiny.compiler.syntax.document import Document
from serotiny.compiler.tree import Node
from serotiny.diagnostics import DEFAULT
from serotiny.schemas.builtin_configs import stored_configs
from serotiny.schemas.names import OPERATIONS

BASES = {"trainer": "trainer/schema", "mlflow": "mlflow/schema"}
"""Group → the config with its schema's defaults, which all others of the group are merged over."""


@cache
def builtin_documents(own_layout: bool = True) -> Mapping[str, Document]:
    """What serotiny stores in Hydra's ConfigStore, as documents whose values come from schema defaults.

    Args:
        own_layout: with the operations; in another layout only the project's own files can be operations.
    """
    return {
        name: Document(file=f"{name}.yaml (built in)", root=_node(config))
        for name, config in stored_configs().items()
        if own_layout or name not in OPERATIONS
    }


def _node(value: Any) -> Node:
    if isinstance(value, Mapping):
        return Node({key: _node(item) for key, item in value.items()}, DEFAULT)
    if isinstance(value, list | tuple):
        return Node([_node(item) for item in value], DEFAULT)
    return Node(value, DEFAULT)
