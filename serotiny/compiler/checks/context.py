"""What a check is given, and what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from serotiny.compiler.project import Project
from serotiny.compiler.target_nodes import TargetNode
from serotiny.compiler.tree import Keys, Node
from serotiny.diagnostics import Diagnostic
from serotiny.targets import SignatureReader


@dataclass(frozen=True)
class CheckContext:
    """One job's config, as far as it is sound.

    Attributes:
        root: the resolved tree. A node whose value is `Unknown` is at fault already or known only
            inside a job, and nothing may be said of it.
        targets: each node whose `_target_` was found and is trusted, by its key path
            (`("trainer", "callbacks", "best")`).
        project: whose config it is; relative paths count from its root.
        reader: what any other dotted path accepts.
    """

    root: Node
    targets: Mapping[Keys, TargetNode]
    project: Project
    reader: SignatureReader


Check = Callable[[CheckContext], Iterable[Diagnostic]]
"""Gives what is wrong with a config; imports nothing heavy, writes nothing, and keeps no state."""
