"""The classes of torch and Lightning that others derive from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from serotiny.targets.names.mro import Linearisation
    from serotiny.targets.names.symbols import ClassSymbol

_FRAMEWORKS: Final = ("pytorch_lightning.", "lightning.", "lightning_fabric.", "torch.")


def is_of_framework(owner: ClassSymbol) -> bool:
    """Whether of a class only the names that it writes out count: it uses and sets no attribute by a computed name."""
    return owner.path.startswith(_FRAMEWORKS)


def own_classes(line: Linearisation) -> list[ClassSymbol]:
    """The others in a method resolution order, whose code may do anything with an attribute."""
    return [owner for owner in line.classes if not is_of_framework(owner)]
