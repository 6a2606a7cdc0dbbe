"""Lightning's metrics, handed to the run that is recorded."""

from __future__ import annotations

from typing import Any

from serotiny.tracking.session import RunSession


class RunLogger:
    """Goes before `Logger` in the bases of the logger that Lightning gets.

    Every value is recorded as it is, NaN and infinities too. Hyperparameters are not: the run has the
    config that they come from.
    """

    def __init__(self, session: RunSession) -> None:
        super().__init__()
        self._session = session
        self.last_metrics: dict[str, float] = {}
        self._epoch: tuple[int, float | None] = (0, None)

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
        """Record the values at `step`, by default 0."""
        values = {key: float(value) for key, value in metrics.items()}
        self.last_metrics.update(values)
        epoch = (step or 0, values.get("epoch"))
        if epoch[1] is not None and epoch == self._epoch:
            del values["epoch"]  # Lightning adds it to each call: once a step is enough
        elif epoch[1] is not None:
            self._epoch = epoch
        if values:
            self._session.log_metrics(values, step=epoch[0])
