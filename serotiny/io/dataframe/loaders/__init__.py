"""Loaders: what a row of a manifest becomes in a batch.

The ones here load all rows at once, and so can a class of one's own (see `ColumnarLoader`). Any callable of a row
(a `pandas.Series` whose name is the row's number in its file) is a loader, too.
"""

from serotiny.io.dataframe.loaders.array import LoadArray
from serotiny.io.dataframe.loaders.classes import LoadClass
from serotiny.io.dataframe.loaders.columns import LoadColumn, LoadColumns
from serotiny.io.dataframe.loaders.image import LoadImage
from serotiny.io.dataframe.loaders.loader import Loader

__all__ = ["LoadArray", "LoadClass", "LoadColumn", "LoadColumns", "LoadImage", "Loader"]
