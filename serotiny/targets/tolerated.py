"""Values that an annotation excludes, and that Lightning's or torch's own code works with."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from serotiny.targets import lightning_values, torch_values
from serotiny.targets.lightning_values import trains_with
from serotiny.targets.torch_values import is_reckoned_with, is_switched
from serotiny.targets.value_types.types import NONE, LiteralType, union

if TYPE_CHECKING:
    from serotiny.targets.signature import Parameter, TargetSignature
    from serotiny.targets.value_types.types import ValueType

_SWITCHES: Final = MappingProxyType(
    {
        "torch": torch_values.FLAGS,
        **dict.fromkeys(("lightning", "pytorch_lightning"), lightning_values.FLAGS),
    }
)
"""Package → its classes' switches of which nothing but their truth is used."""

_TRUTHS: Final = union(NONE, LiteralType((0, 1)))
_FALSE: Final = LiteralType((False,))


def works_with(signature: TargetSignature, parameter: Parameter, value: Any) -> bool:
    """Whether a class of theirs, or one derived from it, is known to work with such a value."""
    return any(works(signature, parameter, value) for works in (trains_with, is_switched, is_reckoned_with))


def with_tolerated(constructor: str, parameter: Parameter) -> ValueType:
    """What a constructor of theirs works with, when another one passes a value on to it: its annotation, and more.

    Args:
        constructor: its path.
        parameter: the one of its parameters that the value is passed to.
    """
    package, _, rest = constructor.partition(".")
    owner, _, name = rest.rpartition(".")
    switches = _SWITCHES.get(package)
    if switches is None or name != "__init__":
        return parameter.type
    owner = owner.rpartition(".")[2]
    if parameter.name in switches.get(owner, ()):
        return union(parameter.type, _TRUTHS)
    tables = ((lightning_values.UNSET, NONE), (lightning_values.SWITCHED_OFF, _FALSE))
    others = [also for table, also in tables if parameter.name in table.get(owner, ())]
    return union(parameter.type, *others) if package != "torch" else parameter.type
