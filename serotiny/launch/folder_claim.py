"""The folder of a job or of a sweep, claimed before Hydra writes there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from serotiny.compiler.plan.plan import Plan
from serotiny.ml_ops.record.request import request_of, settings_of
from serotiny.tracking.open_run import claim_folder, claim_sweep_folder
from serotiny.tracking.run_folder.folder import RunFolder
from serotiny.tracking.session import Refusal, RunRefusedError


class FolderClaim:
    """Claims the folder that a config asks for when Hydra's application calls it; `give_back` ends the claim."""

    def __init__(self, plans: Sequence[Plan], is_sweep: bool) -> None:
        self._plans = plans
        self._is_sweep = is_sweep
        self._folder: RunFolder | None = None

    def __call__(self, path: Path, is_named_by_time: bool) -> Path:
        """The folder to use.

        Raises:
            RunRefusedError: it belongs to another run (SER409).
            RunFolderError: it cannot be created or written.
        """
        if self._is_sweep:
            self._folder = claim_sweep_folder(path)
            return self._folder.path
        (plan,) = self._plans
        claimed = claim_folder(settings_of(plan), request_of(plan, path), is_named_by_time)
        if isinstance(claimed, Refusal):
            raise RunRefusedError(claimed.diagnostics)
        self._folder = claimed
        return claimed.path

    @property
    def folder(self) -> Path | None:
        """The claimed folder; None when Hydra failed before asking for one."""
        return None if self._folder is None else self._folder.path

    def give_back(self) -> None:
        """Mark a sweep's folder as finished; release a job's folder if no run has begun in it."""
        if self._folder is not None and self._is_sweep:
            self._folder.end("FINISHED")
        elif self._folder is not None:
            self._folder.give_back_unused()
