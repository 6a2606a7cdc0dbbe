"""Lightning's metrics, handed to the run that is recorded."""

from __future__ import annotations

from typing import Any

from serotiny.diagnostics import JobError
from serotiny.filesystem import replace_file
from serotiny.tracking import layout
from serotiny.tracking.session import RunSession


class RunLostError(JobError):
    """Another process has taken the run over, or somebody has deleted it."""


class RunLogger:
    """Goes before `Logger` in the bases of the logger that Lightning gets.

    Every value is recorded as it is, NaN and infinities too. Hyperparameters are not: the run has the
    config that they come from.
    """

    def __init__(self, session: RunSession) -> None:
        super().__init__()
        self._session = session
        self._epoch: tuple[int, float | None] | None = None
        self.last_metrics: dict[str, float] = {}
        self.evaluated_step: int | None = None
        """The step of the checkpoint that `test` runs on: Lightning itself would say 0, in epoch 0."""
        self.is_fitted = False
        """Whether the training is over: to Lightning the test behind it is in an epoch that was never trained."""

    @property
    def name(self) -> str:
        """The run's name."""
        return self._session.info.run_name

    @property
    def version(self) -> str:
        """The run's id, or "" for a run that is only local."""
        return self._session.info.run_id

    def log_hyperparams(self, *_: Any, **__: Any) -> None:
        """Nothing: see the class."""

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        """Record the values at `step`, by default 0.

        Raises:
            RunLostError: the run is not ours any more.
        """
        if self._session.is_lost:
            name = self._session.info.run_name
            raise RunLostError(
                f"the run `{name}` was taken over by another process or deleted; this job stops"
            )
        values = {key: float(value) for key, value in metrics.items()}
        step = step or 0
        # Lightning adds `epoch` to what it logs at an epoch's end, several times a step: once is enough
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
        """Keep a picture in the run's folder and among its artifacts, in place of an earlier one of that name.

        Raises:
            OSError: the folder cannot be written.
        """
        folder = self._session.info.run_dir / layout.PICTURES_FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{name}.png"
        replace_file(file, png)
        self._session.upload(file, layout.PICTURES_FOLDER)
