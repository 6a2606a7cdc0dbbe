"""Record the use of processor, memory, disk, network and GPUs, if MLflow's environment variable turns it on."""

from __future__ import annotations

import importlib
import logging
import os
import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from serotiny.diagnostics import SerotinyError
from serotiny.tracking.clock import now_ms

WANTED = "MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING"
PREFIX = "system/"
_SAMPLING_S = 10.0

_log = logging.getLogger(__name__)


class _Monitor(Protocol):
    """The interface of MLflow's monitors."""

    def collect_metrics(self) -> None: ...

    def aggregate_metrics(self) -> dict[str, float]: ...

    def clear_metrics(self) -> None: ...


def are_wanted() -> bool:
    """Whether MLflow's variable turns them on, without importing MLflow."""
    return os.environ.get(WANTED, "").strip().lower() in ("true", "1")


class SystemMetrics:
    """A thread that writes the measurements of MLflow's monitors to the journal, with MLflow's names and intervals.

    MLflow's own thread would send them to the server, and hang if it is away.
    """

    def __init__(self, record: Callable[[Mapping[str, float], int], None], started_ms: int) -> None:
        """`record` is called with values and their step; `started_ms` is the time of the run's first start."""
        self._record = record
        self._started_ms = started_ms
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="serotiny-system-metrics", daemon=True)

    def start(self) -> None:
        """Start measuring."""
        self._thread.start()

    def stop(self) -> None:
        """Stop measuring; nothing is recorded after this returns."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        interval_s = _number("MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL", _SAMPLING_S)
        samples = int(_number("MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING", 1))
        node = os.environ.get("MLFLOW_SYSTEM_METRICS_NODE_ID")
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
            # steps count from the run's first start, so that a resumed run continues behind the earlier points
            step = int((now_ms() - self._started_ms) / 1000 / interval_s)
            try:
                self._record(measured, step)
            except SerotinyError as error:
                # a full disk ends the job elsewhere, where it writes more important data
                _log.debug("system metrics end here: %s", error)
                return
            for monitor in monitors:
                monitor.clear_metrics()

    def _sampled(self, monitors: list[_Monitor], samples: int, interval_s: float) -> bool:
        """Take the samples of one point; False when the run ends meanwhile."""
        for _ in range(samples):
            for monitor in monitors:
                monitor.collect_metrics()
            if self._stopped.wait(interval_s):
                return False
        return True


def _number(variable: str, default: float) -> float:
    """The value of a variable; with a warning the default if it is not a positive number."""
    text = os.environ.get(variable) or str(default)
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if number > 0:
        return number
    _log.warning("%s is `%s`, which is no positive number; it is taken for %g", variable, text, default)
    return default


def _monitors() -> list[_Monitor]:
    metrics: Any = importlib.import_module("mlflow.system_metrics.metrics")
    names = ("cpu_monitor.CPUMonitor", "disk_monitor.DiskMonitor", "network_monitor.NetworkMonitor")
    return [*(_made(metrics, name) for name in names), *_gpu_monitors(metrics)]


def _gpu_monitors(metrics: Any) -> list[_Monitor]:
    for name in ("gpu_monitor.GPUMonitor", "rocm_monitor.ROCMMonitor"):
        try:
            return [_made(metrics, name)]
        except Exception as error:  # each library has its own exceptions for a machine without its GPUs
            _log.debug("no %s: %s", name, error)
    return []


def _made(package: Any, name: str) -> _Monitor:
    module, _, kind = name.partition(".")
    made: _Monitor = getattr(importlib.import_module(f"{package.__name__}.{module}"), kind)()
    return made
