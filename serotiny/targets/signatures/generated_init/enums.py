"""What calling an enumeration takes: the value of the member that is looked up."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from serotiny.targets.signature import Parameter
from serotiny.targets.signatures.call_shape import OPEN, CallShape
from serotiny.targets.value_types import types as t

if TYPE_CHECKING:
    from collections.abc import Iterator


def enum_shape(members: t.ValueType) -> CallShape:
    """The call that gives a member; anything for a class without members, which it would make a class of."""
    if not isinstance(members, t.EnumType):
        return OPEN
    values = t.LiteralType(tuple(equal_values(members.values))) if members.closed else t.ANY
    return CallShape((Parameter(name="value", type=values, required=True),))


def equal_values(values: tuple[t.Scalar, ...]) -> Iterator[t.Scalar]:
    """The values, and those of other types that equal them, as in Python `True == 1 == 1.0`."""
    for value in values:
        yield value
        if isinstance(value, bool | int | float) and math.isfinite(value):
            yield from (
                other
                for other in (bool(value), int(value), float(value))
                if other == value and type(other) is not type(value)
            )
