"""Loaders: what a row of a manifest becomes in a batch.

A loader is any callable of a row (a `pandas.Series` whose name is the row's number in its file).
The ones here can also load all rows at once.
"""

from serotiny.io.dataframe.loaders.classes import LoadClass
from serotiny.io.dataframe.loaders.columns import LoadColumn, LoadColumns
from serotiny.io.dataframe.loaders.image import LoadImage
from serotiny.io.dataframe.loaders.loader import Loader

__all__ = ["LoadClass", "LoadColumn", "LoadColumns", "LoadImage", "Loader"]
