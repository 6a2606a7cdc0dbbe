"""Cache the expansions of defaults lists, since the jobs of a check or a sweep share most of them.

An expansion depends only on the chosen options and the lists that were read, so that jobs that differ in values
share one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from serotiny.compiler.defaults.compute import compute_defaults
from serotiny.compiler.defaults.configs import Configs, Defaults, Loaded
from serotiny.compiler.defaults.errors import DefaultsRejected
from serotiny.compiler.defaults.trace import DefaultsTrace
from serotiny.compiler.syntax.override import Override

_KEPT_KEYS = 2000
_KEPT_ANSWERS = 4
"""Answers per question: composing one job may ask twice, for its list with and without the inserted groups."""


_Question = tuple[str, bool, tuple[str, ...]]


@dataclass(frozen=True)
class _Answer:
    """The outcome of one expansion, and the configs that it was computed from."""

    outcome: Defaults | DefaultsRejected
    trace: DefaultsTrace


class Expansions:
    """`compute_defaults` with a cache, whose answers hold as long as the lists that were read are the same.

    It does not notice changes in the options of a group: call `forget` when a file is added or removed.
    """

    def __init__(self) -> None:
        self._answers: dict[_Question, list[_Answer]] = {}

    def forget(self) -> None:
        self._answers.clear()

    def __call__(self, config_name: str, overrides: Sequence[Override], configs: Configs) -> Defaults:
        """Expand the defaults list of `config_name`.

        Raises:
            DefaultsRejected: as `compute_defaults`.
        """
        choosing = [override for override in overrides if configs.chooses(override)]
        outcome = self._outcome(config_name, choosing, configs)
        if isinstance(outcome, DefaultsRejected):
            raise outcome.with_traceback(None)
        values = tuple(override for override in overrides if not any(override is item for item in choosing))
        return replace(outcome, value_overrides=values)

    def _outcome(
        self, config_name: str, choosing: Sequence[Override], configs: Configs
    ) -> Defaults | DefaultsRejected:
        key = (config_name, configs.with_hydra, tuple(override.text for override in choosing))
        answer = self._remembered(key, configs.load)
        if answer is not None:
            return answer.outcome
        answer = _compute(config_name, choosing, configs)
        if len(self._answers) >= _KEPT_KEYS:
            self.forget()
        self._answers[key] = [answer, *self._answers.get(key, ())[: _KEPT_ANSWERS - 1]]
        return answer.outcome

    def _remembered(self, key: _Question, load: Callable[[str], Loaded | None]) -> _Answer | None:
        """The cached answer whose lists are the same now, if there is one."""
        return next((answer for answer in self._answers.get(key, ()) if answer.trace.holds(load)), None)


def _compute(config_name: str, overrides: Sequence[Override], configs: Configs) -> _Answer:
    trace = DefaultsTrace(configs)
    try:
        return _Answer(compute_defaults(config_name, overrides, trace.configs), trace)
    except DefaultsRejected as error:
        return _Answer(error, trace)
