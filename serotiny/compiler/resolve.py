"""Stage two: interpolations become values; what cannot be resolved becomes a diagnostic."""

from __future__ import annotations

import os
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from serotiny.compiler.compose import Composed
from serotiny.compiler.interpolation import BadInterpolation, Interpreter, is_interpolated
from serotiny.compiler.tree import (
    MISSING,
    UNKNOWN,
    Node,
    Reference,
    Unknown,
    as_index,
    join,
    split,
    walk,
)
from serotiny.compiler.yaml_document import parse_document
from serotiny.diagnostics import Diagnostic, did_you_mean

Keys = tuple[Any, ...]

_ROOT_KEY = re.compile(r"\$\{(\w+)[.}]")

RESOLVERS = (
    "oc.create",
    "oc.decode",
    "oc.deprecated",
    "oc.dict.keys",
    "oc.dict.values",
    "oc.env",
    "oc.select",
    "hydra",
)


@dataclass(frozen=True)
class Resolved:
    """One job's config with every interpolation that can be resolved before a job runs.

    Attributes:
        composed: the stage before.
        root: the tree; a value from an interpolation carries its `reference`, and one that failed or
            is known only inside a job is `UNKNOWN`.
        referenced: the keys that interpolations ask for.
        diagnostics: SER2xx.
    """

    composed: Composed
    root: Node
    referenced: frozenset[Keys]
    diagnostics: tuple[Diagnostic, ...]


def resolve(composed: Composed, environment: Mapping[str, str] | None = None) -> Resolved:
    """Resolve the interpolations of a composed config.

    Args:
        composed: the stage before.
        environment: what `oc.env` reads; the process's own unless given.

    Returns:
        The tree and SER201 to SER206; `???` is SER203 where it stands.
    """
    resolver = _Resolver(composed.root, os.environ if environment is None else environment)
    root = resolver.resolve_at(())
    resolver.report_missing()
    referenced = resolver.referenced | _referenced_in(composed.hydra)
    return Resolved(composed, root, frozenset(referenced), tuple(resolver.faults))


def _referenced_in(hydra: Node | None) -> set[Keys]:
    """The root keys that Hydra's own part refers to; it is resolved by Hydra, inside a job."""
    texts = [node.value for _, node in walk(hydra)] if hydra is not None else []
    found = [key for text in texts if is_interpolated(text) for key in _ROOT_KEY.findall(text)]
    return {(key,) for key in found}


class _Failed(Exception):  # noqa: N818 - control flow: the fault is reported already
    pass


class _NoIndex:
    """What a path finds that asks a list for something else than an index."""


@dataclass
class _Evaluation:
    """What became known of one text while it was evaluated."""

    secret: bool = False
    unknown: bool = False

    def absorb(self, inner: _Evaluation) -> None:
        self.secret |= inner.secret
        self.unknown |= inner.unknown


@dataclass
class _Resolver:
    root: Node
    environment: Mapping[str, str]
    faults: list[Diagnostic] = field(default_factory=list)
    referenced: set[Keys] = field(default_factory=set)
    _done: dict[Keys, Node] = field(default_factory=dict)
    _active: list[Keys] = field(default_factory=list)
    _cycles: set[frozenset[Keys]] = field(default_factory=set)
    _evaluations: list[_Evaluation] = field(default_factory=list)

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
            raise _Failed
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
        if isinstance(node.value, str) and node.value == MISSING:
            return replace(node, value=UNKNOWN, reference=Reference(MISSING, node.place))
        try:
            return self._resolve(keys, node)
        except _Failed:
            return replace(node, value=UNKNOWN, reference=Reference(str(node.value), node.place))

    def _interpolate(self, keys: Keys, node: Node) -> Node:
        evaluation = _Evaluation()
        self._evaluations.append(evaluation)
        try:
            value = self._evaluate(keys, node)
        finally:
            self._evaluations.pop()
        if self._evaluations:
            self._evaluations[-1].absorb(evaluation)
        reference = Reference(node.value, node.place, evaluation.secret)
        if evaluation.unknown:
            return replace(node, value=UNKNOWN, reference=reference)
        if isinstance(value, Node):
            return replace(value, key_place=node.key_place, history=node.history, reference=reference)
        return replace(_as_node(value, node), reference=reference, key_place=node.key_place)

    def _evaluate(self, keys: Keys, node: Node) -> Any:
        interpreter = Interpreter(
            key=lambda key: self._select(key, keys, node),
            resolver=lambda name, args: self._call(name, args, keys, node, interpreter),
            plain=self._plain,
        )
        try:
            return interpreter.evaluate(node.value)
        except BadInterpolation as error:
            self._fault("SER206", f"`{node.value}` is not an interpolation: {error}", keys, node)
        except RecursionError:
            self._fault("SER206", f"`{node.value}` is nested too deeply", keys, node)
        raise _Failed

    def _select(self, key: str, keys: Keys, node: Node, whole: bool = True) -> Node:
        """The node that a dotted path names, resolved; the path may be relative to `keys`.

        Args:
            whole: also resolve what stands in a mapping or list.
        """
        target = self._absolute(key, keys)
        if target is None:
            self._fault("SER201", f"`{node.value}` climbs above the root of the config", keys, node)
            raise _Failed
        found = self._walk(target, whole)
        if found is None or isinstance(found, _NoIndex):
            self._report_not_found(key, target, keys, node)
            raise _Failed
        return self._noted(found)

    def _noted(self, found: Node) -> Node:
        """The same node; what is being evaluated is as unknown and as secret."""
        if isinstance(found.value, Unknown) or (isinstance(found.value, str) and found.value == MISSING):
            self._evaluations[-1].unknown = True
        if found.reference is not None and found.reference.secret:
            self._evaluations[-1].secret = True
        return found

    def _plain(self, found: Any) -> Any:
        """Plain data; something unknown or secret anywhere in it makes the whole so."""
        if not isinstance(found, Node):
            return found
        for _, part in walk(found):
            self._noted(part)
        return found.plain()

    def _absolute(self, key: str, keys: Keys) -> Keys | None:
        dots = len(key) - len(key.lstrip("."))
        rest = split(key)
        if not dots:
            return rest
        if dots > len(keys):
            return None
        return (*keys[: len(keys) - dots], *rest)

    def _walk(self, target: Keys, whole: bool = True) -> Node | _NoIndex | None:
        """Follow `target` from the root; the path that was taken counts as referenced."""
        node, at = self.root, cast("Keys", ())
        for key in target:
            if is_interpolated(node.value):
                node = self._resolve(at, node)
            if isinstance(node.value, Unknown):
                raise _Failed
            step: Hashable = key
            if node.is_list:
                index = as_index(key, len(node.value))
                if index is None:
                    return None if key.lstrip("-").isdecimal() else _NoIndex()
                step, child = index, node.value[index]
            else:
                child = _get(node, key)
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

    # ---- resolvers ----

    def _call(
        self, name: str, args: tuple[Any, ...], keys: Keys, node: Node, interpreter: Interpreter
    ) -> Any:
        plain = tuple(self._plain(arg) for arg in args)
        if name == "hydra":
            self._evaluations[-1].unknown = True
        if self._evaluations[-1].unknown:
            return None
        if name == "oc.env":
            return self._environment(plain, keys, node)
        if name == "oc.select":
            return self._select_or(plain, keys, node)
        if name in ("oc.dict.keys", "oc.dict.values"):
            of_keys = name.endswith("keys")
            found = self._select(str(plain[0]), keys, node, whole=not of_keys) if len(plain) == 1 else None
            if found is None or not found.is_mapping:
                self._fault("SER206", f"`{node.value}`: `{name}` takes the key of a mapping", keys, node)
                raise _Failed
            return list(found.value) if of_keys else [self._plain(child) for child in found.value.values()]
        if name == "oc.create":
            return self._create(plain, keys, node)
        if name == "oc.decode":
            return self._decode(plain, keys, node, interpreter)
        if name == "oc.deprecated":
            return self._select(str(plain[0]), keys, node)
        message = f"there is no resolver `{name}`"
        mend = did_you_mean(name, RESOLVERS) or f"there are {', '.join(f'`{known}`' for known in RESOLVERS)}"
        self._fault("SER205", message, keys, node, mend)
        raise _Failed

    def _create(self, args: tuple[Any, ...], keys: Keys, node: Node) -> Any:
        value = args[0] if len(args) == 1 else UNKNOWN
        if isinstance(value, str):  # OmegaConf reads a text as YAML, and a word as a key without a value
            document = parse_document("", value)
            read = document.root.plain()
            value = UNKNOWN if document.diagnostics else {read: None} if isinstance(read, str) else read
        if value is not None and not isinstance(value, dict | list):
            message = f"`{node.value}`: `oc.create` takes one mapping or list, or its text"
            self._fault("SER206", message, keys, node)
            raise _Failed
        return value

    def _decode(self, args: tuple[Any, ...], keys: Keys, node: Node, interpreter: Interpreter) -> Any:
        if len(args) == 1 and args[0] is None:
            return None
        if len(args) != 1 or not isinstance(args[0], str):
            self._fault("SER206", f"`{node.value}`: `oc.decode` takes one text", keys, node)
            raise _Failed
        return interpreter.decode(args[0])

    def _environment(self, args: tuple[Any, ...], keys: Keys, node: Node) -> Any:
        self._evaluations[-1].secret = True
        name = str(args[0]) if args else ""
        if name in self.environment:
            return self.environment[name]
        if len(args) > 1:
            return None if args[1] is None else str(args[1])
        mend = f"set it, or give a default: `${{oc.env:{name},…}}`"
        self._fault("SER204", f"the environment variable `{name}` is not set", keys, node, mend)
        raise _Failed

    def _select_or(self, args: tuple[Any, ...], keys: Keys, node: Node) -> Any:
        default = args[1] if len(args) > 1 else None
        target = self._absolute(str(args[0]), keys) if args else ()
        if target is None:
            self._fault("SER201", f"`{args[0]}` climbs above the root of the config", keys, node)
            raise _Failed
        found = self._walk(target)
        if isinstance(found, _NoIndex):
            self._report_not_found(str(args[0]), target, keys, node)
            raise _Failed
        return default if found is None or found.value == MISSING else self._noted(found)

    # ---- faults ----

    def _fault(self, code: str, message: str, keys: Keys, node: Node, mend: str | None = None) -> None:
        self.faults.append(Diagnostic(code, message, node.place, join(keys), mend))

    def _report_not_found(self, key: str, target: Keys, keys: Keys, node: Node) -> None:
        depth, here = 0, self.root
        while depth < len(target):
            child = _get(here, target[depth])
            if child is None:
                break
            here, depth = child, depth + 1
        if here.incomplete:
            return  # what is missing may stand in the part that could not be read
        close = did_you_mean(str(target[depth]), [str(name) for name, _ in here.children()])
        if close and depth:
            close = close.replace("`", f"`{join(target[:depth])}.", 1)
        if close is None:
            same = [join(path) for path, _ in walk(self.root) if path and path[-1] == target[-1]]
            close = f"did you mean `{same[0]}`?" if same else None
        where = (
            f"`{join(target[:depth])}` has no key `{target[depth]}`"
            if depth
            else "it is no key of the config"
        )
        self._fault("SER201", f"the interpolation key `{key}` is not found: {where}", keys, node, close)

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
            Diagnostic("SER202", message, first.place, names[0], "give one of them a value", tuple(notes))
        )

    def report_missing(self) -> None:
        """SER203 for every `???`, where it stands."""
        for keys, node in walk(self.root):
            if isinstance(node.value, str) and node.value == MISSING:
                name = join(keys)
                self.faults.append(
                    Diagnostic(
                        "SER203", f"`{name}` has no value", node.place, name, f"give it one: `{name}=…`"
                    )
                )


def _get(node: Node, key: Any) -> Node | None:
    """A child by the text of its key, as OmegaConf finds it: also an integer or boolean key."""
    child = node.get(key)
    if child is not None or not node.is_mapping:
        return child
    return next((child for name, child in node.value.items() if str(name) == key), None)


def _as_node(value: Any, written: Node) -> Node:
    if isinstance(value, dict):
        return Node({key: _as_node(item, written) for key, item in value.items()}, written.place)
    if isinstance(value, list | tuple):
        return Node([_as_node(item, written) for item in value], written.place)
    if isinstance(value, Node):
        return value
    return replace(written, value=value)
