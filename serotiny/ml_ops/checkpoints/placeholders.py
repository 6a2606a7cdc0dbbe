"""Let torch read a checkpoint whose hyperparameters hold objects, without making any of them."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import torch


class Placeholder:
    """Stands for an object of a class that is neither imported nor called; as a class, for that class itself.

    Attributes:
        name: the dotted name of what it stands for.
    """

    name: ClassVar[str] = ""

    def __new__(cls, *_: Any, **__: Any) -> Placeholder:
        """One that forgets what it is made of."""
        return super().__new__(cls)

    def __setstate__(self, state: Any) -> None:
        """Forget the state."""


def placeholders(names: Iterable[str]) -> list[Callable[..., Any] | tuple[Callable[..., Any], str]]:
    """A placeholder for each name, as `torch.serialization.safe_globals` takes them."""
    return [(type("Placeholder", (Placeholder,), {"name": name}), name) for name in names]


def placeholder_within(value: Any) -> str | None:
    """The name of a placeholder that some data contain, at any depth; None without one."""
    search = _Search()
    search.dump(value)
    return search.found


class _Search(pickle.Pickler):
    """Visits what a pickle would contain."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO())
        self.found: str | None = None

    def persistent_id(self, obj: Any) -> str | None:
        """A text for what need not be looked into."""
        cls = obj if isinstance(obj, type) else type(obj)
        if issubclass(cls, Placeholder):
            self.found = cls.name
            return cls.name
        return "" if isinstance(obj, torch.Tensor) else None
