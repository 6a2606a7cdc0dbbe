"""The plain values that a config may write for certain objects, which are made of them when the job is built."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from serotiny.targets.value_types import types as t

_NUMBER: Final = t.union(t.INT, t.FLOAT)
_NUMBERS: Final = t.ListType(t.union(_NUMBER, t.BOOL, t.ListType(t.ANY)))
_ARRAY: Final = t.union(_NUMBER, _NUMBERS)

FORMS: Final = MappingProxyType(
    {
        "torch.Tensor": _ARRAY,
        "torch.Size": t.ListType(t.INT),
        "torch.device": t.union(t.STR, t.INT),
        "torch.dtype": t.STR,
        "numpy.ndarray": _ARRAY,
    }
)
"""The canonical path of a class → the type of the plain value that is written for an instance."""
