"""Nodes with a `_target_`: the targets that may be named, and the parameters of each.

The parameters of a target are selected by an anchored `pattern`: editors match `const` and `enum` by prefix
while completing, so that `Adam` would also select `AdamW`. The pattern is first of the module and then of the
name, which keeps a document with thousands of targets fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from serotiny.json_schema.builder.groups import callbacks_schema
from serotiny.json_schema.builder.parameters import target_schema
from serotiny.json_schema.builder.values import Values
from serotiny.json_schema.fragments import LATER, JsonSchema, any_path, escaped, shortened
from serotiny.json_schema.group_fields import hydra_properties
from serotiny.targets import Ternary, is_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from serotiny.json_schema.definitions import Definitions
    from serotiny.targets import ValueType
    from serotiny.targets.catalog.catalog import Target, TargetCatalog

_IS_TARGET: Final[JsonSchema] = {"type": "object", "required": ["_target_"]}
_IS_PARTIAL: Final[JsonSchema] = {
    "type": "object",
    "required": ["_partial_"],
    "properties": {"_partial_": {"not": {"enum": [False]}}},
}
_EXPORT: Final = "`serotiny schema export` adds those that the project defines or its configs name."


class DocumentBuilder:
    """Makes the schemas of nodes, over one catalog of targets."""

    def __init__(self, catalog: TargetCatalog, definitions: Definitions) -> None:
        self.catalog = catalog
        self.definitions = definitions
        self._values = Values(self)

    def value(self, value_type: ValueType, parameter: str | None = None) -> JsonSchema:
        """A value of a type; `parameter` names the parameter whose whole value it is."""
        return self._values.refer(value_type, parameter)

    def anything(self) -> JsonSchema:
        """Any value; targets inside it are checked."""
        return self.definitions.refer(
            "any",
            lambda: {
                "if": {"type": "object"},
                "then": self.nested(),
                "else": {"items": self.anything()},
            },
        )

    def nested(self) -> JsonSchema:
        """A mapping inside a value: a target of any kind, or a plain one."""
        return self.definitions.refer("nested", lambda: self._node([*self.catalog.targets]))

    def product(self) -> JsonSchema:
        """A nested target where a plain value is expected: nothing is offered before it has a `_target_`."""
        return self.definitions.refer("product", lambda: {"if": _IS_TARGET, "then": self.nested()})

    def instance(self, wanted: frozenset[str], *, is_strict: bool) -> JsonSchema:
        """A mapping where an instance of one of some classes is expected.

        Args:
            wanted: canonical paths of the classes; the targets that make an instance are offered.
            is_strict: refuse a target that certainly makes none, unless it is `_partial_`.
        """
        certain, unsure = self.catalog.instances(wanted) if wanted else ([], [])
        if not certain:
            return self.nested()
        name = " or ".join(sorted(wanted))
        offering = self.definitions.refer(f"for instance {name}", lambda: self._node(certain))
        if not is_strict:
            return offering
        restriction = self._restriction([*certain, *unsure])
        return self.definitions.refer(
            f"only {name}", lambda: {"allOf": [offering, {"if": _IS_PARTIAL, "else": restriction}]}
        )

    def enumerated(self, targets: Sequence[Target]) -> JsonSchema:
        """The paths of targets to choose from, with their docstrings."""
        rows = sorted((path, shortened(target.doc)) for target in targets for path in target.paths)
        return {"enum": [path for path, _ in rows], "enumDescriptions": [doc for _, doc in rows]}

    def maker(self, kind: str) -> JsonSchema:
        """A mapping where a callable is expected that makes objects of a kind; targets that do are offered."""
        certain, _ = self.catalog.of_kind(kind)
        return self.definitions.refer(f"maker of {kind}", lambda: self._node(certain or self.catalog.targets))

    def dispatch(self) -> JsonSchema:
        """The parameters of the target that a node names."""
        return self.definitions.refer("dispatch", self._dispatch)

    def _node(self, offered: Sequence[Target]) -> JsonSchema:
        """A mapping that may have any known `_target_`, of which some are offered."""
        known = self.definitions.refer("known", self._known)
        is_known: JsonSchema = {**_IS_TARGET, "properties": {"_target_": known}}
        suggestions: JsonSchema = {"properties": {"_target_": {"anyOf": [self.enumerated(offered), {}]}}}
        return {
            "properties": {"_target_": {}, **hydra_properties()},
            "if": _IS_TARGET,
            "then": {
                "properties": {"_target_": known, "defaults": False},
                "allOf": [self.dispatch()],
            },
            "else": {"additionalProperties": self.anything()},
            # not once the path is complete, since a hover prints all values of an `enum`
            "allOf": [{"if": is_known, "else": suggestions}],
        }

    def _restriction(self, allowed: Sequence[Target]) -> JsonSchema:
        paths = [path for target in allowed for path in _spellings(target)]
        message = f"Gives no object of the class that is expected. {_EXPORT}"
        return {
            "properties": {"_target_": {"pattern": f"{LATER}|{any_path(paths)}", "errorMessage": message}}
        }

    def _known(self) -> JsonSchema:
        paths = [path for target in self.catalog.targets for path in _spellings(target)]
        pattern = f"{LATER}|{any_path(paths)}" if paths else LATER
        return {"type": "string", "pattern": pattern, "errorMessage": f"Not a known target. {_EXPORT}"}

    def _dispatch(self) -> JsonSchema:
        modules: dict[str, list[Target]] = {}
        for target in self.catalog.targets:
            if target.signature is not None:
                modules.setdefault(target.paths[0].rpartition(".")[0], []).append(target)
        branches = [
            _when(
                _module_pattern(path for target in targets for path in _spellings(target)),
                {"allOf": [_when(any_path(_spellings(target)), self.target(target)) for target in targets]},
            )
            for _, targets in sorted(modules.items())
        ]
        return {"if": {"required": ["_target_"]}, "then": {"allOf": branches}} if branches else {}

    def target(self, target: Target) -> JsonSchema:
        """The definition of a target's parameters."""
        signature = target.signature
        assert signature is not None

        def make() -> JsonSchema:
            schema = target_schema(target.paths[0], signature, self)
            if is_kind(signature, "Trainer") is Ternary.YES and "callbacks" in schema["properties"]:
                # callbacks by name are serotiny's own form; the trainer gets a list of them
                description = schema["properties"]["callbacks"].get("description", "")
                schema["properties"]["callbacks"] = {"description": description, **callbacks_schema(self)}
            return schema

        return self.definitions.refer(signature.path, make)


def _spellings(target: Target) -> tuple[str, ...]:
    return (*target.paths, *target.aliases)


def _module_pattern(paths: Iterable[str]) -> str:
    modules = sorted({escaped(path.rpartition(".")[0]) for path in paths})
    return rf"^{modules[0]}\.[^.]+$" if len(modules) == 1 else rf"^(?:{'|'.join(modules)})\.[^.]+$"


def _when(pattern: str, then: JsonSchema) -> JsonSchema:
    # with `type`, since a `_target_` that is still empty (null) would match every pattern
    path: JsonSchema = {"type": "string", "pattern": pattern}
    return {"if": {**_IS_TARGET, "properties": {"_target_": path}}, "then": then}
