"""Stage two: interpolations become values; what cannot be resolved becomes a diagnostic."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from serotiny.compiler.composition.compose import Composed
from serotiny.compiler.project.environment import environment_of
from serotiny.compiler.resolution.evaluate import Evaluation, Failed, NoIndex
from serotiny.compiler.resolution.grammar import is_interpolated
from serotiny.compiler.tree import (
    MISSING,
    UNKNOWN,
    Keys,
    Node,
    Reference,
    Unknown,
    as_index,
    closest_keys,
    join,
    named_child,
    reach,
    walk,
)
from serotiny.diagnostics import Diagnostic

_ROOT_KEY = re.compile(r"\$\{(\w+)[.}]")


@dataclass(frozen=True)
class Resolved:
    """One job's config with every interpolation that can be resolved before a job runs.

    Attributes:
        composed: the stage before.
        root: the tree; a value from an interpolation carries its `reference`, and one that failed or
            is known only inside a job is `UNKNOWN`.
        referenced: the keys that interpolations ask for.
        diagnostics: SER2xx.
        unfound: each SER201 with the key that it looked for, from the root.
    """

    composed: Composed
    root: Node
    referenced: frozenset[Keys]
    diagnostics: tuple[Diagnostic, ...]
    unfound: tuple[tuple[Diagnostic, Keys], ...] = ()


def resolve(composed: Composed, environment: Mapping[str, str] | None = None) -> Resolved:
    """Resolve the interpolations of a composed config.

    Args:
        composed: the stage before.
        environment: what `oc.env` reads; the project's unless given.

    Returns:
        The tree and SER201 to SER206; `???` is SER203 where it stands.
    """
    resolver = _Resolver(
        composed.root, environment_of(composed.project) if environment is None else environment
    )
    root = resolver.resolve_at(())
    resolver.report_missing()
    referenced = resolver.referenced | _referenced_in(composed.hydra)
    return Resolved(
        composed, root, frozenset(referenced), tuple(resolver.faults), unfound=tuple(resolver.unfound)
    )


def _referenced_in(hydra: Node | None) -> set[Keys]:
    """The root keys that Hydra's own part refers to; it is resolved by Hydra, inside a job."""
    texts = [node.value for _, node in walk(hydra)] if hydra is not None else []
    found = [key for text in texts if is_interpolated(text) for key in _ROOT_KEY.findall(text)]
    return {(key,) for key in found}


@dataclass
class _Resolver:
    root: Node
    environment: Mapping[str, str]
    faults: list[Diagnostic] = field(default_factory=list)
    referenced: set[Keys] = field(default_factory=set)
    unfound: list[tuple[Diagnostic, Keys]] = field(default_factory=list)
    _done: dict[Keys, Node] = field(default_factory=dict)
    _active: list[Keys] = field(default_factory=list)
    _cycles: set[frozenset[Keys]] = field(default_factory=set)

    def resolve_at(self, keys: Keys) -> Node:
        node = self._raw(keys)
        assert node is not None
        return self._resolve(keys, node)

    def _resolve(self, keys: Keys, node: Node) -> Node:
        if keys in self._done:
            return self._done[keys]
        if not node.is_mapping and not node.is_list and not is_interpolated(node.value):
            return node
        if keys in self._active:
            self._report_cycle(keys)
            raise Failed
        self._active.append(keys)
        try:
            resolved = self._compute(keys, node)
        finally:
            self._active.pop()
        self._done[keys] = resolved
        return resolved

    def _compute(self, keys: Keys, node: Node) -> Node:
        if node.is_mapping:
            children = {key: self._child((*keys, key), child) for key, child in node.value.items()}
            return replace(node, value=children)
        if node.is_list:
            return replace(
                node, value=[self._child((*keys, index), item) for index, item in enumerate(node.value)]
            )
        return self._interpolate(keys, node)

    def _child(self, keys: Keys, node: Node) -> Node:
        if node.is_missing:
            return replace(node, value=UNKNOWN, reference=Reference(MISSING, node.place))
        try:
            return self._resolve(keys, node)
        except Failed:
            return replace(node, value=UNKNOWN, reference=Reference(str(node.value), node.place))

    def _interpolate(self, keys: Keys, node: Node) -> Node:
        evaluation = Evaluation(keys, node, self)
        value = evaluation.value()
        reference = Reference(node.value, node.place, evaluation.secret)
        if evaluation.unknown:
            return replace(node, value=UNKNOWN, reference=reference)
        found = _as_node(value, node, reference)
        return replace(found, key_place=node.key_place, history=node.history, reference=reference)

    def find(self, target: Keys, whole: bool = True) -> Node | None:
        """Follow `target` from the root; the path that was taken counts as referenced."""
        node, at = self.root, cast("Keys", ())
        for key in target:
            if is_interpolated(node.value):
                node = self._resolve(at, node)
            if isinstance(node.value, Unknown):
                raise Failed
            step: Hashable = key
            if node.is_list:
                index = as_index(key, len(node.value))
                if index is None and not key.lstrip("-").isdecimal():
                    raise NoIndex
                step, child = index, None if index is None else node.value[index]
            else:
                child = named_child(node, key)
            if child is None:
                return None
            node, at = child, (*at, step)
            self.referenced.add(at)
        return self._resolve(at, node) if whole or is_interpolated(node.value) else node

    def _raw(self, keys: Keys) -> Node | None:
        node: Node | None = self.root
        for key in keys:
            node = node.value[key] if node is not None else None
        return node

    # ---- faults ----

    def report(
        self,
        code: str,
        message: str,
        keys: Keys,
        node: Node,
        fix: str | None = None,
        suggestion: str | None = None,
    ) -> None:
        self.faults.append(Diagnostic(code, message, node.place, join(keys), help=fix, suggestion=suggestion))

    def report_not_found(self, key: str, target: Keys, keys: Keys, node: Node) -> None:
        depth, here = reach(self.root, target)
        if here.incomplete:
            return  # what is missing may stand in the part that could not be read
        meant = closest_keys(self.root, target)
        where = (
            f"`{join(target[:depth])}` has no key `{target[depth]}`"
            if depth
            else "it is no key of the config"
        )
        self.report(
            "SER201",
            f"the interpolation key `{key}` is not found: {where}",
            keys=keys,
            node=node,
            suggestion=None if meant is None else join(meant),
        )
        self.unfound.append((self.faults[-1], target))

    def _report_cycle(self, keys: Keys) -> None:
        chain = [*self._active[self._active.index(keys) :], keys]
        if frozenset(chain) in self._cycles:
            return
        self._cycles.add(frozenset(chain))
        steps = [step for step in chain[:-1] if is_interpolated(getattr(self._raw(step), "value", None))]
        names = [join(step) for step in steps]
        notes: list[str] = []
        for step in steps:
            raw = self._raw(step)
            assert raw is not None
            notes.append(f"`{join(step)}` is `{raw.value}` at {raw.place}")
        first = self._raw(steps[0])
        assert first is not None
        message = f"interpolation cycle: {' → '.join(f'`{name}`' for name in [*names, names[0]])}"
        self.faults.append(
            Diagnostic(
                "SER202", message, first.place, names[0], help="give one of them a value", notes=tuple(notes)
            )
        )

    def report_missing(self) -> None:
        """SER203 for every `???`, where it stands."""
        for keys, node in walk(self.root):
            if node.is_missing:
                name = join(keys)
                self.faults.append(
                    Diagnostic(
                        "SER203", f"`{name}` has no value", node.place, name, help=f"give it one: `{name}=…`"
                    )
                )


def _as_node(value: Any, written: Node, reference: Reference | None) -> Node:
    """What a resolver gave, at the place where that is written; each part of a secret is one."""
    if isinstance(value, Node):
        return value
    inner = reference if reference is not None and reference.secret else None
    if isinstance(value, dict):
        value = {key: _as_node(item, written, inner) for key, item in value.items()}
    elif isinstance(value, list | tuple):
        value = [_as_node(item, written, inner) for item in value]
    return Node(value, written.place, reference=reference)
