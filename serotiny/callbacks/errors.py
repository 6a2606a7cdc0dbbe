"""What can be wrong with a callback."""

from __future__ import annotations

from serotiny.diagnostics import SerotinyError


class CallbackError(SerotinyError):
    """A callback cannot be made of these arguments."""
