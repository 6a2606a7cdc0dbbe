"""Judge the checkpoint file that a job names before it starts, and before anything large is imported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from serotiny.checkpoint_pickle import fault_of_checkpoint
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.target_nodes import shown
from serotiny.diagnostics import Diagnostic
from serotiny.filesystem import is_file


def refused_checkpoint(resolved: Resolved) -> Iterator[Diagnostic]:
    """SER309 if `ckpt_path` is a file that cannot, or must not, be read.

    A name of one of the run's own checkpoints, such as `best`, is the run's to look up.
    """
    node = resolved.root.get("ckpt_path")
    if node is None or not isinstance(node.value, str):
        return
    file = resolved.composed.project.root / Path(node.value).expanduser()
    fault = fault_of_checkpoint(file) if is_file(file) else None
    if fault is not None:
        message = f"the checkpoint `{shown(node)}` {fault}"
        fix = "name a checkpoint that Lightning has written, and that nobody has changed since"
        yield Diagnostic("SER309", message, node.place, "ckpt_path", help=fix)
