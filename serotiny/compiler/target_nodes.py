"""The typed view of a resolved tree: its nodes with a `_target_`, and what stands where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from serotiny.compiler.project import Layout
from serotiny.compiler.tree import Keys, Node, Unknown, every, join, select
from serotiny.diagnostics import Place
from serotiny.schemas.fields import hydra_fields
from serotiny.targets import (
    TargetSignature,
    ValueType,
)

HYDRA_KEYS: Final[Mapping[str, ValueType]] = {key: field.type for key, field in hydra_fields().items()}
"""What Hydra itself reads of a node that it instantiates."""


_GIVE_WHAT_A_PATH_NAMES: Final = frozenset(
    f"hydra.utils.get_{kind}" for kind in ("class", "method", "object", "static_method")
)
"""Functions of Hydra that import what their `path` names, and give it to whoever takes their result."""


@dataclass(frozen=True, kw_only=True)
class TargetNode:
    """A node with a `_target_`, where it stands, and what its target accepts.

    Attributes:
        called_later: an ancestor has `_recursive_: false`, or is of a package that is not installed, so other code
            instantiates it, and may add parameters.
        is_nested: it stands in another node with a `_target_`.
        primary: the primary config of its job; empty where that is not known.
    """

    keys: Keys
    node: Node
    target: Node
    signature: TargetSignature
    called_later: bool = False
    is_nested: bool = False
    primary: str = ""

    @property
    def is_partial(self) -> bool:
        partial = self.node.get("_partial_")
        return partial is not None and partial.value is not False

    def place_key(self, key: Any) -> str:
        """The dotted path of one of its keys."""
        return join((*self.keys, key))

    def parameter_of(self, path: str) -> str:
        """The parameter that a dotted path in the node leads through."""
        return path.removeprefix(self.place_key("")).partition(".")[0].partition("[")[0]


@dataclass(frozen=True, slots=True)
class TargetPlace:
    """A mapping with a `_target_` and where it stands; `called_later` and `is_nested` as of a `TargetNode`."""

    keys: Keys
    node: Node
    called_later: bool
    is_nested: bool


def naming_key(node: Node) -> str:
    """The key of a node with a `_target_` that names what is imported: `_target_`, or `path` where that imports it."""
    target = node.value["_target_"].value
    return "path" if isinstance(target, str) and target in _GIVE_WHAT_A_PATH_NAMES else "_target_"


def target_places(root: Node, *, is_root_made: Callable[[], bool] = lambda: True) -> Iterator[TargetPlace]:
    """Every mapping with a `_target_`, parents first.

    Args:
        root: the node to search in.
        is_root_made: returns whether `root` is instantiated itself; called only if it has a target.
    """
    stack = [TargetPlace((), root, called_later=False, is_nested=False)]
    while stack:
        place = stack.pop()
        keys, node = place.keys, place.node
        recursive = node.get("_recursive_")
        is_target = node.get("_target_") is not None and (bool(keys) or is_root_made())
        if is_target:
            yield place
        later = place.called_later or (recursive is not None and recursive.value is False)
        nested = place.is_nested or is_target
        parts = [(key, child) for key, child in node.children() if child.is_mapping or child.is_list]
        stack.extend(TargetPlace((*keys, key), child, later, nested) for key, child in reversed(parts))


def signature_name(target: TargetNode) -> str:
    """The target as the config names it."""
    return str(target.target.value)


KINDS: Mapping[str, str] = {
    "model": "LightningModule",
    "data": "LightningDataModule",
    "trainer": "Trainer",
    "callbacks": "Callback",
    "logger": "Logger",
}
"""What stands where: Lightning's base class of each part of a layout."""


def callbacks_of(root: Node, layout: Layout) -> Node | None:
    """The node of the trainer's callbacks, of whatever form."""
    keys = layout.keys("callbacks")
    return select(root, keys) if keys is not None else None


def callback_nodes(root: Node, layout: Layout) -> Iterator[tuple[Keys, Node]]:
    """Each callback of the trainer: of a list, of a mapping of names, or the only one.

    In a layout where they stand beside the trainer, a script takes of them what has a `_target_`.
    """
    keys, callbacks = layout.keys("callbacks"), callbacks_of(root, layout)
    if keys is None or callbacks is None:
        return
    if callbacks.is_mapping and callbacks.get("_target_") is not None:
        yield keys, callbacks
        return
    beside = not is_under_trainer(layout, "callbacks")
    for key, child in callbacks.children():
        if not beside or child.get("_target_") is not None:
            yield (*keys, key), child


def holds_parts(keys: Keys, node: Node, layout: Layout) -> bool:
    """Whether a node is that of the callbacks or loggers which a script makes one by one, though it has a class itself.

    The class stands behind an empty key, which it is not indented below, or in another file than those of the others.
    """
    target = node.get("_target_")
    if target is None or not any(
        layout.keys(part) == keys and not is_under_trainer(layout, part) for part in ("callbacks", "logger")
    ):
        return False
    made = [child for _, child in node.children() if child.is_mapping and child.get("_target_") is not None]
    place = target.blame_key()
    apart = [child for child in made if child.blame_key().file != place.file]
    return bool(made) and (len(apart) == len(made) or empty_key_above(node, place) is not None)


def empty_key_above(node: Node, place: Place) -> str | None:
    """The key of a mapping that has no value, in the line above a place."""
    for key, child in node.children():
        at = child.key_place
        line = None if at is None else (at.file, at.line)
        if child.value is None and line == (place.file, (place.line or 0) - 1):
            return str(key)
    return None


def is_under_trainer(layout: Layout, part: str) -> bool:
    """Whether callbacks or loggers are an argument of the trainer's own node."""
    trainer = layout.keys("trainer")
    return trainer is not None and layout.keys(part) == (*trainer, part)


def derives(target: TargetNode, base: str) -> bool:
    """Whether the path of a target's class, or of one that it derives from, ends like this: Lightning has two packages."""
    return any(path.endswith(base) for path in target.signature.bases)


def argument(target: TargetNode, name: str) -> Node | None:
    """The node that gives a parameter, by name or in `_args_`; None when the config does not give it."""
    given = target.node.get(name)
    arguments = target.node.get("_args_")
    if given is not None or arguments is None or not arguments.is_list:
        return given
    takes = [item.name for item in target.signature.positional]
    index = takes.index(name) if name in takes else len(takes)
    return arguments.value[index] if index < len(arguments.value) else None


def argument_or_default(target: TargetNode, name: str) -> Any:
    """The plain value that a parameter gets; `Unknown` where it cannot be told."""
    node = argument(target, name)
    if node is not None:
        return plain(node)
    parameter = target.signature.parameter(name)
    if parameter is None or parameter.default is None or not parameter.default.literal:
        return Unknown()
    return parameter.default.value


def plain(node: Node) -> Any:
    """The plain value of a node; `Unknown` when a part of it is."""
    return Unknown() if any(isinstance(item.value, Unknown) for item in every(node)) else node.plain()


def shown(node: Node) -> str:
    """A scalar as a message may show it: what comes from the environment as it was written."""
    if node.reference is not None and node.reference.secret:
        return node.reference.text
    return str(node.value)


def via(node: Node) -> tuple[str, ...]:
    """A note that names the interpolation, when the value was written elsewhere."""
    reference = node.reference
    if reference is None or reference.place == node.place:
        return ()
    return (f"reached through `{reference.text}` at {reference.place}",)
