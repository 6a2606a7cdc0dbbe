"""Resolve the interpolations of one tree, node by node; what cannot be resolved is reported where it stands."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from serotiny.compiler.hydra.names import HYDRA
from serotiny.compiler.limits import MAX_FAULTS
from serotiny.compiler.lookup import first_paths, named_child, reach
from serotiny.compiler.overrides.apply import Look, refused_after
from serotiny.compiler.overrides.quoting import for_shell
from serotiny.compiler.resolution.budget import Budget, Excess
from serotiny.compiler.resolution.evaluate import Evaluation, Failed, NoHydra, NoIndex
from serotiny.compiler.resolution.grammar import is_interpolated, may_call
from serotiny.compiler.resolution.not_found import NotFound, named_as_hydras, not_found
from serotiny.compiler.resolution.shared import SharedNodes
from serotiny.compiler.syntax.references import LONGEST_CHAIN, absolute_keys, key_references
from serotiny.compiler.tree import (
    MISSING,
    Keys,
    Node,
    Reference,
    Unknown,
    as_index,
    every,
    join,
    replace_at,
    split,
    walk,
)
from serotiny.diagnostics import Diagnostic

_NOT_EVALUATED = frozenset({"help", "hydra_help", "overrides", "runtime"})
"""Keys of Hydra's node that it reads as text, or fills in itself."""
_CHOSEN: Final = {
    "launcher": "basic",
    "sweeper": "basic",
    "job_logging": "default",
    "hydra_logging": "default",
}
"""Keys of Hydra's node that an option fills, each with the option of Hydra's own list."""


@dataclass(kw_only=True)
class Resolver:
    """The interpolations of one tree. Each node is resolved once, when it or what refers to it is asked for.

    Attributes:
        root: the tree, as composed.
        environment: what `oc.env` reads.
        now: the time that `now` returns.
        registered: the resolvers that the project's own code registers.
        shared: the resolved nodes of other jobs of the same call.
        hydra: that of Hydra's own node; None where nothing is said about Hydra.
        is_composing: the values are those that Hydra sees while it applies overrides.
        faults: SER2xx, as found so far.
        referenced: the keys that interpolations have asked for so far.
        unfound: each SER201 with the key that it looked for, from the root.
    """

    root: Node
    environment: Mapping[str, str]
    now: datetime
    registered: Callable[[], frozenset[str]]
    shared: SharedNodes
    hydra: Resolver | None = None
    is_composing: bool = False
    faults: list[Diagnostic] = field(default_factory=list)
    referenced: set[Keys] = field(default_factory=set)
    unfound: list[tuple[Diagnostic, Keys]] = field(default_factory=list)
    _done: dict[Keys, Node] = field(default_factory=dict)
    _failed: set[Keys] = field(default_factory=set)
    _active: dict[Keys, None] = field(default_factory=dict)
    _budget: Budget = field(init=False)
    _cycles: set[frozenset[Keys]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._budget = Budget(self.shared.sizes)

    @cached_property
    def firsts(self) -> dict[str, Keys]:
        """Where each key is first set, by its name."""
        return first_paths(self.root)

    def resolve_root(self) -> Node:
        """The whole tree; what fails, or is known only inside a job, is `UNKNOWN`."""
        self._count_written()
        return self._resolve((), self.root)

    def _count_written(self) -> None:
        """Count the values of the job as it is written, and tell the key at which they are too many."""
        for key, node in self.root.children():
            excess = self._budget.written(node)
            if excess is not None:
                self._report_excess(excess, keys=(key,), node=node)
                return

    def resolve_hydra(self, report_missing: bool) -> Node:
        """Hydra's own node, resolved as far as Hydra itself will evaluate it."""
        own: Node = self.root.value[HYDRA]
        children = dict(own.value)
        for key, node in own.value.items():
            if key not in _NOT_EVALUATED:
                children[key] = self._child((HYDRA, key), node)
                if report_missing and node.is_missing and key in _CHOSEN:
                    self._report_not_chosen(str(key), node)
                elif report_missing:
                    self.report_missing((HYDRA, key))
        return replace(own, value=children)

    def _report_not_chosen(self, part: str, node: Node) -> None:
        """SER203 for a part of Hydra's node that an option fills, of which none is chosen."""
        name, group = join((HYDRA, part)), f"{HYDRA}/{part}"
        message = f"`{name}` has no value: no option of `{group}` is chosen"
        fix = f"take that out, or choose one: `{group}={_CHOSEN[part]}`"
        self.faults.append(Diagnostic("SER203", message, node.place, name, help=fix))

    def faults_of(self, look: Look) -> Iterator[Diagnostic]:
        """What keeps Hydra from resolving what an override looks at; nothing where a resolver of the project decides."""
        then = Resolver(
            root=look.root,
            environment=self.environment,
            now=self.now,
            registered=self.registered,
            shared=self.shared,
            is_composing=True,
        )
        keys = split(look.argument.parsed.key_or_group)
        seen = look.root
        with suppress(Failed, NoIndex):
            for depth in range(len(look.keys), len(keys) + 1):
                found = then.find(keys[:depth])
                if found is None or isinstance(found.value, Unknown):
                    break
                seen = replace_at(seen, keys[:depth], found)
        if not then.faults:
            yield from refused_after(look, seen)
        text = look.argument.text
        note = f"Hydra resolves it before `{text}` is applied"
        if look.argument.parsed.adds:
            note += f"; `{for_shell(f'+{text}')}` sets it unseen"
        for fault in then.faults:
            yield replace(fault, notes=(*fault.notes, note))

    def find_in_hydra(self, target: Keys) -> Node | None:
        if self.hydra is None:
            raise NoHydra
        return self.hydra.find((HYDRA, *target))

    def _resolve(self, keys: Keys, node: Node) -> Node:
        if keys in self._done:
            return self._done[keys]
        if not node.is_mapping and not node.is_list:
            if not is_interpolated(node.value):
                return node
        elif self.shared.is_plain(node):
            return node
        if keys in self._failed:
            raise Failed
        if keys in self._active:
            self._report_cycle(keys)
            raise Failed
        self._active[keys] = None
        try:
            resolved = self._compute(keys, node)
        except Failed:
            self._failed.add(keys)
            raise
        finally:
            self._active.popitem()
        self._done[keys] = resolved
        return resolved

    def _compute(self, keys: Keys, node: Node) -> Node:
        if self.is_composing and (node.is_mapping or node.is_list):
            return node  # Hydra does not look into it
        if node.is_mapping:
            children = {key: self._child((*keys, key), child) for key, child in node.value.items()}
            # without an interpolation the node stays the same object, which the jobs of a sweep share
            is_same = all(children[key] is child for key, child in node.value.items())
            return self.shared.plain(node) if is_same else self.shared.with_children(node, children)
        if node.is_list:
            items = [self._child((*keys, index), item) for index, item in enumerate(node.value)]
            is_same = all(item is child for item, child in zip(items, node.value, strict=True))
            return self.shared.plain(node) if is_same else self.shared.with_children(node, items)
        return self._interpolate(keys, node)

    def _child(self, keys: Keys, node: Node) -> Node:
        if node.is_missing:
            return self.shared.unknown(node, Reference(MISSING, node.place))
        try:
            return self._resolve(keys, node)
        except Failed:
            return self.shared.unknown(node, Reference(str(node.value), node.place))

    def _interpolate(self, keys: Keys, node: Node) -> Node:
        # what a resolver gives may be made anew each time; a reference to a key is cheap, and says that it is used
        if self._has_enough or (self._budget.is_spent and may_call(node.value)):
            raise Failed
        self._refuse(self._budget.parsed(node.value), keys, node)
        evaluation = Evaluation(keys=keys, node=node, scope=self)
        value = evaluation.value()
        reference = Reference(node.value, node.place, evaluation.variables)
        if evaluation.unknown:
            return self.shared.unknown(node, reference)
        found = as_node(value, node, reference)
        self._refuse(self._budget.inserted(found, keys), keys, node)
        return self.shared.with_referent(node, found, reference)

    def _refuse(self, excess: Excess | None, keys: Keys, node: Node) -> None:
        if excess is not None:
            self._report_excess(excess, keys, node)
            raise Failed

    def _report_excess(self, excess: Excess, keys: Keys, node: Node) -> None:
        if excess.message is not None:
            self.report("SER210", excess.message, keys=keys, node=node, fix=excess.fix)

    def find(self, target: Keys, whole: bool = True) -> Node | None:
        """Follow `target` from the root; every step of the path counts as referenced."""
        node = self.root
        at: Keys = ()
        for key in target:
            if is_interpolated(node.value):
                around = self._around(at, node)
                if around is not None:
                    # what else the mapping contains, is not needed for one key of it
                    at, node = around, self._raw(around)
                else:
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

    def _around(self, keys: Keys, node: Node) -> Keys | None:
        """The mapping or list that is being resolved, if the text of a node refers to it, directly or through others."""
        for _ in range(LONGEST_CHAIN):
            named = [*key_references(node.value)] if isinstance(node.value, str) else []
            if len(named) != 1 or node.value != f"${{{named[0].key}}}":
                return None
            target = absolute_keys(named[0].key, keys)
            depth, node = (0, node) if target is None else reach(self.root, target)
            if target is None or depth < len(target):
                return None
            keys = target
            if keys in self._active and (node.is_mapping or node.is_list):
                return keys
        return None

    def _raw(self, keys: Keys) -> Node:
        """The node at a path that exists, as written."""
        return reach(self.root, keys)[1]

    def report(
        self,
        code: str,
        message: str,
        keys: Keys,
        node: Node,
        fix: str | None = None,
        suggestion: str | None = None,
    ) -> None:
        if not self._has_enough:
            self.faults.append(
                Diagnostic(code, message, node.place, join(keys), help=fix, suggestion=suggestion)
            )

    @property
    def _has_enough(self) -> bool:
        """Whether there are more faults already than are shown."""
        return len(self.faults) > MAX_FAULTS

    def report_not_found(self, key: str, target: Keys, keys: Keys, node: Node) -> None:
        if self._has_enough:
            return
        asks_hydra = key.startswith(f"{HYDRA}:")
        found: NotFound | None
        if target[:1] == (HYDRA,) and not asks_hydra and self.hydra is not self:
            found = named_as_hydras(key, target)
        else:
            owner = self.hydra if asks_hydra and self.hydra is not None else self
            found = not_found(key, target, owner.root, owner.firsts)
        if found is not None:
            self.report(
                "SER201", found.message, keys=keys, node=node, fix=found.fix, suggestion=found.suggestion
            )
            if not found.is_hydras:
                self.unfound.append((self.faults[-1], target))

    def _report_cycle(self, keys: Keys) -> None:
        active = list(self._active)
        chain = [*active[active.index(keys) :], keys]
        if frozenset(chain) in self._cycles or self._has_enough:
            return
        self._cycles.add(frozenset(chain))
        nodes = {join(step): self._raw(step) for step in chain[:-1]}
        texts = {name: node for name, node in nodes.items() if is_interpolated(node.value)}
        first, *_ = texts
        message = f"interpolation cycle: {' → '.join(f'`{name}`' for name in [*texts, first])}"
        notes = tuple(f"`{name}` is `{node.value}` at {node.place}" for name, node in texts.items())
        fix = "give one of them a value"
        self.faults.append(Diagnostic("SER202", message, texts[first].place, first, help=fix, notes=notes))

    def report_missing(self, start: Keys = ()) -> None:
        """SER203 for every `???` below `start`, at its place."""
        part = self._raw(start)
        is_lacking = any(node.is_missing for node in every(part))
        for keys, node in walk(part) if is_lacking else ():
            if node.is_missing and not self._has_enough:
                name = join((*start, *keys))
                self.faults.append(
                    Diagnostic(
                        "SER203", f"`{name}` has no value", node.place, name, help=f"give it one: `{name}=…`"
                    )
                )


def as_node(value: Any, written: Node, reference: Reference | None) -> Node:
    """The result of a resolver as a node at the place of the text; each part of a secret is secret."""
    if isinstance(value, Node):
        return value
    inner = reference if reference is not None and reference.secret else None
    if isinstance(value, dict):
        value = {key: as_node(item, written, inner) for key, item in value.items()}
    elif isinstance(value, list | tuple):
        value = [as_node(item, written, inner) for item in value]
    return Node(value, written.place, reference=reference)
