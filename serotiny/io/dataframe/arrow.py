"""Arrays of pyarrow and of numpy as each other, without pandas.

pyarrow's own ways (`pa.array`, `pa.scalar`, `Array.to_numpy`) import pandas where it is installed, to ask whether what
they are given is one of its things: half a second and 50 MB that no table of numbers needs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Positions = npt.NDArray[np.int64]


def as_numpy(column: pa.Array) -> npt.NDArray[Any]:
    """The cells of a column of numbers or booleans, read-only where they are not copied.

    NaN stands for no value, and then integers and booleans are float64.
    """
    values = _flags(column) if pa.types.is_boolean(column.type) else _stored(column)
    if not column.null_count:
        return values
    filled = values.astype(values.dtype if values.dtype.kind == "f" else np.float64)
    filled[is_missing(column)] = np.nan
    return filled


def is_missing(column: pa.Array) -> npt.NDArray[np.bool_]:
    """Which cells have no value."""
    return _flags(column.is_null())


def as_arrow(positions: Positions) -> pa.Array:
    """Positions, not copied."""
    return pa.Array.from_buffers(pa.int64(), len(positions), [None, pa.py_buffer(positions)])


def floats_as_arrow(values: npt.NDArray[Any]) -> pa.Array:
    """Floats, copied; no value in place of NaN."""
    stored = np.ascontiguousarray(values)
    kind = pa.float32() if stored.dtype == np.float32 else pa.float64()
    return without_nan(pa.Array.from_buffers(kind, len(stored), [None, pa.py_buffer(stored)]))


def without_nan(column: pa.Array) -> pa.Array:
    """A column of floats with no value in place of NaN."""
    values = column.cast(pa.float32()) if pa.types.is_float16(column.type) else column
    return pc.if_else(pc.is_nan(values), pa.nulls(len(column), column.type), column)


def _flags(column: pa.Array) -> npt.NDArray[np.bool_]:
    # eight of them share a byte there
    return _stored(column.cast(pa.uint8())).view(np.bool_)


def _stored(column: pa.Array) -> npt.NDArray[Any]:
    """What is in memory, whatever stands where there is no value."""
    sort = (
        "f" if pa.types.is_floating(column.type) else "i" if pa.types.is_signed_integer(column.type) else "u"
    )
    dtype = np.dtype(f"{sort}{column.type.bit_width // 8}")
    if not len(column):
        return np.empty(0, dtype)
    return np.frombuffer(column.buffers()[1], dtype, len(column), column.offset * dtype.itemsize)
