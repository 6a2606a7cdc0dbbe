"""A loader of one's own: all rows at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
import torch

if TYPE_CHECKING:
    from serotiny.io.dataframe.table import Table


class LoadPolar:
    """Points in the plane from their angle and radius, shape (N, 2).

    Args:
        angle: The column of the angle, in radians.
        radius: The column of the radius.
    """

    columns: ClassVar[tuple[str, ...]] = (
        "{angle}",
        "{radius}",
    )  # what is read; a check knows that they must be there

    def __init__(self, angle: str, radius: str) -> None:
        self.angle = angle
        self.radius = radius

    def load(self, table: Table) -> torch.Tensor:
        """All rows of a table."""
        angle, radius = (
            table.column(name).to_numpy(zero_copy_only=False) for name in (self.angle, self.radius)
        )
        points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        return torch.from_numpy(points.astype(np.float32))
