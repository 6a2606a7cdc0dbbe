"""The loops."""

from .longer import Longer
from .shown import show

__all__ = ["Longer", "show"]
