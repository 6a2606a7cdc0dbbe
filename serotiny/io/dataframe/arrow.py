"""Convert between pyarrow and numpy arrays, without importing pandas.

pyarrow's own functions (`pa.array`, `pa.scalar`, `Array.to_numpy`) import pandas if it is installed, to test for its
types, which takes half a second and 50 MB.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Positions = npt.NDArray[np.int64]


def as_numpy(column: pa.Array) -> npt.NDArray[Any]:
    """The cells of a column of numbers or booleans; the array is read-only if it is not a copy.

    If there are cells without a value, they are NaN, and integers and booleans become float64.
    """
    values = _flags(column) if pa.types.is_boolean(column.type) else _stored(column)
    if not column.null_count:
        return values
    filled = values.astype(values.dtype if values.dtype.kind == "f" else np.float64)
    filled[is_missing(column)] = np.nan
    return filled


def is_opaque(kind: pa.DataType) -> bool:
    """Whether cells of a type are lists, structures or bytes: neither numbers nor texts."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.types.is_nested(kind) or any(
        test(kind)
        for test in (
            pa.types.is_binary,
            pa.types.is_large_binary,
            pa.types.is_fixed_size_binary,
            pa.types.is_binary_view,
        )
    )


def is_missing(column: pa.Array) -> npt.NDArray[np.bool_]:
    """A mask of the cells without a value."""
    return _flags(column.is_null())


def as_arrow(positions: Positions) -> pa.Array:
    """Positions as an arrow array, without a copy."""
    return pa.Array.from_buffers(pa.int64(), len(positions), [None, pa.py_buffer(positions)])


def floats_as_arrow(values: npt.NDArray[Any]) -> pa.Array:
    """Floats as an arrow array, copied; NaN becomes a missing value."""
    stored = np.ascontiguousarray(values)
    kind = pa.float32() if stored.dtype == np.float32 else pa.float64()
    return without_nan(pa.Array.from_buffers(kind, len(stored), [None, pa.py_buffer(stored)]))


def without_nan(column: pa.Array) -> pa.Array:
    """A column of floats in which NaN is replaced by a missing value."""
    values = column.cast(pa.float32()) if pa.types.is_float16(column.type) else column
    return pc.if_else(pc.is_nan(values), pa.nulls(len(column), column.type), column)


def _flags(column: pa.Array) -> npt.NDArray[np.bool_]:
    # arrow packs eight booleans into a byte
    return _stored(column.cast(pa.uint8())).view(np.bool_)


def _stored(column: pa.Array) -> npt.NDArray[Any]:
    """The values in memory; those of missing cells are arbitrary."""
    sort = (
        "f" if pa.types.is_floating(column.type) else "i" if pa.types.is_signed_integer(column.type) else "u"
    )
    dtype = np.dtype(f"{sort}{column.type.bit_width // 8}")
    if not len(column):
        return np.empty(0, dtype)
    return np.frombuffer(column.buffers()[1], dtype, len(column), column.offset * dtype.itemsize)
