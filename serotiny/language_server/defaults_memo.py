"""Remember how defaults lists expand: most edits change values, and expanding is the dearest part of a compile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from serotiny.compiler.hydra_adapter import Defaults, Loaded, Override, Rejected, compute_defaults

_KEPT_KEYS = 2000
_KEPT_ANSWERS = 4
"""Composing one job may ask twice with the same overrides, from lists with and without what is inserted."""

_Gist = tuple[Any, ...] | None


@dataclass(frozen=True)
class _Answer:
    """What came out, and what it was computed from; overrides are remembered by their position."""

    loaded: dict[str, _Gist]
    outcome: Defaults | Rejected
    value_overrides: tuple[int, ...] = ()


class DefaultsMemo:
    """Does what `compute_defaults` does, and remembers it for as long as the lists are what they were.

    Which options a group has must not change meanwhile: forget everything when a file comes or goes.
    """

    def __init__(self) -> None:
        self._answers: dict[tuple[str, tuple[str | None, ...]], list[_Answer]] = {}

    def forget(self) -> None:
        self._answers.clear()

    def __call__(
        self,
        config_name: str,
        overrides: Sequence[Override],
        load: Callable[[str], Loaded | None],
        is_group: Callable[[str], bool],
        options: Callable[[str], Sequence[str]],
        /,
    ) -> Defaults:
        """Expand the defaults list of `config_name`.

        Raises:
            MissingConfig: as `compute_defaults`.
            Rejected: as `compute_defaults`.
        """
        key = (config_name, tuple(override.input_line for override in overrides))
        answer = self._remembered(key, load)
        if answer is None:
            answer = _compute(config_name, overrides, load, is_group, options)
            if len(self._answers) >= _KEPT_KEYS:
                self.forget()
            self._answers[key] = [answer, *self._answers.get(key, ())[: _KEPT_ANSWERS - 1]]
        if isinstance(answer.outcome, Rejected):
            raise answer.outcome.with_traceback(None)
        return replace(
            answer.outcome, value_overrides=tuple(overrides[index] for index in answer.value_overrides)
        )

    def _remembered(
        self, key: tuple[str, tuple[str | None, ...]], load: Callable[[str], Loaded | None]
    ) -> _Answer | None:
        """The answer whose lists are those of now."""
        for answer in self._answers.get(key, ()):
            if all(_gist(load(path)) == gist for path, gist in answer.loaded.items()):
                return answer
        return None


def _compute(
    config_name: str,
    overrides: Sequence[Override],
    load: Callable[[str], Loaded | None],
    is_group: Callable[[str], bool],
    options: Callable[[str], Sequence[str]],
) -> _Answer:
    loaded: dict[str, _Gist] = {}

    def recorded(path: str) -> Loaded | None:
        found = load(path)
        loaded[path] = _gist(found)
        return found

    try:
        outcome = compute_defaults(config_name, overrides, recorded, is_group, options)
    except Rejected as error:
        return _Answer(loaded, error)
    position = {id(override): index for index, override in enumerate(overrides)}
    return _Answer(loaded, outcome, tuple(position[id(override)] for override in outcome.value_overrides))


def _gist(loaded: Loaded | None) -> _Gist:
    """What Hydra sees of a config, without places."""
    if loaded is None:
        return None
    entries = tuple(
        (entry.group, entry.value, entry.package, entry.optional, entry.override) for entry in loaded.entries
    )
    return (loaded.package, *entries)
