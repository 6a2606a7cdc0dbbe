"""Explain a value: the places that set it, its type and its documentation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from serotiny.compiler.job import Job
from serotiny.compiler.lookup import closest_keys, reach
from serotiny.compiler.queries.known_keys import KnownKey, KnownKeys
from serotiny.compiler.resolution.grammar import is_interpolated
from serotiny.compiler.syntax.references import absolute_keys, environment_names, key_references
from serotiny.compiler.tree import Keys, Node, Unknown, join, select, split, walk
from serotiny.credentials.known import KnownSecrets
from serotiny.diagnostics import Origin, Place, closest


@dataclass(frozen=True, kw_only=True)
class Referent:
    """What an interpolation refers to: a key with its value, or an environment variable without its value.

    Attributes:
        name: the key, or the variable's name.
        value: the key's value, with credentials masked; None for a variable.
        place: what set it.
        text: the interpolation, as written.
        written_at: the place of the interpolation.
    """

    name: str
    text: str
    written_at: Place
    value: Any = None
    place: Place | None = None
    is_variable: bool = False


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What is known about one key.

    Attributes:
        key: its dotted path.
        value: plain data; values from the environment are given as written, credentials masked.
        is_set: whether the config sets it; otherwise `value` is the default of the code.
        known: its declaration in the target's signature or in a schema.
        set_by: the places that set it, oldest first; the last one counts.
        referents: the keys and variables that it is interpolated from, directly and indirectly.
    """

    key: str
    value: Any
    is_set: bool
    is_secret: bool
    known: KnownKey | None
    set_by: tuple[Place, ...]
    referents: tuple[Referent, ...]


@dataclass(frozen=True)
class UnknownKey:
    """A key that does not exist; `suggestion` is a similar one, or else `beside` is what there is in its place."""

    key: str
    suggestion: str | None
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TreeRow:
    """One value of the whole config: its keys, its text unless it is a container, and what set it."""

    keys: Keys
    value: Any
    is_container: bool
    place: Place
    reference: str | None = None


def explain_key(job: Job, known_keys: KnownKeys, key: str) -> Explanation | UnknownKey:
    """Explain one key of a job, set or only declared."""
    root, written = job.resolved.root, job.composed.root
    keys = _as_keys(root, key)
    node = select(root, keys)
    known = known_keys.at(root, job.composed.schema, keys)
    declared = known_keys.under(root, job.composed.schema, keys[:-1])
    if node is None and (known is None or all(item.name != keys[-1] for item in declared)):
        return _unknown(job, known_keys, key, keys)
    if node is None:
        assert known is not None
        return Explanation(
            key=join(keys),
            value=known.default,
            is_set=False,
            is_secret=False,
            known=known,
            set_by=(),
            referents=(),
        )
    credentials = KnownSecrets.written_in(root.plain(), root.logged())
    secret = any(
        step.is_secret
        for step in (select(root, keys[:depth]) for depth in range(1, len(keys) + 1))
        if step is not None
    )
    return Explanation(
        key=join(keys),
        value=credentials.mask_within(_shown(root, keys, node, secret)),
        is_set=True,
        is_secret=secret,
        known=known,
        set_by=places_of(node),
        referents=tuple(
            replace(found, value=credentials.mask_within(found.value))
            for found in _referents(root, written, keys)
        ),
    )


def places_of(node: Node) -> tuple[Place, ...]:
    """The places that set a value, oldest first, each once.

    For a mapping these are the places that added something to it; the places of its values are separate.
    """
    places = [place for place in (*node.history, node.written_at) if place.origin is not Origin.ENVIRONMENT]
    return tuple(dict.fromkeys(places))


def explain_tree(job: Job) -> list[TreeRow]:
    """The whole config of a job, parents first, each value with what set it."""
    rows: list[TreeRow] = []
    root = job.resolved.root
    credentials = KnownSecrets.written_in(root.plain(), root.logged())
    for keys, node in walk(root):
        if not keys:
            continue
        is_container = bool(isinstance(node.value, dict | list) and node.value)
        text = node.reference.text if node.reference is not None else None
        rows.append(
            TreeRow(
                keys=keys,
                value=None if is_container else credentials.mask_within(node.logged(keys[-1])),
                is_container=is_container,
                place=node.written_at,
                reference=text,
            )
        )
    return rows


def _shown(root: Node, keys: Keys, node: Node, secret: bool) -> Any:
    if not secret or node.reference is not None:
        return node.logged(keys[-1])
    for depth in range(len(keys) - 1, 0, -1):  # a part of what comes from the environment
        outer = select(root, keys[:depth])
        if outer is not None and outer.reference is not None:
            return outer.reference.text
    return None


def _as_keys(root: Node, key: str) -> Keys:
    """The path of a dotted key, list indices as numbers."""
    keys: list[Any] = []
    node: Node | None = root
    for step in split(key):
        part: Any = step
        if node is not None and node.is_list and step.lstrip("-").isdigit():
            part = int(step)
        elif node is not None and node.is_mapping and node.get(step) is None:
            part = next((name for name in node.value if str(name) == step), step)
        keys.append(part)
        node = select(node, (part,)) if node is not None else None
    return tuple(keys)


def _referents(root: Node, written: Node, keys: Keys) -> Iterator[Referent]:
    """What the value at `keys` is interpolated from, directly and indirectly, each interpolation once."""
    pending, seen = [keys], set[Keys]()
    while pending:
        at = pending.pop(0)
        if at in seen:
            continue
        seen.add(at)
        here, node = _interpolated(written, at)
        if node is None:
            continue
        text = str(node.value)
        for name in environment_names(text):
            yield Referent(name=name, text=text, written_at=node.place, is_variable=True)
        for reference in key_references(text):
            target = absolute_keys(reference.key, here)
            if target is None:
                continue
            target = _as_keys(root, join(target))
            found = select(root, target)
            last = target[-1] if target else None
            value = None if found is None or isinstance(found.value, Unknown) else found.logged(last)
            place = places_of(found)[-1] if found is not None and places_of(found) else None
            yield Referent(name=join(target), text=text, written_at=node.place, value=value, place=place)
            pending.append(target)


def _interpolated(written: Node, keys: Keys) -> tuple[Keys, Node | None]:
    """The first node on the path `keys` that is written as an interpolation."""
    for depth in range(1, len(keys) + 1):
        node = select(written, keys[:depth])
        if node is None:
            break
        if is_interpolated(node.value):
            return keys[:depth], node
    return keys, None


def _unknown(job: Job, known_keys: KnownKeys, key: str, keys: Keys) -> UnknownKey:
    """With the closest key that is set or declared, wherever it is; where none is, with those that may stand there."""
    root = job.resolved.root
    depth, parent = reach(root, keys)
    declared = [known.name for known in known_keys.under(root, job.composed.schema, keys[:depth])]
    meant = closest_keys(root, keys, declared)
    if meant is not None:
        whole = (*meant, *keys[len(meant) :])
        is_there = (
            select(root, whole) is not None or known_keys.at(root, job.composed.schema, whole) is not None
        )
        return UnknownKey(key, join(whole if is_there else meant))
    if depth == 0:
        return UnknownKey(key, closest(join(keys), [join(path) for path, _ in walk(root) if path]))
    names = dict.fromkeys([*(str(name) for name, _ in parent.children()), *declared])
    beside = tuple(join((*keys[:depth], name)) for name in names if not name.startswith("_"))
    return UnknownKey(key, None, beside)
