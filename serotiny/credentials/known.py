"""What is known to be secret in a job: masked by what it is, wherever it turns up."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from serotiny.credentials.detection import mask_source
from serotiny.credentials.masking import MASK

_SHORTEST: Final = 6
"""Characters; a shorter value also occurs where nothing is secret."""


class KnownSecrets:
    """The secrets of a job, and the texts without them."""

    def __init__(self, values: Iterator[str]) -> None:
        # the longest first: one secret may hold another
        self._values = sorted({value for value in values if _is_telling(value)}, key=len, reverse=True)

    @classmethod
    def between(cls, config: Mapping[str, Any], logged: Mapping[str, Any]) -> KnownSecrets:
        """Those that a config holds and that what is logged of it does not: from the environment, or under a secret's name."""
        return cls.between_all([(config, logged)])

    @classmethod
    def between_all(cls, jobs: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> KnownSecrets:
        """Those of several jobs, each with what is logged of it."""
        return cls(value for config, logged in jobs for value in _differing(config, logged))

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
        """The text with every known secret as `***`, and with what its own form tells to be one."""
        for value in self._values:
            text = text.replace(value, MASK)
        return "\n".join(mask_source(line).text for line in text.split("\n"))


def _is_telling(value: str) -> bool:
    """A path that exists tells nobody anything, and stands in every traceback."""
    return len(value) >= _SHORTEST and not (value.startswith(("/", "~")) and os.path.exists(value))  # noqa: PTH110


def _differing(value: Any, logged: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _differing(item, logged.get(key) if isinstance(logged, Mapping) else None)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            is_there = isinstance(logged, list | tuple) and index < len(logged)
            yield from _differing(item, logged[index] if is_there else None)
    elif isinstance(value, str | int | float) and not isinstance(value, bool) and value != logged:
        of_the_job = isinstance(logged, str) and "hydra:" in logged and "oc.env" not in logged
        if not of_the_job and not _is_escaped(value, logged):
            yield str(value)


def _is_escaped(value: str | int | float, logged: Any) -> bool:
    """Whether a text is logged as it is, but for the backslashes that keep `${` in it from being read."""
    both = isinstance(value, str) and isinstance(logged, str) and "${" in value
    return both and str(value).replace("\\", "") == logged.replace("\\", "")
