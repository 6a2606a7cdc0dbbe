"""Data modules that a config may name."""

from serotiny.datamodules.manifest_datamodule import ManifestDatamodule

__all__ = ["ManifestDatamodule"]
