"""Convert arrays without changing what they hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from serotiny.manifest.errors import ManifestError


def as_dtype(array: npt.NDArray[Any], dtype: str, what: str, instead: str = "") -> npt.NDArray[Any]:
    """The numbers of an array with another dtype; floats may be rounded.

    Args:
        array: The numbers.
        dtype: What they become.
        what: What holds them, for messages.
        instead: What helps against a number that the dtype does not hold, if there is something.

    Raises:
        ManifestError: a number is out of the range of the dtype, or an integer would lose its fraction.
    """
    if np.can_cast(array.dtype, dtype, "safe"):
        return array.astype(dtype, copy=False)
    found, lost = converted(array, np.dtype(dtype))
    if lost.any():
        raise ManifestError(
            f"{what} holds {array[lost].flat[0]}, which is no {dtype}{instead and f'; {instead}'}"
        )
    return found


def converted(
    array: npt.NDArray[Any], dtype: np.dtype[Any]
) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """The numbers of an array with another dtype, and a mask of those that it does not hold, whatever they became."""
    # what does not fit is told by the mask instead of by numpy's warning
    with np.errstate(invalid="ignore", over="ignore"):
        found = array.astype(dtype)
        if dtype.kind in "iub":
            return found, found != array
        lost = np.isinf(found)
        return found, lost & np.isfinite(array) if lost.any() else lost
