"""The parameters of a callable, without the rest of a `TargetSignature`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from serotiny.targets.signature import Parameter
from serotiny.targets.value_types.types import ANY, union

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class CallShape:
    """The parameters of a callable, and whether it takes other keys too (`open`).

    Attributes:
        of: the path of the function whose parameters they are; empty where no function is written.
        rest_goes_to: the path of the function that refuses what its `**kwargs` hold beside these parameters.
        ignores_rest: a call takes other keys, too, which it is not made for.
        fixed_positions: it is open to keys alone, and takes no further positional arguments.
        rest_by_name: what each further key must be.
    """

    parameters: tuple[Parameter, ...] = ()
    open: bool = False
    of: str = field(default="", compare=False)
    rest_goes_to: str = field(default="", compare=False)
    ignores_rest: bool = False
    fixed_positions: bool = False
    rest_by_name: Parameter | None = None

    def loosened(self) -> CallShape:
        """The same with nothing required and any key accepted, for a callable that may be replaced at run time."""
        return CallShape(
            tuple(replace(parameter, required=False) for parameter in self.parameters), open=True
        )

    def optional(self) -> CallShape:
        """The same with nothing required."""
        return replace(
            self, parameters=tuple(replace(parameter, required=False) for parameter in self.parameters)
        )

    def with_any(self, names: Iterable[str]) -> CallShape:
        """The same where the parameters of these names take anything."""
        chosen = frozenset(names)
        parameters = (
            replace(parameter, type=ANY, limits=()) if parameter.name in chosen else parameter
            for parameter in self.parameters
        )
        return replace(self, parameters=tuple(parameters))

    def without_first(self, count: int = 1) -> CallShape:
        """The same without its first positional parameters."""
        kept = []
        for parameter in self.parameters:
            if count and parameter.by_position:
                count -= 1
            else:
                kept.append(parameter)
        return replace(self, parameters=tuple(kept))

    def without(self, names: Iterable[str]) -> CallShape:
        """The same without the parameters of these names."""
        gone = frozenset(names)
        return replace(self, parameters=tuple(found for found in self.parameters if found.name not in gone))


OPEN: Final = CallShape(open=True)
NOTHING: Final = CallShape()


def any_of(shapes: Iterable[CallShape]) -> CallShape:
    """What at least one of several callables takes; a parameter is required if all of them require it."""
    alternatives = list(dict.fromkeys(shapes))
    if not alternatives:
        return OPEN
    if len(alternatives) == 1:
        return alternatives[0]
    merged: dict[str, Parameter] = {}
    for shape in alternatives:
        for parameter in shape.parameters:
            known = merged.get(parameter.name)
            merged[parameter.name] = parameter if known is None else _either(known, parameter)
    names = [{parameter.name for parameter in shape.parameters} for shape in alternatives]
    everywhere = set.intersection(*names)
    parameters = (
        parameter if parameter.name in everywhere else replace(parameter, required=False)
        for parameter in merged.values()
    )
    return CallShape(
        tuple(parameters),
        any(shape.open for shape in alternatives),
        ignores_rest=any(shape.ignores_rest for shape in alternatives),
    )


def _either(one: Parameter, other: Parameter) -> Parameter:
    return replace(
        one,
        type=union(one.type, other.type),
        required=one.required and other.required,
        default=one.default or other.default,
        body=one.body or other.body,
    )
