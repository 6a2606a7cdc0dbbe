"""Decide how severe it is that a value does not match the annotation of its parameter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from serotiny.compiler.project.leniency import Leniency
from serotiny.diagnostics import Severity
from serotiny.targets import Parameter, ParameterKind, SignatureReader, TargetSignature, ValueType, accepts
from serotiny.targets.lightning import lightning_namespace
from serotiny.targets.signature import BodyNeeds
from serotiny.targets.tolerated import works_with
from serotiny.targets.value_types.inclusion import covers
from serotiny.targets.value_types.tolerance import may_take
from serotiny.targets.value_types.types import (
    ANY,
    FLOAT,
    INT,
    BoolType,
    CallableType,
    ClassType,
    FloatType,
    InstanceOf,
    IntType,
    ListType,
    LiteralType,
    MappingType,
    NoneType,
    TupleType,
    parts,
    union,
)


@dataclass(frozen=True)
class AnnotationJudge:
    """Finds whether an annotation is enforced, or whether the code works with other values too."""

    reader: SignatureReader
    leniency: Leniency

    def severity(self, target: TargetSignature, parameter: Parameter, value: Any) -> Severity | None:
        """The severity for a value that the parameter's type does not accept; None if the function's body handles it.

        It is a warning if the value is of a form that working projects use, nothing checks the annotation,
        and the body does nothing with the parameter that would fail for such a value.

        Args:
            target: what is called.
            parameter: the parameter.
            value: plain data, with `Deferred` for values that are not known.
        """
        if self.leniency.annotations == "error":
            return Severity.ERROR
        if value == "None" and _is_of_objects(parameter.type):
            value = None  # no object either, and no slip where null is none as well
        if parameter.body is None:
            return Severity.WARNING if works_with(target, parameter, value) else Severity.ERROR
        needs = self._needs(target.path, parameter)
        if needs.enforced:
            return Severity.ERROR
        if parameter.kind is ParameterKind.VAR_KEYWORD:
            return Severity.WARNING
        if needs.unused and _is_mark(parameter.type, value):
            return Severity.WARNING
        ready = [found for found in needs.ready if not covers(parameter.type, found)]
        if accepts(union(parameter.type, *ready), value):
            return None
        if needs.shown and isinstance(value, str):
            return Severity.WARNING  # a text, where numbers are only written into one
        if value == {} and any(isinstance(found, NoneType) for found in needs.ready):
            return Severity.WARNING  # an option whose file is left empty, for none
        # an attribute that a constructor only stores may be replaced before it is used
        needed = needs.types if value is None else (*needs.types, *needs.later)
        may = may_take(parameter.type, value) or _has_attributes(value, needs.attributes)
        bears = may and all(accepts(wanted, value) for wanted in needed)
        is_other_choice = needs.decisive and isinstance(value, str) and _is_choice(parameter.type)
        return Severity.WARNING if bears and not is_other_choice else Severity.ERROR

    def is_enforced(self, target: TargetSignature, parameter: Parameter) -> bool:
        """Whether a wrong part of a value, where the whole is of the right form, is certainly refused."""
        if self.leniency.annotations == "error":
            return True
        return parameter.body is not None and self._needs(target.path, parameter).enforced

    def _needs(self, target: str, parameter: Parameter) -> BodyNeeds:
        """What the body needs of a value of a parameter; of `*rest` and `**rest` it says that of all values together."""
        needs = self.reader.body_needs(target, parameter.body or "", parameter.name)
        is_one = parameter.kind not in (ParameterKind.VAR_POSITIONAL, ParameterKind.VAR_KEYWORD)
        return needs if is_one else BodyNeeds(enforced=needs.enforced)

    def number_needed(
        self, target: TargetSignature, parameter: Parameter
    ) -> tuple[ValueType, Severity] | None:
        """The number that the body of a function needs of a parameter without an annotation; None if it needs none.

        It is a warning where only methods need it that run later, or never.
        """
        if parameter.type != ANY or parameter.body is None:
            return None
        needs = self.reader.body_needs(target.path, parameter.body, parameter.name)
        found = [
            *((need, Severity.ERROR) for need in needs.types),
            *((need, Severity.WARNING) for need in needs.later),
        ]
        return next(((_without_bool(need), severity) for need, severity in found if _is_number(need)), None)

    def choice_needed(self, target: TargetSignature, parameter: Parameter) -> ValueType | None:
        """The words of which a text must be one since the body passes it on to what takes no other; None if it may be any.

        Only classes derived from Lightning's are read for it, as a trainer of the project's own is: it takes time.
        """
        if parameter.body is None or lightning_namespace(target) is None:
            return None
        needs = self._needs(target.path, parameter)
        return next((need for need in needs.types if _is_choice_alone(need)), None)

    def product_severity(
        self, target: str, parameter: Parameter, fits: Callable[[ValueType], bool]
    ) -> Severity:
        """The severity for a nested target whose instance is not of the parameter's type.

        It is a warning if nothing checks the annotation, and the body does not pass the value on to a function
        that would.

        Args:
            target: the dotted path that is called.
            parameter: the parameter.
            fits: whether the nested target may return something of a type.
        """
        if self.leniency.annotations == "error" or parameter.body is None:
            return Severity.ERROR
        needs = self._needs(target, parameter)
        if needs.enforced or not all(fits(needed) for needed in (*needs.types, *needs.later)):
            return Severity.ERROR
        return Severity.WARNING


def _has_attributes(value: Any, names: tuple[str, ...]) -> bool:
    """Whether a mapping has these keys, which OmegaConf lets the code read like attributes of an object."""
    return isinstance(value, dict) and bool(names) and all(name in value for name in names)


def _is_number(value_type: ValueType) -> bool:
    """Whether only numbers are of a type, or lists as well, as for the sides of a kernel."""
    found = parts(value_type)
    return any(isinstance(part, IntType | FloatType) for part in found) and all(
        isinstance(part, IntType | FloatType | BoolType | NoneType | ListType | TupleType) for part in found
    )


def _without_bool(value_type: ValueType) -> ValueType:
    """A type of numbers as a message names it."""
    found = parts(value_type)
    number = FLOAT if any(isinstance(part, FloatType) for part in found) else INT
    return union(number, *(part for part in found if not isinstance(part, BoolType | IntType | FloatType)))


def _is_of_objects(value_type: ValueType) -> bool:
    """Whether only objects are of a type, and not null."""
    return all(isinstance(part, InstanceOf | CallableType | ClassType) for part in parts(value_type))


def _is_mark(value_type: ValueType, value: Any) -> bool:
    """Whether a text stands where a mapping belongs, which no text is a misspelling of."""
    return isinstance(value, str) and all(
        isinstance(part, MappingType | NoneType) for part in parts(value_type)
    )


def _is_choice_alone(value_type: ValueType) -> bool:
    return _is_choice(value_type) and all(
        isinstance(part, LiteralType | NoneType) for part in parts(value_type)
    )


def _is_choice(value_type: ValueType) -> bool:
    return any(isinstance(part, LiteralType) for part in parts(value_type))
