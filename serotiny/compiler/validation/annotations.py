"""How sure it is that a value which its annotation does not name is a fault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from serotiny.compiler.project.leniency import Leniency
from serotiny.diagnostics import Severity
from serotiny.targets import Parameter, SignatureReader, accepts
from serotiny.targets.value_types.tolerance import may_take


@dataclass(frozen=True)
class AnnotationJudge:
    """Tells promises from what is kept."""

    reader: SignatureReader
    leniency: Leniency

    def severity(self, parameter: Parameter, value: Any) -> Severity:
        """Of a value that the parameter's type does not take.

        A warning where the value is of a form that working projects give, nothing checks the annotation,
        and the body does nothing with it that such a value cannot bear.
        """
        if self.leniency.annotations == "error" or parameter.body is None:
            return Severity.ERROR
        if not may_take(parameter.type, value):
            return Severity.ERROR
        needs = self.reader.body_needs(parameter.body, parameter.name)
        bears = not needs.enforced and all(accepts(needed, value) for needed in needs.types)
        return Severity.WARNING if bears else Severity.ERROR
