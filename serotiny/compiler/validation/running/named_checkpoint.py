"""Judge the checkpoint files that jobs name before they start, and before anything large is imported."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from serotiny.checkpoint_pickle import fault_of_checkpoint
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.target_nodes import shown
from serotiny.compiler.tree import Node
from serotiny.diagnostics import Diagnostic, Place
from serotiny.filesystem import is_file


def refused_checkpoints(jobs: Iterable[Resolved]) -> tuple[Diagnostic, ...]:
    """SER309 for each `ckpt_path` that is a file which cannot, or must not, be read; each is judged once.

    A name of one of the run's own checkpoints, such as `best`, is the run's to look up.
    """
    found: dict[tuple[str, Place], Diagnostic | None] = {}
    for resolved in jobs:
        node = resolved.root.get("ckpt_path")
        if node is not None and isinstance(node.value, str) and (node.value, node.place) not in found:
            file = resolved.composed.project.root / Path(node.value).expanduser()
            found[node.value, node.place] = _refused(node, file) if is_file(file) else None
    return tuple(fault for fault in found.values() if fault is not None)


def _refused(node: Node, file: Path) -> Diagnostic | None:
    fault = fault_of_checkpoint(file)
    if fault is None:
        return None
    message = f"the checkpoint `{shown(node)}` {fault}"
    fix = "name a checkpoint that Lightning has written, and that nobody has changed since"
    return Diagnostic("SER309", message, node.place, "ckpt_path", help=fix)
