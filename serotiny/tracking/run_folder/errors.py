"""What is wrong with a run's folder."""

from __future__ import annotations

from pathlib import Path

from serotiny.diagnostics import SerotinyError


class RunFolderError(SerotinyError):
    """The folder cannot be created or written."""

    @classmethod
    def unwritable(cls, folder: Path, error: OSError) -> RunFolderError:
        """The error for a folder that the disk or its rights refuse."""
        return cls(
            f"the run folder {folder} cannot be made or written: {error.strerror or error}; free some space or choose "
            "another with `hydra.run.dir=…`"
        )
