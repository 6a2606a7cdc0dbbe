"""Where importing a module fails, though its source is valid."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from serotiny.targets.signature import BrokenModule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from serotiny.targets.modules.module import Module


def broken_at(
    node: ast.expr | ast.alias, module: Module, reason: str, missing: str, candidates: Iterable[str]
) -> BrokenModule:
    """A module that asks in vain, at a node of its source, for the name `missing`."""
    return BrokenModule(
        name=module.name,
        file=str(module.location.source),
        line=node.lineno,
        column=node.col_offset + 1,
        reason=reason,
        missing=missing,
        candidates=tuple(candidates),
    )
