"""How far a run was trained, and whether new limits leave more to train."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from serotiny.diagnostics.counts import counted

EPOCHS, STEPS, TIME = "max_epochs", "max_steps", "max_time"
EARLY_STOPPING = "early stopping"
CALLBACK = "a callback"
UNENDED = ""

_LIMITS = frozenset({EPOCHS, STEPS, TIME, UNENDED})
_DEFAULT_EPOCHS = 1000


@dataclass(frozen=True, slots=True)
class Trained:
    """How far a run was trained.

    Attributes:
        epochs: complete epochs.
        steps: optimiser steps as Lightning counts them (`global_step`).
        ended_by: the limit that was reached (`max_epochs`, `max_steps`, `max_time`), or what stopped it earlier;
            "" while it goes on.
        time_s: the time spent in training in seconds, if it was limited.
    """

    epochs: int
    steps: int
    ended_by: str
    time_s: float | None = None

    def as_state(self) -> dict[str, Any]:
        """The fields as plain data."""
        return asdict(self)

    def to_json(self) -> str:
        """The tag's value."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | None) -> Trained | None:
        """The value of the tag; None without a tag, or for one of a later version."""
        try:
            return _TRAINED.validate_json(text, strict=True) if text else None
        except ValidationError:
            return None

    @classmethod
    def from_state(cls, state: Any) -> Trained | None:
        """What `as_state` gave; None for what another program or a later version wrote."""
        try:
            return _TRAINED.validate_python(state)  # strict, it would take no mapping
        except ValidationError:
            return None

    @property
    def was_stopped(self) -> bool:
        """Whether something other than a limit ended it, such as early stopping, so that new limits do not matter."""
        return self.ended_by not in _LIMITS

    @property
    def was_cut(self) -> bool:
        """Whether something other than `max_epochs` ended it, so that epochs may be missing."""
        return self.ended_by not in (EPOCHS, UNENDED)

    def described(self) -> str:
        """What ended it and when, as part of a sentence."""
        what = f"`trainer.{self.ended_by}`" if self.ended_by in _LIMITS else self.ended_by
        return f"{what} ended it after {counted(self.epochs, 'epoch')} ({counted(self.steps, 'step')})"

    def is_less_than(self, trainer: Mapping[str, Any]) -> bool:
        """Whether the limits in these arguments of the trainer leave something to train."""
        if self.was_stopped:
            return False
        epochs, steps = trainer.get(EPOCHS), trainer.get(STEPS)
        time_s = seconds_of(trainer.get(TIME))
        # as Lightning's `_parse_loop_limits`: 1000 epochs if there is no limit
        if epochs is None and steps in {None, -1} and time_s is None:
            epochs = _DEFAULT_EPOCHS
        return (
            _is_below(self.epochs, epochs)
            and _is_below(self.steps, steps)
            and (time_s is None or self.time_s is None or self.time_s < time_s)
        )


_TRAINED = TypeAdapter(Trained)


def seconds_of(max_time: Any) -> float | None:
    """`max_time` in seconds, from `DD:HH:MM:SS` or a mapping of timedelta's arguments; None if there is no limit."""
    try:
        if isinstance(max_time, str):
            days, hours, minutes, seconds = map(int, max_time.strip().split(":"))
            return dt.timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds).total_seconds()
        if isinstance(max_time, Mapping):
            return dt.timedelta(**max_time).total_seconds()
    except (ValueError, TypeError):
        return None
    return None


def _is_below(done: int, limit: Any) -> bool:
    return not isinstance(limit, int | float) or limit == -1 or done < limit
