"""The calls that a check of a project compiles, and what further ones depend on of their results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from serotiny.compiler.composition.compose import Composed
from serotiny.compiler.composition.sweep_settings import sweeper_of
from serotiny.compiler.project.config_files import SUFFIX
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.tree import Keys, Node, every, select, split
from serotiny.compiler.usage.defaults_graph import plain_path
from serotiny.diagnostics import Diagnostic, Origin, Place

Call = tuple[str, tuple[str, ...]]
"""A primary config and its overrides: what identifies a job."""

Error = tuple[str, str | None, int | None]
"""An error, as its code, its file and its line."""


OF_NAMES: Final = frozenset({"SER104", "SER305", "SER312", "SER501", "SER502"})
"""The codes of faults in a name: of an option, or of a target that does not exist or may not be called."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of compiling a call, as far as further calls depend on it.

    Attributes:
        configs: the configs that were merged, in order.
        groups: as in `Composed`; so is `mandatory`.
        errors: each error.
        is_refused: whether the overrides of the call are refused, whatever the content of the options.
        lines: of a call with several choices, the lines of the last option's file whose values no other replaces.
        read: the lines of the last option's file whose values interpolations give to other keys too.
        misread: those of them whose value is of the wrong kind at such a key.
        sweeps: whether its own settings sweep over values (`hydra.sweeper.params`).
    """

    configs: tuple[str, ...]
    groups: frozenset[str]
    mandatory: tuple[tuple[str, str | None], ...]
    errors: tuple[Error, ...]
    is_refused: bool
    lines: frozenset[int] = frozenset()
    read: frozenset[int] = frozenset()
    misread: frozenset[int] = frozenset()
    sweeps: bool = False

    @property
    def misnamed(self) -> list[str | None]:
        """The file of each error that is a wrong name of an option or a target."""
        return [file for code, file, _ in self.errors if code in OF_NAMES]

    @classmethod
    def of(cls, resolved: Resolved, diagnostics: Sequence[Diagnostic]) -> Outcome:
        """The outcome of a job, with all of its diagnostics."""
        composed = resolved.composed
        of_last = _OfLast.of(composed)
        return cls(
            configs=tuple(config_path for config_path, _ in composed.order),
            groups=composed.groups,
            mandatory=composed.mandatory,
            errors=tuple(
                (fault.code, fault.place.file, fault.place.line) for fault in diagnostics if fault.is_error
            ),
            is_refused=any(
                fault.code == "SER106" and fault.place.origin is Origin.OVERRIDE
                for fault in composed.diagnostics
            ),
            lines=of_last.lines() if len(composed.arguments) > 1 else frozenset(),
            read=of_last.read(resolved),
            misread=of_last.misread(resolved, diagnostics),
            sweeps=bool(sweeper_of(resolved.hydra).params),
        )


@dataclass(frozen=True)
class _OfLast:
    """What a job does with the values of the last option that its call chooses, by the lines of that option's file.

    Attributes:
        end: what the path of that file ends with; None where a call chooses nothing.
        written: the values of the composed config that the file gives.
    """

    end: str | None
    written: tuple[Node, ...]

    @classmethod
    def of(cls, composed: Composed) -> _OfLast:
        if not composed.arguments:
            return cls(None, ())
        key, _, option = composed.arguments[-1].text.lstrip("+").partition("=")
        end = f"{key.partition('@')[0]}/{plain_path(option)}{SUFFIX}"
        return cls(end, tuple(_nodes_of(end, composed.root)))

    def lines(self) -> frozenset[int]:
        """Those of values that are in the job."""
        return _lines(place for node in self.written for place in (node.place, node.blame_key()))

    def read(self, resolved: Resolved) -> frozenset[int]:
        """Those of values that are at more keys once the interpolations are resolved."""
        if self.end is None:
            return frozenset()
        given = Counter(node.place for node in _nodes_of(self.end, resolved.root))
        return _lines((given - Counter(node.place for node in self.written)).elements())

    def misread(self, resolved: Resolved, diagnostics: Sequence[Diagnostic]) -> frozenset[int]:
        """Those of values of the wrong kind at a key that refers to them; null may be filled in."""
        return _lines(
            fault.place
            for fault in diagnostics
            if fault.is_error and fault.wanted is not None and _is_of(self.end, fault.place)
            if self._refers(split(fault.key or ""), resolved)
        )

    def _refers(self, keys: Keys, resolved: Resolved) -> bool:
        written, given = select(resolved.composed.root, keys), select(resolved.root, keys)
        if written is None or given is None or given.value is None:
            return False
        return not _is_of(self.end, written.place)


def _nodes_of(end: str | None, root: Node) -> Iterator[Node]:
    """The values that a file gives, by what its path ends with."""
    return (node for node in every(root) if _is_of(end, node.place))


def _is_of(end: str | None, place: Place) -> bool:
    return end is not None and (place.file or "").endswith(end)


def _lines(places: Iterable[Place]) -> frozenset[int]:
    return frozenset(place.line for place in places if place.line is not None)
