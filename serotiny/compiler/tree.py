"""The config as a tree in which every value keeps the place where it was set."""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from serotiny.credentials.detection import without_credential
from serotiny.diagnostics import NOWHERE, Place
from serotiny.plain_config import Keys as Keys  # a tree's keys are those of the data that it stands for
from serotiny.plain_config import join as join

_OPENING: Final = re.compile(r"(\\*)\$\{")

MISSING: Final = "???"
"""OmegaConf's mark of a missing value, which another config or an override must set."""


class Unknown:
    """The value of a node that is not known: it is at fault, or only a running job has it."""

    def __repr__(self) -> str:
        return "<unknown>"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True)
class Reference:
    """The interpolation that a value came from.

    Attributes:
        text: as written.
        place: where it is written; the node's own place is then the referent's.
        variables: those of the environment that a part of the value comes from.
    """

    text: str
    place: Place
    variables: frozenset[str] = frozenset()

    @property
    def secret(self) -> bool:
        """Whether a part of the value comes from the environment, so that it is never shown or logged."""
        return bool(self.variables)


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its history. Immutable: composing makes new nodes, and shares those that do not change.

    Attributes:
        value: a scalar, or `dict[key, Node]`, or `list[Node]`; never changed after it was made.
        place: the span that set the value.
        key_place: the span of its key; None in lists, at the root and in overrides' inner parts.
        history: the places that set it before, oldest first.
        incomplete: a part of its content could not be read, so nothing in it may be called missing.
        reference: the interpolation that gave the value, once it is resolved.
        written: the text of a scalar that YAML or Hydra does not read as text.
        replaced: the earlier text, where another value has replaced it.
    """

    value: Any
    place: Place = NOWHERE
    key_place: Place | None = None
    history: tuple[Place, ...] = ()
    incomplete: bool = False
    reference: Reference | None = None
    written: str | None = None
    replaced: str | None = None

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        return isinstance(self.value, list)

    @property
    def is_missing(self) -> bool:
        """Whether the value is `???`."""
        return isinstance(self.value, str) and self.value == MISSING

    @property
    def is_secret(self) -> bool:
        """Whether an interpolation gave it a value of the environment, which is never shown or logged."""
        return self.reference is not None and self.reference.secret

    def with_value(self, value: Any) -> Node:
        """The node with another value; `replace` takes twice as long."""
        return Node(
            value,
            self.place,
            self.key_place,
            self.history,
            self.incomplete,
            self.reference,
            self.written,
            self.replaced,
        )

    def get(self, key: Hashable) -> Node | None:
        """The child under `key`; None when this is no mapping or has no such key."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def children(self) -> Iterator[tuple[Any, Node]]:
        """Keys (or indices) and child nodes; nothing for a scalar."""
        if isinstance(self.value, dict):
            yield from self.value.items()
        elif isinstance(self.value, list):
            yield from enumerate(self.value)

    def plain(self) -> Any:
        """The value as plain Python data; unknown values are given as they were written."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        if isinstance(self.value, Unknown):
            return self.reference.text if self.reference else None
        return self.value

    def logged(self, key: Hashable = None) -> Any:
        """As `plain`, with values from the environment as they were written, and credentials as `***`.

        The result can be read as a config: `${` in a text that is no interpolation is escaped.

        Args:
            key: the node's key, which may mark the value as a credential.
        """
        if self.reference is not None and self.reference.secret:
            return self.reference.text
        if isinstance(self.value, dict):
            return {name: child.logged(name) for name, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.logged() for child in self.value]
        if isinstance(self.value, str):
            return without_credential(key, escaped(self.value))
        return without_credential(key, self.plain())

    @property
    def written_at(self) -> Place:
        """The place where the value is written; that of an interpolation, not of its referent."""
        return self.reference.place if self.reference is not None else self.place

    def blame_key(self) -> Place:
        """The span to underline when the key is at fault rather than the value."""
        return self.key_place or self.place


def escaped(text: str) -> str:
    r"""A text escaped for OmegaConf: `${` as `\${`, with the backslashes before it doubled."""
    return _OPENING.sub(r"\1\1\\${", text) if "${" in text else text


EMPTY: Final = Node({})


Merged = dict[tuple[int, int], tuple[Node, Node, Node]]
"""Results of merging, by the identities of the two nodes, which are kept so that no others can get these."""


def merge(base: Node | None, top: Node, known: Merged | None = None) -> Node:
    """`top` merged over `base` as by OmegaConf: mappings key by key, everything else replaced.

    `???` over a value changes nothing.

    Args:
        base: what is below; None when there is nothing.
        top: what is laid over it.
        known: earlier results, so that merging the same two nodes again gives the same object.
    """
    if base is None:
        return top
    if known is None:
        return _merged(base, top, None)
    key = (id(base), id(top))
    if key not in known:
        known[key] = (base, top, _merged(base, top, known))
    return known[key][2]


def _merged(base: Node, top: Node, known: Merged | None) -> Node:
    if top.is_mapping and base.is_mapping:
        merged = dict(base.value)
        for key, child in top.value.items():
            merged[key] = merge(merged.get(key), child, known)
        return Node(
            merged,
            top.place,
            key_place=top.key_place or base.key_place,
            history=(*base.history, base.place),
            incomplete=base.incomplete or top.incomplete,
        )
    if top.is_missing:
        return base
    return instead(base, top)


def instead(base: Node, top: Node) -> Node:
    """`top` in place of `base`, whose places become part of its history."""
    is_other = isinstance(base.value, str) and base.value != top.value
    return replace(
        top,
        history=(*base.history, base.place, *top.history),
        incomplete=top.incomplete,
        replaced=base.value if is_other else base.replaced,
    )


def clashes(base: Node, top: Node, keys: Keys = ()) -> Iterator[tuple[Keys, Node, Node]]:
    """The keys at which a list would be merged over a mapping or the reverse, which OmegaConf refuses."""
    # an incomplete mapping may stand for a config that could not be read, and that may hold a list
    if (base.is_mapping and top.is_list and not base.incomplete) or (
        base.is_list and top.is_mapping and not (top.incomplete and not top.value)
    ):
        yield keys, base, top
    elif base.is_mapping and top.is_mapping:
        for key, child in top.value.items():
            below = base.get(key)
            if below is not None:
                yield from clashes(below, child, (*keys, key))


def nest(keys: Keys, node: Node) -> Node:
    """A tree of mappings with `node` at `keys`."""
    for key in reversed(keys):
        node = Node({key: node}, node.place, key_place=None, history=(), incomplete=False)
    return node


def select(root: Node, keys: Keys) -> Node | None:
    """The node at `keys`; None when there is none."""
    node: Node | None = root
    for key in keys:
        if node is None:
            return None
        if isinstance(node.value, list):
            index = as_index(key, len(node.value))
            node = node.value[index] if index is not None else None
        else:
            node = node.get(key)
    return node


def as_index(key: Hashable, length: int) -> int | None:
    """A list index given as text or number; None when it is none or out of range."""
    try:
        index = int(str(key))
    except ValueError:
        return None
    return index if -length <= index < length else None


def replace_at(root: Node, keys: Keys, node: Node | None) -> Node:
    """The tree with `node` at `keys`, or without that key for None. All keys but the last must exist or be mappings."""
    if not keys:
        assert node is not None
        return node
    head, rest = keys[0], keys[1:]
    if isinstance(root.value, list):
        index = as_index(head, len(root.value))
        assert index is not None
        items = list(root.value)
        if not rest and node is None:
            del items[index]
        else:
            items[index] = replace_at(items[index], rest, node)
        return root.with_value(items)
    children = dict(root.value) if isinstance(root.value, dict) else {}
    if not rest and node is None:
        children.pop(head, None)
    else:
        children[head] = replace_at(children.get(head, EMPTY), rest, node)
    return root.with_value(children)


def ends_with(keys: Keys, path: Keys) -> bool:
    """Whether `path` is the last part of `keys`; an empty path always is."""
    return keys[max(0, len(keys) - len(path)) :] == path


def split(path: str) -> tuple[str, ...]:
    """The keys of a dotted path; `a[b].c` and `a.b.c` are the same."""
    return tuple(part for part in path.replace("[", ".").replace("]", "").split(".") if part)


def walk(node: Node, keys: Keys = ()) -> Iterator[tuple[Keys, Node]]:
    """The node and everything under it, parents first, with their keys (ints are list indices)."""
    # a stack, since generators within generators hand each node up through every level
    rest = [(keys, node)]
    while rest:
        keys, node = rest.pop()
        yield keys, node
        if node.is_mapping or node.is_list:
            below = [((*keys, key), child) for key, child in node.children()]
            rest += reversed(below)


def every(node: Node) -> Iterator[Node]:
    """The node and everything under it, parents first, as `walk` but without the keys, which take the time."""
    rest = [node]
    while rest:
        node = rest.pop()
        yield node
        if isinstance(node.value, dict):
            rest += reversed(node.value.values())
        elif isinstance(node.value, list):
            rest += reversed(node.value)


def is_unread(node: Node) -> bool:
    """Whether nothing of a node could be read."""
    if not node.value:
        return node.incomplete
    return node.is_mapping and all(is_unread(child) for child in node.value.values())


def without(node: Node, left_out: Collection[Keys]) -> Node:
    """The tree without the nodes at some keys."""
    if not left_out or not isinstance(node.value, dict | list):
        return node
    below = {
        key: without(child, [keys[1:] for keys in left_out if keys[0] == key and len(keys) > 1])
        for key, child in node.children()
        if (key,) not in left_out
    }
    return replace(node, value=below if node.is_mapping else [*below.values()])
