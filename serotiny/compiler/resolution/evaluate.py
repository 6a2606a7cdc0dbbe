"""Evaluate one text with interpolations: OmegaConf's resolvers, over a config whose nodes have places."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

from serotiny.compiler.resolution.grammar import Interpreter
from serotiny.compiler.resolution.lookups import BadInterpolation, WrittenList, WrittenMapping
from serotiny.compiler.syntax.bad_interpolation import explain_bad, shortened
from serotiny.compiler.syntax.document import parse_document
from serotiny.compiler.syntax.references import absolute_keys
from serotiny.compiler.syntax.resolvers import is_registered, unknown_resolver, unset_variable
from serotiny.compiler.tree import UNKNOWN, Keys, Node, Reference, Unknown, every, split
from serotiny.diagnostics import DEFAULT, closest
from serotiny.reads import note_time, note_variable

_FLATTEN = "set an inner part at a key of its own, and refer to that"
_UNTOLD = "\0"
"""What stands in the place of a value that is known only inside a job: a text, of which a key may be made."""
_CLIMBS = "take dots away: one is the mapping that it stands in, each further one leads one up"


class Failed(Exception):  # noqa: N818 - control flow, not an error of ours
    """A text cannot be resolved; the fault has been reported."""


class NoIndex(Exception):  # noqa: N818 - control flow
    """A step of a path into a list is not an index."""


class NoHydra(Exception):  # noqa: N818 - control flow
    """Hydra's own settings are known only inside a job."""


class Scope(Protocol):
    """What the interpolations of a text refer to."""

    environment: Mapping[str, str]
    now: datetime
    is_composing: bool
    """Whether the values are those that Hydra sees while it applies overrides: it has no settings of its own then."""

    def find_in_hydra(self, target: Keys) -> Node | None:
        """The node at a path of Hydra's own settings, resolved; None when there is none.

        Raises:
            Failed: something on the way cannot be resolved.
            NoHydra: Hydra's settings are not known here.
        """
        ...

    def registered(self) -> frozenset[str]:
        """The resolvers that the project's own code registers; its sources are read on the first call."""
        ...

    def find(self, target: Keys, whole: bool = True) -> Node | None:
        """The node at a path from the root, resolved; None when there is none.

        Args:
            target: the path.
            whole: also resolve what stands in a mapping or list.

        Raises:
            Failed: something on the way cannot be resolved.
            NoIndex: a step into a list is not an index.
        """
        ...

    def report(
        self,
        code: str,
        message: str,
        keys: Keys,
        node: Node,
        fix: str | None = None,
        suggestion: str | None = None,
    ) -> None:
        """Record a fault of the text `node` at `keys`."""
        ...

    def report_not_found(self, key: str, target: Keys, keys: Keys, node: Node) -> None:
        """Record that there is nothing at `key`, which is `target` from the root."""
        ...


@dataclass(kw_only=True)
class Evaluation:
    """One text while it is evaluated.

    Attributes:
        keys: the path of the text in the config.
        node: the text, as written.
        scope: what its interpolations refer to.
        variables: those of the environment that a part of it comes from.
        unknown: a part of it has been reported already, or is known only inside a job.
    """

    keys: Keys
    node: Node
    scope: Scope
    variables: frozenset[str] = frozenset()
    unknown: bool = False

    def value(self) -> Any:
        """A node of the config when the text is one interpolation and nothing else; otherwise plain data.

        A member of an enumeration, such as `${hydra:mode}`, is its name, as in YAML.

        Raises:
            Failed: it cannot be evaluated; the fault is reported.
        """
        try:
            found = self._interpreter.evaluate(self.node.value)
        except BadInterpolation as error:
            message, fix = explain_bad(self.node.value, str(error))
            raise self._failed("SER206", message, fix) from error
        except RecursionError as error:
            raise self._failed(
                "SER206", f"`{shortened(self.node.value)}` is nested too deeply", _FLATTEN
            ) from error
        is_member = isinstance(found, Node) and isinstance(found.value, Enum)
        return replace(found, value=found.value.name) if is_member else found

    @property
    def _interpreter(self) -> Interpreter:
        return Interpreter(key=self._select, resolver=self._call, plain=self._plain)

    def _failed(
        self, code: str, message: str, fix: str | None = None, suggestion: str | None = None
    ) -> Failed:
        self.scope.report(code, message, keys=self.keys, node=self.node, fix=fix, suggestion=suggestion)
        return Failed()

    def _not_found(self, key: str, target: Keys) -> Failed:
        self.scope.report_not_found(key, target, self.keys, self.node)
        return Failed()

    def _select(self, key: str, whole: bool = True) -> Node:
        """The node that a dotted path names; the path may be relative."""
        if _UNTOLD in key:
            return Node(UNKNOWN, self.node.place)
        target = self._absolute(key)
        found = self._find(key, target, whole)
        if found is None:
            raise self._not_found(key, target)
        return self._noted(found)

    def _find(self, key: str, target: Keys, whole: bool = True) -> Node | None:
        """The node at `key`, which is `target` from the root, if there is one."""
        try:
            return self.scope.find(target, whole)
        except NoIndex as error:
            raise self._not_found(key, target) from error

    def _absolute(self, key: str) -> Keys:
        target = absolute_keys(key, self.keys)
        if target is None:
            raise self._failed("SER201", f"`{self.node.value}` climbs above the root of the config", _CLIMBS)
        return target

    def _noted(self, found: Node) -> Node:
        """The node itself; where it is unknown or secret, the text becomes so too."""
        self.unknown |= isinstance(found.value, Unknown) or found.is_missing
        if found.reference is not None:
            self.variables |= found.reference.variables
        return found

    def _plain(self, found: Any) -> Any:
        """Plain data; where any part of it is unknown or secret, the text becomes so too."""
        if not isinstance(found, Node):
            return found
        for part in every(found):
            self._noted(part)
        if found.is_list:
            return WrittenList(found.plain(), [_written(item) for item in found.value])
        if found.is_mapping:
            return WrittenMapping(found.plain(), {key: _written(child) for key, child in found.value.items()})
        return _UNTOLD if isinstance(found.value, Unknown) or found.is_missing else found.plain()

    def _call(self, name: str, args: tuple[Any, ...]) -> Any:
        plain = tuple(self._plain(arg) for arg in args)
        if name == "hydra":  # even in an unknown text, so that a misspelt key is reported
            return self._hydra(plain)
        if self.unknown:
            return _UNTOLD
        match name:
            # Hydra caches `now` by its pattern, so that all of a config sees the same moment
            case "now":
                note_time()
                return self.scope.now.strftime(str(plain[0]) if plain else "")
            case "python_version":
                return self._python_version(plain)
            case "oc.env":
                return self._environment(plain)
            case "oc.select":
                return self._select_or(plain)
            case "oc.dict.keys":
                return list(self._mapping(name, plain, whole=False).value)
            case "oc.dict.values":
                return self._values(plain)
            case "oc.create":
                return self._create(plain)
            case "oc.decode":
                return self._decode(plain)
            case "oc.deprecated":
                if not 1 <= len(plain) <= 2 or not all(isinstance(arg, str) for arg in plain):
                    raise self._misused("`oc.deprecated` takes a key, and what is to be said of it")
                return self._select(plain[0])
        registered = self.scope.registered()
        # a plug-in of Hydra's registers what its own config, which has no place in the project, makes use of
        if is_registered(name, registered) or self.node.place == DEFAULT:
            self.unknown = True
            return _UNTOLD
        message, fix, suggestion = unknown_resolver(name, registered)
        named = self.scope.find(split(name), whole=False) if suggestion is None else None
        if named is not None and named.is_mapping and len(plain) == 1:
            fix = f"write `${{{name}.{plain[0]}}}`: a colon stands behind a resolver"
        raise self._failed("SER205", message, fix, suggestion)

    def _hydra(self, args: tuple[Any, ...]) -> Any:
        """A value of Hydra's own settings; None where it has none, as Hydra's resolver returns."""
        if len(args) != 1:
            raise self._misused("`hydra` takes one key, as in `${hydra:job.name}`")
        key = str(args[0])
        if _UNTOLD in key:
            return _UNTOLD
        try:
            found = self.scope.find_in_hydra(split(key))
        except (NoHydra, NoIndex):
            if self.scope.is_composing:
                message = f"`{self.node.value}` has no value while overrides are applied"
                raise self._failed("SER206", message) from None
            self.unknown = True
            return _UNTOLD
        if found is None:
            raise self._not_found(f"hydra:{key}", ("hydra", *split(key)))
        if found.is_missing:
            return None
        own = found.place == DEFAULT  # a default of Hydra's has no place in the project
        return self._noted(replace(found, place=self.node.place) if own else found)

    def _python_version(self, args: tuple[Any, ...]) -> str | None:
        major, minor, micro = sys.version_info[:3]
        versions = {"major": f"{major}", "minor": f"{major}.{minor}", "micro": f"{major}.{minor}.{micro}"}
        which = str(args[0]) if args else "minor"
        if len(args) > 1 or which not in versions:  # Hydra's own resolver would return None
            message = f"`{self.node.value}`: `python_version` takes `major`, `minor` or `micro`"
            meant = closest(which, versions)
            raise self._failed("SER206", message, None if meant else "write one of them", meant)
        return versions[which]

    def _misused(self, message: str) -> Failed:
        return self._failed("SER206", f"`{self.node.value}`: {message}")

    def _mapping(self, name: str, args: tuple[Any, ...], whole: bool = True) -> Node:
        found = self._select(str(args[0]), whole) if len(args) == 1 else None
        if found is None or not found.is_mapping:
            raise self._misused(f"`{name}` takes the key of a mapping")
        return found

    def _values(self, args: tuple[Any, ...]) -> Node:
        """The values of a mapping, each of which refers to its key: in a text that reference is shown."""
        found = self._mapping("oc.dict.values", args)
        key = str(args[0])
        above = f".{key}" if key.startswith(".") else key  # one level down in a list
        items = []
        for name, child in found.value.items():
            variables = frozenset[str]() if child.reference is None else child.reference.variables
            reference = Reference(f"${{{above}.{name}}}", self.node.place, variables)
            items.append(replace(self._noted(child), reference=reference))
        return Node(items, self.node.place)

    def _create(self, args: tuple[Any, ...]) -> Any:
        value = args[0] if len(args) == 1 else UNKNOWN
        if isinstance(value, str):  # OmegaConf reads a text as YAML, and a word as a key without a value
            document = parse_document("", value)
            read = document.root.plain()
            value = UNKNOWN if document.diagnostics else {read: None} if isinstance(read, str) else read
        if value is not None and not isinstance(value, dict | list):
            raise self._misused("`oc.create` takes one mapping or list, or its text")
        return value

    def _decode(self, args: tuple[Any, ...]) -> Any:
        if len(args) == 1 and args[0] is None:
            return None
        if len(args) != 1 or not isinstance(args[0], str):
            raise self._misused("`oc.decode` takes one text")
        return self._interpreter.decode(args[0])

    def _environment(self, args: tuple[Any, ...]) -> Any:
        name = str(args[0]) if args else ""
        self.variables |= {name}
        note_variable(name)
        if name in self.scope.environment:
            return self.scope.environment[name]
        if len(args) > 1:
            return None if args[1] is None else str(args[1])
        self._failed("SER204", *unset_variable(name))
        # where the job runs it may be set, and the rest of the text be wrong all the same
        self.unknown = True
        return _UNTOLD

    def _select_or(self, args: tuple[Any, ...]) -> Any:
        key = str(args[0]) if args else ""
        found = self._find(key, self._absolute(key))
        if found is None or found.is_missing:
            return args[1] if len(args) > 1 else None
        return self._noted(found)


def _written(node: Node) -> Any:
    """Plain data with each interpolation as it was written."""
    if node.reference is not None:
        return node.reference.text
    if isinstance(node.value, dict):
        return {key: _written(child) for key, child in node.value.items()}
    return [_written(item) for item in node.value] if isinstance(node.value, list) else node.plain()
