"""What the epoch's metrics have gathered so far, for a training that goes on in mid-epoch.

Lightning keeps it in `_ResultCollection` and torchmetrics in their own state, and neither writes it into a
checkpoint: the mean of an epoch that was resumed would be that of its second part.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

from torch import Tensor

_EARLIER = ("value", "cumulated_batch_size")


def capture_results(trainer: Any) -> dict[str, Any]:
    """Sums and weights by the keys of Lightning's collection, states of metrics by their places in the model."""
    results = trainer.fit_loop.epoch_loop._results
    sums = {
        key: {name: getattr(metric, name).detach().cpu() for name in _EARLIER if hasattr(metric, name)}
        for key, metric in results.items()
        if metric.is_tensor and metric.meta.on_epoch
    }
    own = {
        metric.meta.metric_attribute: _state(metric.value)
        for metric in results.values()
        if not metric.is_tensor and metric.meta.metric_attribute
    }
    return {"sums": sums, "metrics": own}


def restore_metrics(pl_module: Any, captured: dict[str, Any]) -> None:
    """Put the states of the model's metrics back, before they are updated."""
    for place, state in captured["metrics"].items():
        metric = reduce(getattr, place.split("."), pl_module)
        for name, value in state["state"].items():
            moved = (
                [item.to(metric.device) for item in value]
                if isinstance(value, list)
                else value.to(metric.device)
            )
            setattr(metric, name, moved)
        metric._update_count = state["updates"]


def add_sums(trainer: Any, sums: dict[str, Any]) -> dict[str, Any]:
    """Add what was gathered before to what is logged again by now; those that are not are returned.

    After the first batch the order of the additions, and so the last bit, is that of an undisturbed epoch.
    """
    results = trainer.fit_loop.epoch_loop._results
    for key in sums.keys() & results.keys():
        _add(results[key], sums[key])
    return {key: earlier for key, earlier in sums.items() if key not in results}


def _add(metric: Any, earlier: dict[str, Tensor]) -> None:
    value = earlier["value"].to(metric.value.device)
    if metric.meta.is_mean_reduction:
        metric.value = value + metric.value
        weight = earlier["cumulated_batch_size"].to(metric.value.device)
        metric.cumulated_batch_size = weight + metric.cumulated_batch_size
    elif metric.meta.is_sum_reduction:
        metric.value = value + metric.value
    else:
        metric.value = metric.meta.reduce_fx(value, metric.value)


def _state(metric: Any) -> dict[str, Any]:
    values = {name: getattr(metric, name) for name in metric._defaults}
    return {
        "state": {
            name: [item.detach().cpu() for item in value] if isinstance(value, list) else value.detach().cpu()
            for name, value in values.items()
        },
        "updates": metric._update_count,
    }
