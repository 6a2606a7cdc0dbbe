"""The targets that the configs of a project name."""

from __future__ import annotations

from collections.abc import Iterator

from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.tree import Node


def named_targets(sources: Sources) -> Iterator[str]:
    """Every `_target_` in a config of the project, except within Hydra's own groups and keys."""
    for group in ("", *sources.groups()):
        if group.partition("/")[0] == "hydra":
            continue
        for option in sources.options(group):
            document = sources.document(f"{group}/{option}" if group else option)
            if document is not None:
                yield from _targets_in(document.root)


def _targets_in(root: Node) -> Iterator[str]:
    stack = [Node({key: child for key, child in root.children() if key != "hydra"})]
    while stack:
        node = stack.pop()
        target = node.get("_target_")
        if target is not None and isinstance(target.value, str) and "${" not in target.value:
            yield target.value
        stack.extend(child for _, child in node.children())
