"""The ways to choose an option: which of them is the best, and which need not be tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Set
from dataclasses import dataclass
from typing import Final

from serotiny.compiler.usage.outcome import OF_NAMES, Call, Error, Outcome

_OF_TARGETS: Final = frozenset({"SER305", "SER315"})
"""The codes of faults in a target, whatever it is called with."""

_OF_ITSELF: Final = OF_NAMES | _OF_TARGETS | {"SER103", "SER105", "SER301"}
"""The codes of faults that an option has in itself, whatever it is combined with, but for rare exceptions."""

_MOST_ALIKE: Final = 3
"""The number of combinations with the same faults of an option in itself, behind which no other is tried."""

_MOST_HIDING: Final = 8
"""The number of combinations that find nothing new and hide equally much, behind which no other is tried."""

_OF_COMPOSING: Final = "SER1"
"""What the codes of composing begin with."""

_OF_NO_CHOICE: Final = "SER109"
"""The code for an override of a choice that the rest of a call does not make, as another primary config may."""

_OF_NO_CONFIG: Final = "SER105"
"""The code for an entry of a defaults list that names a config that is not there."""

_OF_ANOTHER_KIND: Final = "SER306"
"""The code for an object of another kind than its place takes."""


@dataclass(frozen=True, order=True, kw_only=True)
class Fit:
    """How an option goes with the rest of a call; the better one comes first in order.

    Attributes:
        is_refused: whether the overrides are refused, whatever the content of the options.
        lost: how many entries of the option's own list name no config: its folder is not the group that the list was
            written for.
        hiding: how many known errors are of composing, and how many choices that the option overrides the call lacks:
            with them less is found. One with further choices and new errors counts as hiding what the first way does:
            the errors may be those of the choices together.
        new: how many errors are new. An option that replaces what causes those of earlier calls is no better for it.
        is_other: whether an object is of another kind than its place takes, and so no option of this group, rather than
            a faulty one.
    """

    is_refused: bool = False
    lost: int = 0
    hiding: int = 0
    new: int = 0
    is_other: bool = False


class Trials:
    """The ways to choose one option that were tried.

    Args:
        files: those of the option and of the parts that it includes.
        known: the errors of earlier calls.
        adds_folders: whether some primary config adds folders of configs: what another one lacks may be in there.
    """

    def __init__(self, files: Collection[str | None], known: Set[Error], *, adds_folders: bool) -> None:
        self._files = files
        self._known = known
        self._adds_folders = adds_folders
        self._tried: list[tuple[Fit, Call]] = []
        self._misnamed: set[tuple[str, ...]] = set()
        self._seen: set[str] = set()
        self._alike: Counter[tuple[str, frozenset[Error]]] = Counter()
        self._of_all: frozenset[Error] | None = None
        self._first: tuple[int, int] | None = None

    def is_needless(self, call: Call) -> bool:
        """Whether a way would show nothing else.

        So it is when only names are at fault that the option itself gives, when whatever is at fault is so in each of
        several combinations, when one has no errors but those in the option's own targets that all have, and when
        several hide as much as the best one, which has no errors.
        """
        choice = _choice(call)
        return (
            call[1] in self._misnamed
            or self._is_settled(choice)
            or self._is_hidden_everywhere
            or (choice in self._seen and self._is_least)
        )

    def add(self, call: Call, completed: Call, outcome: Outcome, hidden: int) -> Fit:
        """Add a way that was tried.

        Args:
            call: as it was to be tried.
            completed: as it was compiled.
            outcome: its result.
            hidden: how many faults of the option it hides.
        """
        known = [error for error in outcome.errors if error in self._known]
        new = frozenset(outcome.errors).difference(known)
        hiding = sum(code.startswith(_OF_COMPOSING) for code, *_ in known)
        self._first = self._first or (hiding, len(call[1]))
        if new and len(call[1]) > self._first[1]:
            hiding = max(hiding, self._first[0])
        fit = Fit(
            is_refused=outcome.is_refused,
            lost=sum(code == _OF_NO_CONFIG and file in self._files for code, file, _ in outcome.errors),
            hiding=hiding + sum(error[0] == _OF_NO_CHOICE and error in new for error in outcome.errors),
            new=len(outcome.errors) - len(known) + hidden,
            is_other=any(code == _OF_ANOTHER_KIND for code, *_ in new),
        )
        self._tried.append((fit, completed))
        choice = _choice(call)
        self._seen.add(choice)
        if new and all(code in _OF_ITSELF and file in self._files for code, file, _ in new):
            self._alike[choice, new] += 1
        of_targets = frozenset(error for error in new if error[0] in _OF_TARGETS and error[1] in self._files)
        self._of_all = of_targets if self._of_all is None else self._of_all & of_targets
        return fit

    def note_misnamed(self, call: Call) -> None:
        """Note that all errors of a way are wrong names, so that the same choices find them with any primary config."""
        self._misnamed.add(call[1])

    def best(self) -> Call | None:
        """The way with the fewest errors, the first of several; None if each is refused, which says nothing of the option."""
        fit, call = min(self._tried, key=lambda item: item[0])
        return None if fit.is_refused else call

    def _is_settled(self, choice: str) -> bool:
        alike: Iterable[int] = (count for (made, _), count in self._alike.items() if made == choice)
        return not self._adds_folders and any(count >= _MOST_ALIKE for count in alike)

    @property
    def _is_hidden_everywhere(self) -> bool:
        """Whether the best of the ways finds nothing and hides something, as many others do."""
        fits = [fit for fit, _ in self._tried]
        best = min(fits, default=Fit())
        return best.hiding > 0 and best == Fit(hiding=best.hiding) and fits.count(best) >= _MOST_HIDING

    @property
    def _is_least(self) -> bool:
        """Whether a way has no errors but those in the option's own targets that all have."""
        least = Fit(new=len(self._of_all or ()))
        return len(self._tried) >= _MOST_ALIKE and any(fit == least for fit, _ in self._tried)


def _choice(call: Call) -> str:
    """The override by which a call chooses the option."""
    return call[1][-1] if call[1] else ""
