"""What can be wrong with a model."""

from __future__ import annotations

from serotiny.diagnostics import JobError, SerotinyError


class ModelError(SerotinyError):
    """A model cannot be made of these arguments."""


class BatchError(JobError):
    """A batch does not hold what the model was told to find there."""
