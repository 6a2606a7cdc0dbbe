"""A Lightning logger that passes metrics to the recorded run."""

from __future__ import annotations

from typing import Any

from serotiny.diagnostics import JobError
from serotiny.filesystem import replace_file
from serotiny.tracking import layout
from serotiny.tracking.session import RunSession


class RunLostError(JobError):
    """Another process has taken over the run, or it was deleted."""


class RunLogger:
    """Mixed in before `Logger`, to make the logger that Lightning gets.

    All values are recorded, including NaN and infinities. Hyperparameters are not, since the run has the config from
    which they come.
    """

    def __init__(self, session: RunSession) -> None:
        super().__init__()
        self._session = session
        self._epoch: tuple[int, float | None] | None = None
        self.last_metrics: dict[str, float] = {}
        self.evaluated_step: int | None = None
        """The step of the checkpoint that `test` uses, since Lightning itself would log step 0 and epoch 0."""
        self.is_fitted = False
        """Whether the training is over; Lightning would log a test after it in an epoch that was never trained."""

    @property
    def name(self) -> str:
        """The run's name."""
        return self._session.info.run_name

    @property
    def version(self) -> str:
        """The run's id, or "" for a run that is only local."""
        return self._session.info.run_id

    def log_hyperparams(self, *_: Any, **__: Any) -> None:
        """Do nothing: see the class."""

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        """Record the values at `step`, by default 0.

        Raises:
            RunLostError: the run was taken over or deleted.
        """
        if self._session.is_lost:
            name = self._session.info.run_name
            raise RunLostError(
                f"the run `{name}` was taken over by another process or deleted; this job stops"
            )
        values = {key: float(value) for key, value in metrics.items()}
        step = step or 0
        # Lightning adds `epoch` to metrics at an epoch's end, several times per step; it is recorded once
        if self.evaluated_step is not None and "epoch" in values:
            step = self.evaluated_step
            del values["epoch"]
        elif self.is_fitted or self._epoch == (step, values.get("epoch")):
            values.pop("epoch", None)
        else:
            self._epoch = (step, values.get("epoch"))
        self.last_metrics.update(values)
        if values:
            self._session.log_metrics(values, step=step)

    def keep_picture(self, name: str, png: bytes) -> None:
        """Store a picture in the run's folder and its artifacts, replacing an earlier one of the same name.

        Raises:
            OSError: the folder cannot be written.
        """
        folder = self._session.info.run_dir / layout.PICTURES_FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{name}.png"
        replace_file(file, png)
        self._session.upload(file, layout.PICTURES_FOLDER)
