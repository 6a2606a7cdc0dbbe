"""The classes of torch and Lightning that others derive from, and the tensors that torch makes."""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from serotiny.targets.names.mro import Linearisation
    from serotiny.targets.names.symbols import ClassSymbol

_FRAMEWORKS: Final = ("pytorch_lightning.", "lightning.", "lightning_fabric.", "torch.")


def is_of_framework(owner: ClassSymbol) -> bool:
    """Whether of a class only the names that it writes out count: it uses and sets no attribute by a computed name."""
    return is_of_framework_path(owner.path)


def is_of_framework_path(path: str) -> bool:
    """Whether a class of this path is one of torch's or Lightning's."""
    return path.startswith(_FRAMEWORKS)


def own_classes(line: Linearisation) -> list[ClassSymbol]:
    """The others in a method resolution order, whose code may do anything with an attribute."""
    return [owner for owner in line.classes if not is_of_framework(owner)]


_REPEATING: Final = MappingProxyType(
    {
        f"torch.nn.modules.utils.{name}": count
        for count, name in enumerate(("_single", "_pair", "_triple", "_quadruple"), 1)
    }
)


def repetitions(path: str | None) -> int | None:
    """How often a function of torch's repeats a number, where it leaves lists as they are."""
    return _REPEATING.get(path or "")


_TENSORS: Final = frozenset(f"torch.{name}" for name in ("empty", "ones", "rand", "randn", "zeros"))


def tensor_sides(call: ast.Call, path_of: Callable[[ast.expr], str | None]) -> Iterator[ast.expr]:
    """The sides of the tensor that a call makes, of which torch takes no negative one; none for any other call.

    Args:
        call: the call.
        path_of: the path that the name of a function stands for.
    """
    if path_of(call.func) in _TENSORS:
        match call.args:
            case [ast.Tuple(elts=sides) | ast.List(elts=sides)]:
                yield from sides
            case sides:
                yield from sides
