"""Remember how defaults lists expand: most edits change values, and expanding is the dearest part of a compile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from serotiny.compiler.defaults.trace import DefaultsTrace
from serotiny.compiler.hydra.defaults_list import Configs, Defaults, Loaded, Override, compute_defaults
from serotiny.compiler.hydra.errors import Rejected

_KEPT_KEYS = 2000
_KEPT_ANSWERS = 4
"""Composing one job may ask twice with the same overrides, from lists with and without what is inserted."""


_Question = tuple[str, bool, tuple[str | None, ...]]


@dataclass(frozen=True)
class _Answer:
    """What came out, and what it was computed from; overrides are remembered by their position."""

    trace: DefaultsTrace
    outcome: Defaults | Rejected
    value_overrides: tuple[int, ...] = ()


class DefaultsMemo:
    """Does what `compute_defaults` does, and remembers it for as long as the lists are what they were.

    Which options a group has must not change meanwhile: forget everything when a file comes or goes.
    """

    def __init__(self) -> None:
        self._answers: dict[_Question, list[_Answer]] = {}

    def forget(self) -> None:
        self._answers.clear()

    def __call__(self, config_name: str, overrides: Sequence[Override], configs: Configs) -> Defaults:
        """Expand the defaults list of `config_name`.

        Raises:
            MissingConfig: as `compute_defaults`.
            Rejected: as `compute_defaults`.
        """
        key = (config_name, configs.with_hydra, tuple(override.input_line for override in overrides))
        answer = self._remembered(key, configs.load)
        if answer is None:
            answer = _compute(config_name, overrides, configs)
            if len(self._answers) >= _KEPT_KEYS:
                self.forget()
            self._answers[key] = [answer, *self._answers.get(key, ())[: _KEPT_ANSWERS - 1]]
        if isinstance(answer.outcome, Rejected):
            raise answer.outcome.with_traceback(None)
        return replace(
            answer.outcome, value_overrides=tuple(overrides[index] for index in answer.value_overrides)
        )

    def _remembered(self, key: _Question, load: Callable[[str], Loaded | None]) -> _Answer | None:
        """The answer whose lists are those of now."""
        for answer in self._answers.get(key, ()):
            if answer.trace.holds(load):
                return answer
        return None


def _compute(config_name: str, overrides: Sequence[Override], configs: Configs) -> _Answer:
    trace = DefaultsTrace(configs)
    try:
        outcome = compute_defaults(config_name, overrides, trace.configs)
    except Rejected as error:
        return _Answer(trace, error)
    position = {id(override): index for index, override in enumerate(overrides)}
    return _Answer(trace, outcome, tuple(position[id(override)] for override in outcome.value_overrides))
