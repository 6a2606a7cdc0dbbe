"""What the interpolations of a text stand for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class BadInterpolation(Exception):  # noqa: N818 - control flow, not an error of ours
    """The text is not in OmegaConf's grammar, or its parts do not fit together."""


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
