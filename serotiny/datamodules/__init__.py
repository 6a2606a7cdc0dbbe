"""Data modules that a config may name."""

from serotiny.datamodules.manifest_datamodule import ManifestDatamodule
from serotiny.datamodules.streamed_datamodule import StreamedDatamodule

__all__ = ["ManifestDatamodule", "StreamedDatamodule"]
