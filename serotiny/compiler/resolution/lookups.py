"""What the interpolations of a text stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any


class BadInterpolation(Exception):  # noqa: N818 - control flow, not an error of ours
    """The text is not in OmegaConf's grammar, or its parts do not fit together."""


class WrittenList(list[Any]):
    """A list that in a text is as it was written: OmegaConf resolves nothing in what it makes a text of."""

    def __init__(self, resolved: Iterable[Any], written: list[Any]) -> None:
        super().__init__(resolved)
        self._written = written

    def __str__(self) -> str:
        return str(self._written)


class WrittenMapping(dict[Any, Any]):
    """A mapping of that kind."""

    def __init__(self, resolved: Mapping[Any, Any], written: dict[Any, Any]) -> None:
        super().__init__(resolved)
        self._written = written

    def __str__(self) -> str:
        return str(self._written)


@dataclass(frozen=True)
class Lookups:
    """The callbacks by which texts are evaluated.

    Attributes:
        key: the value under a dotted path (with leading dots when relative).
        resolver: what a resolver returns, from its name and its evaluated arguments.
        plain: the result of these as plain data, for use in a longer text or another interpolation.
    """

    key: Callable[[str], Any]
    resolver: Callable[[str, tuple[Any, ...]], Any]
    plain: Callable[[Any], Any]
