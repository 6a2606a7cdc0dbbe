"""The secret values of a job, masked by value wherever they appear."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from serotiny.credentials.detection import mask_source
from serotiny.credentials.masking import MASK

_SHORTEST: Final = 6
"""Characters; shorter values also occur in text that holds no secret."""


class KnownSecrets:
    """The secret values of a job; masks them in text and in data."""

    def __init__(self, values: Iterable[str]) -> None:
        # the longest first: one secret may contain another
        self._values = sorted({value for value in values if _is_worth_masking(value)}, key=len, reverse=True)

    @classmethod
    def between(cls, config: Mapping[str, Any], logged: Mapping[str, Any]) -> KnownSecrets:
        """The values of a config that are not in its logged form: from the environment, or under a secret's name."""
        return cls.between_all([(config, logged)])

    @classmethod
    def between_all(cls, jobs: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> KnownSecrets:
        """Those of several jobs, each a config and its logged form."""
        return cls(value for config, logged in jobs for value, _ in _differing(config, logged))

    @classmethod
    def written_in(cls, config: Mapping[str, Any], logged: Mapping[str, Any]) -> KnownSecrets:
        """The credentials that a config writes out, which are masked in its logged form; others may refer to them."""
        return cls(value for value, shown in _differing(config, logged) if shown == MASK)

    def mask_within(self, value: Any) -> Any:
        """Plain data with every known secret in its texts as `***`."""
        if isinstance(value, str):
            for secret in self._values:
                value = value.replace(secret, MASK)
            return value
        if isinstance(value, dict):
            return {key: self.mask_within(item) for key, item in value.items()}
        if type(value) in (list, tuple):
            return type(value)(self.mask_within(item) for item in value)
        return value

    def mask(self, text: str) -> str:
        """The text with every known secret, and every credential that is recognised by its form, as `***`."""
        for value in self._values:
            text = text.replace(value, MASK)
        return "\n".join(mask_source(line).text for line in text.split("\n"))


def _is_worth_masking(value: str) -> bool:
    """Whether a value is long enough, and not an existing path: those are no secret and stand in every traceback."""
    return len(value) >= _SHORTEST and not (value.startswith(("/", "~")) and os.path.exists(value))  # noqa: PTH110  # faster, for each value


def _differing(value: Any, logged: Any) -> Iterator[tuple[str, Any]]:
    """The scalars within `value` that `logged` does not have at the same place, each with what is there."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _differing(item, logged.get(key) if isinstance(logged, Mapping) else None)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            is_there = isinstance(logged, list | tuple) and index < len(logged)
            yield from _differing(item, logged[index] if is_there else None)
    elif isinstance(value, str | int | float) and not isinstance(value, bool) and value != logged:
        # logged as `${hydra:…}`, since only the running job knows it; that makes it no secret
        is_from_hydra = isinstance(logged, str) and "hydra:" in logged and "oc.env" not in logged
        if not is_from_hydra and not _is_escaped(value, logged):
            yield str(value), logged


def _is_escaped(value: str | int | float, logged: Any) -> bool:
    """Whether the two differ only in the backslashes that escape `${`."""
    both = isinstance(value, str) and isinstance(logged, str) and "${" in value
    return both and str(value).replace("\\", "") == logged.replace("\\", "")
