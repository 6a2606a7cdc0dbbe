"""The callbacks that every job gets.

They are written against Lightning's hooks alone, without a base class: `pytorch_lightning` and
`lightning.pytorch` are two packages with unrelated classes, and `serotiny.ml_ops` joins each one
to the base class of the namespace that the job's trainer comes from.
"""

from serotiny.callbacks.exact_resume import ExactResume
from serotiny.callbacks.replayed_loader import FreshWorkersLoader, ReplayedLoader, ReplayPoint
from serotiny.callbacks.stop_request import StopRequest

__all__ = [
    "ExactResume",
    "FreshWorkersLoader",
    "ReplayPoint",
    "ReplayedLoader",
    "StopRequest",
]
