"""The values that differ between two configs, and what set them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from serotiny.compiler.queries.explain import places_of
from serotiny.compiler.tree import Keys, Node, join, select
from serotiny.diagnostics import DEFAULT, Place
from serotiny.plain_config import canonical, leaves


class Absent(Enum):
    """Stands where one side has no value."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True)
class Side:
    """One of the two configs.

    Attributes:
        name: what the user called it.
        config: plain data, with credentials masked.
        root: the tree with the places of the values, when there is one.
    """

    name: str
    config: dict[str, Any]
    root: Node | None = None

    def place(self, keys: Keys) -> Place | None:
        """What set the value at `keys`; a schema default when the tree has none."""
        if self.root is None:
            return None
        node = select(self.root, keys)
        places = places_of(node) if node is not None else ()
        return places[-1] if places else DEFAULT


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One key with its two values, each `ABSENT` where the side has none, and what set them."""

    key: str
    left: Any
    right: Any
    left_place: Place | None = None
    right_place: Place | None = None


def diff(left: Side, right: Side) -> list[Difference]:
    """The values that differ, in the left's order, then what only the right has.

    Values are compared and not their spelling: `1e-3` is `0.001`, and `1` is `1.0`. A list without
    mappings in it is one value.
    """
    ours, theirs = dict(leaves(left.config, _holds_mapping)), dict(leaves(right.config, _holds_mapping))
    found: list[Difference] = []
    for keys in dict.fromkeys((*ours, *theirs)):
        first, second = ours.get(keys, ABSENT), theirs.get(keys, ABSENT)
        if (
            _same(first, second)
            or _stands_for_parts(keys, first, theirs)
            or _stands_for_parts(keys, second, ours)
        ):
            continue
        found.append(
            Difference(
                key=join(keys),
                left=first,
                right=second,
                left_place=None if first is ABSENT else left.place(keys),
                right_place=None if second is ABSENT else right.place(keys),
            )
        )
    return found


def _holds_mapping(items: Sequence[Any]) -> bool:
    return any(isinstance(item, dict) for item in items)


def _same(left: Any, right: Any) -> bool:
    if left is ABSENT or right is ABSENT:
        return left is right
    return json.dumps(canonical(left), sort_keys=True) == json.dumps(canonical(right), sort_keys=True)


def _stands_for_parts(keys: Keys, value: Any, other: dict[Keys, Any]) -> bool:
    """Whether an empty mapping or list is no difference of its own, since the other side has parts under the key."""
    return value in ({}, []) and any(keys == path[: len(keys)] and keys != path for path in other)
