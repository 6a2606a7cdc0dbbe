"""The error of callbacks."""

from __future__ import annotations

from serotiny.diagnostics import SerotinyError


class CallbackError(SerotinyError):
    """An argument of a callback is invalid, or a batch or prediction lacks what the callback needs."""
