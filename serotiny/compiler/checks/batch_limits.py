"""What Lightning refuses of the trainer's settings once it knows how many batches there are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from serotiny.diagnostics.counts import counted


@dataclass(frozen=True)
class RefusedLimit:
    """A setting of the trainer that does not fit the number of batches.

    Attributes:
        name: the parameter of the trainer.
        wanted: what it must be, in words.
        fix: what to write.
    """

    name: str
    wanted: str
    fix: str


def refused_limits(settings: Mapping[str, Any], batches: Mapping[str, int]) -> Iterator[RefusedLimit]:
    """The settings with which Lightning would not start.

    Args:
        settings: the trainer's arguments, as far as the config gives them.
        batches: how many batches there are at most for each of `train`, `val`, `test` and `predict` that the job uses.
    """
    if settings.get("fast_dev_run"):
        # replaces all others
        settings = {name: value for name, value in settings.items() if name == "overfit_batches"}
    fewest: dict[str, tuple[int, str]] = {}
    for stage, count in batches.items():
        name = _limit(settings, stage)
        fewest[name] = min(fewest.get(name, (count, stage)), (count, stage))
    for name, (count, stage) in fewest.items():
        share = settings.get(name)
        if isinstance(share, float) and 0 < share < 1 and count and not int(count * share):
            least = _share_of_one(count)
            wanted = f"at least {least}, of {counted(count, 'batch')} for `{stage}`"
            yield RefusedLimit(name, wanted, f"write `{least}`, or `1` for one batch")
    yield from _interval(settings, batches.get("train", 0))


def _limit(settings: Mapping[str, Any], stage: str) -> str:
    overfits = stage in ("train", "val") and settings.get("overfit_batches")
    return "overfit_batches" if overfits else f"limit_{stage}_batches"


def _share_of_one(count: int) -> float:
    """The smallest share, with few digits, of which one batch is left."""
    digits = float(f"1e{len(str(count))}")
    return math.ceil(digits / count) / digits


def _interval(settings: Mapping[str, Any], count: int) -> Iterator[RefusedLimit]:
    """Batches between two validations, of which an epoch has fewer."""
    interval = settings.get("val_check_interval")
    validated = settings.get(_limit(settings, "val"), 1.0)
    used = limited(count, settings.get(_limit(settings, "train")))
    if (
        used
        and isinstance(interval, int | float)
        and interval % 1 == 0  # other numbers above 1 are refused whatever the number of batches
        and interval > used
        and settings.get("check_val_every_n_epoch", 1) is not None
        and (validated is None or (is_number(validated) and validated > 0))
    ):
        wanted = f"at most {used}, the batches of an epoch"
        fix = "write `check_val_every_n_epoch: null` beside it to count batches over epochs"
        yield RefusedLimit("val_check_interval", wanted, fix)


def limited(batches: int, limit: Any) -> int:
    """The batches within Lightning's `limit_*_batches`, which is a fraction or a number; all if it is not known."""
    if not is_number(limit):
        return batches
    return int(batches * limit) if isinstance(limit, float) and limit <= 1 else min(batches, int(limit))


def is_number(value: Any) -> bool:
    """Whether a limit is a number: to Lightning, true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)
