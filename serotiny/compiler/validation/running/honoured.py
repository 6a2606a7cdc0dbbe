"""Find settings of another layout that only the project's own script implements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from serotiny.compiler.composition.compose import Composed
from serotiny.compiler.defaults.configs import Undecided
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.syntax.resolvers import RESOLVERS, resolver_names
from serotiny.compiler.tree import Node, join
from serotiny.compiler.validation.groups import recording_faults
from serotiny.diagnostics import Diagnostic, Place

_ROOT_KEYS: Final = frozenset({"train", "test", "predict", "seed", "ckpt_path", "extras", "optimized_metric"})
"""Root keys that serotiny implements as lightning-hydra-template's scripts do."""

_NAMES: Final = frozenset({"task_name", "tags", "paths", "mode"})
"""Root keys that describe a job and have no effect on it."""

_EXTRAS: Final = frozenset({"ignore_warnings", "enforce_tags", "print_config"})


def unhonoured(resolved: Resolved) -> Iterator[Diagnostic]:
    """Settings that have no effect when serotiny runs the job, unlike the project's own script.

    Returns:
        SER115 for a choice that a resolver of the project makes before the job is composed, and for a root
        key that serotiny does not know and no value refers to; SER116 if tags are enforced and there are none;
        SER301 to SER304, SER309 and SER401 for its own settings for recording the run.
    """
    composed = resolved.composed
    for found, place in composed.undecided:
        yield _left_open(found, place, "only the project's own script can tell")
    if composed.layout.is_own or composed.operation is None:
        return
    root, layout = resolved.root, composed.project.layout
    parts = {keys[0] for _, keys in layout.places}
    known = parts | _NAMES | {"sweep"} | (_ROOT_KEYS if layout.is_template else {"seed", "ckpt_path"})
    for key, node in root.value.items():
        if key not in known and (key,) not in resolved.referenced and not _is_empty(node):
            yield _passed_over((str(key),), node, composed.operation)
    yield from recording_faults(resolved)
    extras = root.get("extras")
    if layout.is_template and extras is not None and extras.is_mapping:
        for key, node in extras.value.items():
            if key not in _EXTRAS and not _is_empty(node):
                yield _passed_over(("extras", str(key)), node, composed.operation)
        yield from _missing_tags(root, extras)


def undecided_choices(composed: Composed) -> Iterator[Diagnostic]:
    """SER115 for each choice in serotiny's own layout that depends on when the job starts: `${now:%Y}`.

    Where a resolver of the project makes the choice, the project's own script may do so: only running tells of it
    (`unhonoured`).
    """
    if not composed.layout.is_own or any(fault.is_error for fault in composed.diagnostics):
        return
    for found, place in composed.undecided:
        if all(name in RESOLVERS for name in resolver_names(found.text)):
            yield _left_open(found, place, "is not known before the job starts")


def _left_open(found: Undecided, place: Place, why: str) -> Diagnostic:
    what = f"the option of `{found.group}`" if found.group else "a config of the defaults list"
    message = f"{what} is `{found.text}`, which {why}"
    fix = f"choose one in the call: `{found.group}=…`" if found.group else "run the project's own script"
    return Diagnostic("SER115", message, place, found.group, help=fix)


def _passed_over(keys: tuple[str, ...], node: Node, operation: str) -> Diagnostic:
    name = join(keys)
    message = f"`serotiny {operation}` does nothing with `{name}`, which the project's own script may read"
    fix = f"leave it out of this call (`~{name}`), or run the project's own script"
    return Diagnostic("SER115", message, node.blame_key(), name, help=fix)


def _missing_tags(root: Node, extras: Node) -> Iterator[Diagnostic]:
    enforced, tags = extras.get("enforce_tags"), root.get("tags")
    if enforced is None or enforced.value is not True or (tags is not None and tags.value):
        return
    place = (tags or enforced).place
    fix = 'give the job some: `tags=["dev"]`, or `extras.enforce_tags=false`'
    yield Diagnostic(
        "SER116", "`extras.enforce_tags` asks for `tags`, and there are none", place, "tags", help=fix
    )


def _is_empty(node: Node) -> bool:
    """Whether it asks for nothing: `null`, `false`, or nothing but that inside."""
    if node.is_mapping or node.is_list:
        return all(_is_empty(child) for _, child in node.children())
    return node.value is None or node.value is False
