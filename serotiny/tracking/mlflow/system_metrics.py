"""Use of processor, memory, disk, network and GPUs among a run's metrics, when MLflow's variable asks for it."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from serotiny.diagnostics import SerotinyError
from serotiny.tracking.clock import now_ms

if TYPE_CHECKING:
    from mlflow.system_metrics.metrics.base_metrics_monitor import BaseMetricsMonitor

WANTED = "MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING"
PREFIX = "system/"
_SAMPLING_S = 10.0

_log = logging.getLogger(__name__)


def are_wanted() -> bool:
    """Whether MLflow's variable says so; MLflow itself is not imported for the question."""
    return os.environ.get(WANTED, "").strip().lower() in ("true", "1")


class SystemMetrics:
    """A thread that hands what MLflow's monitors measure to the run's journal, by MLflow's names and intervals.

    MLflow's own thread would send it, and wait for a server that is away.
    """

    def __init__(self, record: Callable[[Mapping[str, float], int], None], started_ms: int) -> None:
        """`record` takes values and their step; `started_ms` is when the run was first started."""
        self._record = record
        self._started_ms = started_ms
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="serotiny-system-metrics", daemon=True)

    def start(self) -> None:
        """Start measuring."""
        self._thread.start()

    def stop(self) -> None:
        """Nothing is recorded once this returns."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        from mlflow.environment_variables import (
            MLFLOW_SYSTEM_METRICS_NODE_ID,
            MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING,
            MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL,
        )

        interval_s = MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL.get() or _SAMPLING_S
        samples = MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING.get() or 1
        node = MLFLOW_SYSTEM_METRICS_NODE_ID.get()
        try:
            monitors = _monitors()
        except ImportError as error:
            _log.warning("no system metrics: %s; `pip install psutil` (and nvidia-ml-py for GPUs)", error)
            return
        while self._sampled(monitors, samples, interval_s):
            measured = {
                f"{PREFIX}{node}/{name}" if node else f"{PREFIX}{name}": value
                for monitor in monitors
                for name, value in monitor.aggregate_metrics().items()
            }
            # counted from the run's first start, so that what a resumed run measures comes behind
            step = int((now_ms() - self._started_ms) / 1000 / interval_s)
            try:
                self._record(measured, step)
            except SerotinyError as error:  # a full disk ends the job where it writes what matters
                _log.debug("system metrics end here: %s", error)
                return
            for monitor in monitors:
                monitor.clear_metrics()

    def _sampled(self, monitors: list[BaseMetricsMonitor], samples: int, interval_s: float) -> bool:
        """Measure as often as goes into one point; False when the run ends meanwhile."""
        for _ in range(samples):
            for monitor in monitors:
                monitor.collect_metrics()
            if self._stopped.wait(interval_s):
                return False
        return True


def _monitors() -> list[BaseMetricsMonitor]:
    from mlflow.system_metrics.metrics.cpu_monitor import CPUMonitor
    from mlflow.system_metrics.metrics.disk_monitor import DiskMonitor
    from mlflow.system_metrics.metrics.network_monitor import NetworkMonitor

    return [CPUMonitor(), DiskMonitor(), NetworkMonitor(), *_gpu_monitors()]


def _gpu_monitors() -> list[BaseMetricsMonitor]:
    from mlflow.system_metrics.metrics.gpu_monitor import GPUMonitor
    from mlflow.system_metrics.metrics.rocm_monitor import ROCMMonitor

    for monitor in (GPUMonitor, ROCMMonitor):
        try:
            return [monitor()]
        except Exception as error:  # each library has errors of its own for a machine without its GPUs
            _log.debug("no %s: %s", monitor.__name__, error)
    return []
