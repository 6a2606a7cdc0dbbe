"""The names under which a LightningModule logs, as far as they can be read from its source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Pieces: TypeAlias = tuple[str, ...]
"""A text with unknown parts: the known pieces between them. A single piece is the whole text."""

HOLE: Final[Pieces] = ("", "")
"""A text of which nothing is known."""

_LOADER_SUFFIX: Final = re.compile(r"/dataloader_idx_\d+$")


@dataclass(frozen=True, slots=True)
class LoggedName:
    """One name that is logged.

    Attributes:
        pieces: the name, with its unknown parts left out.
        forked: it may be logged for both steps and epochs, which adds the names `x_step` and `x_epoch`.
    """

    pieces: Pieces
    forked: bool = False

    @property
    def is_exact(self) -> bool:
        return len(self.pieces) == 1

    def matches(self, name: str) -> bool:
        """Whether this may be the metric called `name`, in one of the forms that Lightning gives it."""
        bare = _LOADER_SUFFIX.sub("", name)
        ending = "(_step|_epoch)?" if self.forked else ""
        pattern = ".*".join(map(re.escape, self.pieces)) + ending
        return any(re.fullmatch(pattern, text, re.DOTALL) for text in (name, bare))

    def __str__(self) -> str:
        return "…".join(self.pieces)


@dataclass(frozen=True, slots=True)
class LoggedMetrics:
    """What a class logs.

    Attributes:
        names: sorted, each once.
        certain: the class and its bases log nothing else.
        only_tested: those that only a test logs, never training or validation; empty where that is not known.
    """

    names: tuple[LoggedName, ...] = ()
    certain: bool = False
    only_tested: tuple[LoggedName, ...] = ()

    def matches(self, name: str) -> bool:
        """Whether a metric of this name is, or may be, among them."""
        return not self.certain or any(logged.matches(name) for logged in self.names)

    def is_only_tested(self, name: str) -> bool:
        """Whether a metric of this name is there in a test alone."""
        fitted = [logged for logged in self.names if logged not in self.only_tested]
        return (
            self.certain
            and any(logged.matches(name) for logged in self.only_tested)
            and not any(logged.matches(name) for logged in fitted)
        )


def logged_to_json(metrics: LoggedMetrics) -> Any:
    """As JSON data, for the cache."""
    return {
        "names": _rows(metrics.names),
        "certain": metrics.certain,
        "only_tested": _rows(metrics.only_tested),
    }


def logged_from_json(data: Any) -> LoggedMetrics:
    """The reverse of `logged_to_json`; raises as `signature_codec` does on damaged data."""
    return LoggedMetrics(_names(data["names"]), bool(data["certain"]), _names(data["only_tested"]))


def _rows(names: tuple[LoggedName, ...]) -> list[list[Any]]:
    return [[*name.pieces, name.forked] for name in names]


def _names(rows: Any) -> tuple[LoggedName, ...]:
    return tuple(LoggedName(tuple(map(str, row[:-1])), bool(row[-1])) for row in rows)
