"""Record runs: unique names, resuming, and a local journal for when the server is away. The only importer of mlflow.

Importing this package is light; mlflow is imported when a store is opened.
"""

from serotiny.tracking.errors import TrackingError
from serotiny.tracking.open_run import open_run
from serotiny.tracking.outbox.errors import JournalError
from serotiny.tracking.session import (
    CheckpointSource,
    CloseReport,
    Finished,
    Refusal,
    RunInfo,
    RunRequest,
    RunSession,
)

__all__ = [
    "CheckpointSource",
    "CloseReport",
    "Finished",
    "JournalError",
    "Refusal",
    "RunInfo",
    "RunRequest",
    "RunSession",
    "TrackingError",
    "open_run",
]
