"""SER308: a config that lacks the line `# @package _global_`, which every other one of its folder has."""

from __future__ import annotations

from collections.abc import Iterator

from serotiny.compiler.defaults.faults.entries import GLOBAL_LINE
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.document import Document
from serotiny.compiler.tree import Keys, Node, join
from serotiny.diagnostics import Diagnostic
from serotiny.schemas.names import GLOBAL_PACKAGE


def lost_packages(resolved: Resolved, sources: Sources) -> Iterator[Diagnostic]:
    """SER308 for each config of a job whose values lie in its folder's package, where those of its siblings do not.

    All that it gives are keys that a sibling or the rest of the job has at the root, and nothing reads its package.

    Args:
        resolved: the job.
        sources: the configs of the project.
    """
    composed = resolved.composed
    told = {fault.place.file for fault in composed.diagnostics if GLOBAL_LINE in (fault.help or "")}
    for config_path, package in composed.order:
        folder, _, option = config_path.rpartition("/")
        keys: Keys = tuple(folder.split("/"))
        document = sources.document(config_path)
        if not folder or package != ".".join(map(str, keys)) or document is None or document.file in told:
            continue
        own = _own_values(document)
        if document.package is not None or not own or _is_read(keys, resolved):
            continue
        beside = [sources.document(f"{folder}/{name}") for name in sources.options(folder) if name != option]
        siblings = [sibling for sibling in beside if sibling is not None and _own_values(sibling)]
        if not siblings or any(sibling.package != GLOBAL_PACKAGE for sibling in siblings):
            continue
        known = {*resolved.root.value, *(key for sibling in siblings for key in _own_values(sibling))}
        if known.issuperset(own):
            first = next(iter(own))
            message = f"`{first}` lands at `{join((*keys, first))}`, where nothing reads it"
            yield Diagnostic(
                "SER308",
                message,
                own[first].blame_key(),
                join((*keys, first)),
                help=f"write {GLOBAL_LINE} as the first line of {document.file}",
                notes=(f"the other configs in {folder}/ have that line",),
            )


def _own_values(document: Document) -> dict[object, Node]:
    """What a config gives, but for its defaults list."""
    given = document.root.value if document.root.is_mapping else {}
    return {key: node for key, node in given.items() if key != "defaults"}


def _is_read(package: Keys, resolved: Resolved) -> bool:
    return any(keys[: len(package)] == package for keys in resolved.referenced)
