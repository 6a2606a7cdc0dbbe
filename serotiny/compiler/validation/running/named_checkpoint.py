"""Judge the checkpoint files that jobs name before they start, and before anything large is imported."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.target_nodes import shown
from serotiny.compiler.tree import Node
from serotiny.diagnostics import Diagnostic, Place
from serotiny.filesystem import is_file
from serotiny.reads import file_state


def refused_checkpoints(jobs: Sequence[Resolved], *, are_empty: bool) -> tuple[Diagnostic, ...]:
    """SER309 for each `ckpt_path` that is a file which cannot, or must not, be read; each is judged once.

    A name of one of the run's own checkpoints, such as `best`, is the run's to look up.

    Args:
        jobs: sound ones.
        are_empty: judge empty files alone, rather than the others: an empty one stands for a checkpoint that is put
            there before the jobs are run.
    """
    naming: dict[tuple[str, Place], tuple[Node, Path, list[int]]] = {}
    for index, resolved in enumerate(jobs):
        node = resolved.root.get("ckpt_path")
        if node is not None and isinstance(node.value, str) and resolved.composed.operation is not None:
            file = resolved.composed.project.root / Path(node.value).expanduser()
            naming.setdefault((node.value, node.place), (node, file, []))[2].append(index)
    told = [
        (_refused(node, file), indexes)
        for node, file, indexes in naming.values()
        if is_file(file) and _is_empty(file) == are_empty
    ]
    return tuple(replace(fault, jobs=tuple(indexes)) for fault, indexes in told if fault is not None)


def _is_empty(file: Path) -> bool:
    state = file_state(os.fspath(file))
    return state is not None and state[0] == 0


def _refused(node: Node, file: Path) -> Diagnostic | None:
    # imports zipfile, which few calls need
    from serotiny.checkpoint_pickle import fault_of_checkpoint

    fault = fault_of_checkpoint(file)
    if fault is None:
        return None
    message = f"the checkpoint `{shown(node)}` {fault}"
    fix = "name a checkpoint that Lightning has written, and that nobody has changed since"
    return Diagnostic("SER309", message, node.place, "ckpt_path", help=fix)
