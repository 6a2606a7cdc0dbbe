"""What is wrong with a journal."""

from __future__ import annotations

from pathlib import Path

from serotiny.diagnostics import JobError


class JournalError(JobError):
    """The journal cannot be written or read."""

    @classmethod
    def unwritable(cls, file: Path, error: OSError) -> JournalError:
        """The error for a file of the journal that the disk or its folder refuses."""
        return cls(
            f"the journal {file} cannot be written: {error.strerror}; free some space or choose another "
            "folder with `hydra.run.dir=…`"
        )


class UnreadableJournalError(JournalError):
    """There is no journal to read, or it is damaged. Unlike its base class it is not a failure of a job."""

    exit_status = 2
