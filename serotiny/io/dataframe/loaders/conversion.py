"""Convert arrays without changing what they hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from serotiny.manifest.errors import ManifestError


def as_dtype(array: npt.NDArray[Any], dtype: str, what: str) -> npt.NDArray[Any]:
    """The numbers of an array with another dtype; floats may be rounded.

    Raises:
        ManifestError: a number is out of the range of the dtype, or an integer would lose its fraction.
    """
    if np.can_cast(array.dtype, dtype, "safe"):
        return array.astype(dtype, copy=False)
    # what does not fit is told below instead of by numpy's warning
    with np.errstate(invalid="ignore", over="ignore"):
        converted = array.astype(dtype)
        lost = (
            converted != array if converted.dtype.kind in "iu" else np.isinf(converted) & np.isfinite(array)
        )
    if lost.any():
        raise ManifestError(f"{what} holds {array[lost].flat[0]}, which is no {dtype}")
    return converted
