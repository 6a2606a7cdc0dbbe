"""The protocol by which the parts of a schema refer to one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serotiny.json_schema.definitions import Definitions
    from serotiny.json_schema.fragments import JsonSchema
    from serotiny.targets import ValueType
    from serotiny.targets.catalog.catalog import Target, TargetCatalog


class Builder(Protocol):
    """Makes the schemas of nodes and values, each a definition of one document."""

    @property
    def catalog(self) -> TargetCatalog:
        """The targets that may be named."""

    @property
    def definitions(self) -> Definitions:
        """Where the definitions are collected."""

    def value(self, value_type: ValueType, parameter: str | None = None) -> JsonSchema:
        """A value of a type; `parameter` names the parameter whose whole value it is."""

    def anything(self) -> JsonSchema:
        """Any value; targets inside it are checked."""

    def nested(self) -> JsonSchema:
        """A mapping inside a value: a target of any kind, or a plain one."""

    def product(self) -> JsonSchema:
        """A nested target where a plain value is expected."""

    def instance(self, wanted: frozenset[str], *, is_strict: bool) -> JsonSchema:
        """A mapping where an instance of one of the classes `wanted` is expected."""

    def enumerated(self, targets: Sequence[Target]) -> JsonSchema:
        """The paths of targets to choose from, with their docstrings."""

    def maker(self, kind: str) -> JsonSchema:
        """A mapping where a callable is expected that makes objects of a kind."""

    def dispatch(self) -> JsonSchema:
        """The parameters of the target that a node names."""

    def target(self, target: Target) -> JsonSchema:
        """The definition of a target's parameters."""
