"""Imports of what is there in some way that is known at run time alone, or under a condition."""

import contextlib
import sys
from typing import TYPE_CHECKING, Final

import study.made
from study import kinds, shapes
from study.kinds import Bound, Counted, Listed, Looped, Matched, Run, Walked
from study.made import Anything
from study.patched import Layer
from study.stars import Size

try:
    from study.kinds import Later
except ImportError:
    Later = kinds.Bound

with contextlib.suppress(ImportError):
    from study.later import Sooner

if TYPE_CHECKING:
    from study.types import Width

if sys.platform == "plan9":
    import study.plan9


def draw() -> "Sooner":
    """Draw with what may be there."""
    from study.pictures import paint

    return paint(study.plan9, Later)


parts = [part for part in (Anything, Bound) if part]
either = Bound if parts else NoBase  # noqa: F821 - the case
if parts is None:
    either = nothing  # noqa: F821 - the case


class Stack:
    """So many layers."""

    parts: Final = (
        Anything,
        Bound,
        Counted,
        Layer,
        Listed,
        Looped,
        Matched,
        Run,
        Size,
        Walked,
        shapes.Square,
    )

    def __init__(self, width: "Width"):
        self.width = width

    def widened(self, by: "Width" = parts[0], at=__name__, out=lambda: unbound):  # noqa: F821 - the case
        """A wider one."""
        return Stack(self.width + by)
