"""How sure it is that a value which its annotation does not name is a fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from serotiny.compiler.project.leniency import Leniency
from serotiny.diagnostics import Severity
from serotiny.targets import Parameter, SignatureReader, TargetSignature, ValueType, accepts
from serotiny.targets.lightning_values import trains_with
from serotiny.targets.value_types.inclusion import covers
from serotiny.targets.value_types.tolerance import may_take
from serotiny.targets.value_types.types import LiteralType, parts, union


@dataclass(frozen=True)
class AnnotationJudge:
    """Tells promises from what is kept."""

    reader: SignatureReader
    leniency: Leniency

    def severity(self, target: TargetSignature, parameter: Parameter, value: Any) -> Severity | None:
        """Of a value that the parameter's type does not take; None where the body is ready for it.

        A warning where the value is of a form that working projects give, nothing checks the annotation,
        and the body does nothing with it that such a value cannot bear.

        Args:
            target: what is called.
            parameter: the parameter.
            value: plain data, `Deferred` where it is not known.
        """
        if self.leniency.annotations == "error":
            return Severity.ERROR
        if parameter.body is None:
            return Severity.WARNING if trains_with(target, parameter, value) else Severity.ERROR
        needs = self.reader.body_needs(target.path, parameter.body, parameter.name)
        if needs.enforced:
            return Severity.ERROR
        ready = [found for found in needs.ready if not covers(parameter.type, found)]
        if accepts(union(parameter.type, *ready), value):
            return None
        # what a constructor only stores may be replaced before it is used
        needed = needs.types if value is None else (*needs.types, *needs.later)
        may = may_take(parameter.type, value) or _has_attributes(value, needs.attributes)
        bears = may and all(accepts(wanted, value) for wanted in needed)
        is_other_choice = needs.decisive and isinstance(value, str) and _is_choice(parameter.type)
        return Severity.WARNING if bears and not is_other_choice else Severity.ERROR

    def product_severity(
        self, target: str, parameter: Parameter, fits: Callable[[ValueType], bool]
    ) -> Severity:
        """Of a nested target that does not give what the parameter's type says.

        A warning where nothing checks the annotation, and the body hands what it is given to nothing that would.

        Args:
            target: the path that is called.
            parameter: the parameter.
            fits: whether the nested target may give something of a type.
        """
        if self.leniency.annotations == "error" or parameter.body is None:
            return Severity.ERROR
        needs = self.reader.body_needs(target, parameter.body, parameter.name)
        if needs.enforced or not all(fits(needed) for needed in (*needs.types, *needs.later)):
            return Severity.ERROR
        return Severity.WARNING


def _has_attributes(value: Any, names: tuple[str, ...]) -> bool:
    """Whether a mapping, as OmegaConf hands it over, stands in for an object of which only these are read."""
    return isinstance(value, dict) and bool(names) and all(name in value for name in names)


def _is_choice(value_type: ValueType) -> bool:
    return any(isinstance(part, LiteralType) for part in parts(value_type))
