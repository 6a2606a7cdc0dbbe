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
    """

    names: tuple[LoggedName, ...] = ()
    certain: bool = False

    def matches(self, name: str) -> bool:
        """Whether a metric of this name is, or may be, among them."""
        return not self.certain or any(logged.matches(name) for logged in self.names)


def logged_to_json(metrics: LoggedMetrics) -> Any:
    """As JSON data, for the cache."""
    return {"names": [[*name.pieces, name.forked] for name in metrics.names], "certain": metrics.certain}


def logged_from_json(data: Any) -> LoggedMetrics:
    """The reverse of `logged_to_json`; raises as `signature_codec` does on damaged data."""
    names = tuple(LoggedName(tuple(map(str, row[:-1])), bool(row[-1])) for row in data["names"])
    return LoggedMetrics(names, bool(data["certain"]))
