"""Exceptions for what Hydra refuses."""

from __future__ import annotations

VERSION_BASE = "1.3"

_SLIPS = (ArithmeticError, AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError)
"""The exceptions that Hydra raises by accident, for input that it does not expect."""


class Rejected(Exception):  # noqa: N818 - caught by us and turned into a diagnostic; users never see it
    """Hydra refuses an override or a defaults list; `str()` is the headline.

    Attributes:
        meant: the keys that Hydra suggests instead.
    """

    def __init__(self, headline: str, meant: tuple[str, ...] = ()) -> None:
        super().__init__(headline)
        self.meant = meant


class TooMany(Rejected):
    """A sweep has more values than `MAX_SWEEP_VALUES`."""
