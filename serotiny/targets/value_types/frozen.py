"""A base class for small frozen values that is faster to import than dataclasses."""

from __future__ import annotations

from inspect import get_annotations
from typing import Any, ClassVar, dataclass_transform


@dataclass_transform(frozen_default=True)
class Value:
    """Like a frozen dataclass: immutable, and equal to an instance of the same class with equal fields.

    `dataclass` compiles the methods of each class on import, which takes 0.4 ms; for the twenty value types
    that is a twentieth of the time of a whole check.
    """

    __match_args__: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        # by setattr, since type checkers compute `__match_args__` themselves and refuse an assignment
        setattr(cls, "__match_args__", tuple(get_annotations(cls)))  # noqa: B010  # see above

    def __init__(self, *values: Any, **named: Any) -> None:
        # a field that is not given keeps the default that the class has
        fields = self.__match_args__
        if len(values) > len(fields) or not named.keys() <= set(fields[len(values) :]):
            raise TypeError(f"{type(self).__name__} takes {', '.join(fields) or 'nothing'}")
        self.__dict__.update(zip(fields, values, strict=False), **named)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((type(self), self._key()))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
        return f"{type(self).__name__}({fields})"

    def _key(self) -> tuple[Any, ...]:
        return tuple([getattr(self, name) for name in self.__match_args__])
