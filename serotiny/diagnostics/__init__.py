"""Diagnostics: what is wrong, where, and what to do; plain values without any input or output."""

from serotiny.diagnostics.diagnostic import Diagnostic, merge_jobs
from serotiny.diagnostics.errors import JobError, JobInterruptedError, SerotinyError
from serotiny.diagnostics.place import DEFAULT, NOWHERE, Origin, Place
from serotiny.diagnostics.rules import RULES, Rule, Severity, Stage
from serotiny.diagnostics.suggestions import closest, closest_object, did_you_mean

__all__ = [
    "DEFAULT",
    "NOWHERE",
    "RULES",
    "Diagnostic",
    "JobError",
    "JobInterruptedError",
    "Origin",
    "Place",
    "Rule",
    "SerotinyError",
    "Severity",
    "Stage",
    "closest",
    "closest_object",
    "did_you_mean",
    "merge_jobs",
]
