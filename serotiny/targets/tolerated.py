"""Values that an annotation excludes, and that Lightning's or torch's own code works with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serotiny.targets.lightning_values import trains_with
from serotiny.targets.torch_values import is_switched

if TYPE_CHECKING:
    from serotiny.targets.signature import Parameter, TargetSignature


def works_with(signature: TargetSignature, parameter: Parameter, value: Any) -> bool:
    """Whether a class of theirs, or one derived from it, is known to work with such a value."""
    return trains_with(signature, parameter, value) or is_switched(signature, parameter, value)
