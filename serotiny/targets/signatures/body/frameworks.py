"""The classes of torch and Lightning that others derive from, and the tensors that torch makes."""

from __future__ import annotations

import ast
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


_TENSORS: Final = frozenset(f"torch.{name}" for name in ("empty", "ones", "rand", "randn", "zeros"))


def tensor_sides(value: ast.expr, path_of: Callable[[ast.expr], str | None]) -> Iterator[ast.expr]:
    """The sides of each tensor that an expression certainly makes, of which torch takes no negative one.

    Args:
        value: the expression.
        path_of: the path that the name of a function stands for.
    """
    if not isinstance(value, ast.Call):
        return
    if path_of(value.func) in _TENSORS:
        match value.args:
            case [ast.Tuple(elts=sides) | ast.List(elts=sides)]:
                yield from sides
            case sides:
                yield from sides
        return
    for argument in (*value.args, *(keyword.value for keyword in value.keywords)):
        yield from tensor_sides(argument, path_of)
