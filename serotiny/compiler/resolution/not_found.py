"""Say that the key of an interpolation is not found, and what was meant by it."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from serotiny.compiler.hydra.names import HYDRA
from serotiny.compiler.lookup import MAX_SEARCHED, closest_keys, reach
from serotiny.compiler.syntax.references import key_references
from serotiny.compiler.syntax.resolvers import resolver_help
from serotiny.compiler.tree import Keys, Node, join, select, walk
from serotiny.diagnostics import Origin

_KEYS_SHOWN: Final = 12
_OTHER_SIGNS: Final = re.compile(r"[/_-]")


@dataclass(frozen=True, kw_only=True)
class NotFound:
    """What is told of a key that is not found.

    Attributes:
        message: the headline.
        fix: what to do, where no name is suggested.
        suggestion: the key that was meant.
        is_hydras: it is one of Hydra's settings, which no option of the config could give.
    """

    message: str
    fix: str | None = None
    suggestion: str | None = None
    is_hydras: bool = False


def named_as_hydras(key: str, target: Keys) -> NotFound:
    """What is told of `${hydra.job.name}`, which has to be `${hydra:job.name}`."""
    message = f"the interpolation key `{key}` is not found: Hydra's own settings are no part of the config"
    return NotFound(message=message, fix=f"write `${{hydra:{join(target[1:])}}}`", is_hydras=True)


def not_found(key: str, target: Keys, root: Node, firsts: Mapping[str, Keys]) -> NotFound | None:
    """What is told of a key; None where it may be in a part that could not be read.

    Args:
        key: as it is written.
        target: its keys from the root.
        root: the tree in which they are not.
        firsts: the `first_paths` of the tree.
    """
    depth, here = reach(root, target)
    above = (select(root, target[:count]) for count in range(depth))
    if here.incomplete or any(part is not None and part.incomplete for part in above):
        return None
    meant = _spelt_otherwise(root, target, depth) or closest_keys(root, target, firsts=firsts)
    if meant is not None and select(root, whole := (*meant, *target[len(meant) :])) is not None:
        meant = whole
    if meant is not None and _asks_for(key, select(root, meant)):
        others = (keys for keys in _named(root, target[-1]) if not _asks_for(key, select(root, keys)))
        meant = next(others, None)
    resolver = resolver_help(key) if depth == 0 else None
    if resolver is not None:
        meant = None
    elif key.startswith(f"{HYDRA}:") and meant is not None:
        meant = (f"{HYDRA}:{join(meant[1:])}",) if meant[0] == HYDRA else None
    where = (
        f"`{join(target[:depth])}` has no key `{target[depth]}`" if depth else "it is no key of the config"
    )
    return NotFound(
        message=f"the interpolation key `{key}` is not found: {where}",
        fix=None if meant is not None else resolver or _what_there_is(join(target[:depth]), here),
        suggestion=None if meant is None else join(meant),
    )


def _spelt_otherwise(root: Node, target: Keys, depth: int) -> Keys | None:
    """The keys in which a step was meant to be two, as `model/width` or `model_width` for `model.width`."""
    step = str(target[depth])
    for sign in _OTHER_SIGNS.finditer(step):
        steps = filter(None, (step[: sign.start()], step[sign.end() :]))
        keys = (*target[:depth], *steps, *target[depth + 1 :])
        if select(root, keys) is not None:
            return keys
    return None


def _named(root: Node, name: Hashable) -> Iterator[Keys]:
    """Where a tree has a key of this name, of the nodes that are looked at."""
    return (keys for keys, _ in islice(walk(root), MAX_SEARCHED) if keys and keys[-1] == name)


def _asks_for(key: str, node: Node | None) -> bool:
    """Whether a value is itself written with an interpolation of a key."""
    return (
        node is not None
        and isinstance(node.value, str)
        and any(found.key == key for found in key_references(node.value))
    )


def _what_there_is(where: str, parent: Node) -> str:
    """The keys that an interpolation may name instead, as a help."""
    children = list(parent.children())
    # what only a schema gives is known to who knows the schema
    written = [key for key, node in children if node.place.origin is not Origin.DEFAULT]
    names = [f"`{key}`" for key in written or (key for key, _ in children)]
    if not names:
        return f"give `{where}` that key, or name another" if where else "name a key of the config"
    shown = f"{', '.join(names[:_KEYS_SHOWN])}{' …' if len(names) > _KEYS_SHOWN else ''}"
    return f"`{where}` has {shown}" if where else f"the config has {shown}"
