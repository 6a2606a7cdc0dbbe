"""Save and restore the accumulated metrics of an epoch, for a training that is resumed within it.

Lightning accumulates them in `_ResultCollection`, and torchmetrics in their own state. Neither is in a checkpoint, so
that the mean over a resumed epoch would be that of its second part.
"""

from __future__ import annotations

import sys
from functools import reduce
from typing import Any

_SUMS = ("value", "cumulated_batch_size")
_PLAIN = (
    *("fx", "name", "prog_bar", "logger", "on_step", "on_epoch", "enable_graph", "add_dataloader_idx"),
    *("dataloader_idx", "metric_attribute"),
)


def capture_results(trainer: Any) -> dict[str, dict[str, Any]]:
    """The values logged in this epoch of training, by the keys of Lightning's collection, as plain data.

    Values that are synchronised in a process group of their own are left out, since a group cannot be saved.
    """
    results = trainer.fit_loop.epoch_loop._results
    return {
        key: _captured(metric)
        for key, metric in results.items()
        if metric.meta.on_epoch and not metric.has_reset and metric.meta.sync.group is None
    }


def restore_results(trainer: Any, pl_module: Any, captured: dict[str, dict[str, Any]]) -> None:
    """Restore the captured values, before more is logged."""
    results = trainer.fit_loop.epoch_loop._results
    classes = sys.modules[type(results).__module__]
    for key, item in captured.items():
        sync = classes._Sync(
            fn=trainer.strategy.reduce, _should=item["sync"], rank_zero_only=item["rank_zero_only"]
        )
        meta = classes._Metadata(**item["meta"], reduce_fx=item["reduce"])
        meta.sync = sync
        metric = classes._ResultMetric(meta, "sums" in item)
        if "sums" in item:
            for name, value in item["sums"].items():
                setattr(metric, name, value.to(pl_module.device))
        else:
            metric.value = reduce(getattr, meta.metric_attribute.split("."), pl_module)
            _restore_metric(metric.value, item["metric"])
        metric._update_count = 1
        results[key] = metric
    if captured:
        trainer._logger_connector._first_loop_iter = (
            False  # at the first batch of a loop Lightning resets the collection
        )


def capture_monitored(trainer: Any) -> dict[str, Any]:
    """The latest values of the metrics that schedulers and callbacks may monitor, also from earlier epochs."""
    return {key: value.detach().cpu() for key, value in trainer._logger_connector._callback_metrics.items()}


def restore_monitored(trainer: Any, pl_module: Any, captured: dict[str, Any]) -> None:
    """Restore those values, since one that is not logged in each epoch would be missing."""
    moved = {key: value.to(pl_module.device) for key, value in captured.items()}
    trainer._logger_connector._callback_metrics.update(moved)


def _captured(metric: Any) -> dict[str, Any]:
    meta = metric.meta
    captured = {
        "meta": {name: getattr(meta, name) for name in _PLAIN},
        "reduce": meta.reduce_fx.__name__,
        "sync": meta.sync.should,
        "rank_zero_only": meta.sync.rank_zero_only,
    }
    if not metric.is_tensor:
        return captured | {"metric": _state(metric.value)}
    sums = {name: getattr(metric, name).detach().cpu() for name in _SUMS if hasattr(metric, name)}
    return captured | {"sums": sums}


def _state(metric: Any) -> dict[str, Any]:
    values = {name: getattr(metric, name) for name in metric._defaults}
    return {
        "state": {
            name: [item.detach().cpu() for item in value] if isinstance(value, list) else value.detach().cpu()
            for name, value in values.items()
        },
        "updates": metric._update_count,
    }


def _restore_metric(metric: Any, captured: dict[str, Any]) -> None:
    for name, value in captured["state"].items():
        moved = (
            [item.to(metric.device) for item in value] if isinstance(value, list) else value.to(metric.device)
        )
        setattr(metric, name, moved)
    metric._update_count = captured["updates"]
