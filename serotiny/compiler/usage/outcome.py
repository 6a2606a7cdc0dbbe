"""The calls that a check of a project compiles, and what further ones depend on of their results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from serotiny.compiler.composition.compose import Composed
from serotiny.compiler.project.config_files import SUFFIX
from serotiny.compiler.tree import every
from serotiny.compiler.usage.defaults_graph import plain_path
from serotiny.diagnostics import Diagnostic, Origin

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
    """

    configs: tuple[str, ...]
    groups: frozenset[str]
    mandatory: tuple[tuple[str, str | None], ...]
    errors: tuple[Error, ...]
    is_refused: bool
    lines: frozenset[int] = frozenset()

    @property
    def misnamed(self) -> list[str | None]:
        """The file of each error that is a wrong name of an option or a target."""
        return [file for code, file, _ in self.errors if code in OF_NAMES]

    @classmethod
    def of(cls, composed: Composed, diagnostics: Sequence[Diagnostic]) -> Outcome:
        """The outcome of a composed job."""
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
            lines=_lines_of_last(composed),
        )


def _lines_of_last(composed: Composed) -> frozenset[int]:
    """The lines of the file of the last option that a call chooses, of values that are in the job."""
    if len(composed.arguments) <= 1:
        return frozenset()
    key, _, option = composed.arguments[-1].text.lstrip("+").partition("=")
    end = f"{key.partition('@')[0]}/{plain_path(option)}{SUFFIX}"
    own = (node for node in every(composed.root) if (node.place.file or "").endswith(end))
    lines = {place.line for node in own for place in (node.place, node.blame_key())}
    return frozenset(line for line in lines if line is not None)
