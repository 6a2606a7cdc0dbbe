"""The error of manifests."""

from __future__ import annotations

from serotiny.diagnostics import SerotinyError


class ManifestError(SerotinyError):
    """A manifest, one of its columns or a file that it names cannot be used as the config says."""
