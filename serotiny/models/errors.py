"""The errors of models."""

from __future__ import annotations

from serotiny.diagnostics import JobError, SerotinyError


class ModelError(SerotinyError):
    """An argument of a model is invalid."""


class BatchError(JobError):
    """A batch lacks a key that the model reads, or its value has a wrong shape."""
