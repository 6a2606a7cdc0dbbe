"""An override of the command line, parsed: `model=vae`, `++trainer.max_epochs=5`, `~callbacks`, `seed=1,2,3`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Choices:
    """Values to try one after the other.

    Attributes:
        spellings: each value as a sweeper writes it; None for one that is no value, such as a sweep inside the sweep.
        shuffled: whether a sweeper tries them in random order.
    """

    spellings: tuple[str | None, ...]
    shuffled: bool = False


@dataclass(frozen=True, kw_only=True)
class Range:
    """Numbers from `start` towards `stop`, which is not among them."""

    start: float
    stop: float
    step: float
    shuffled: bool = False


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A continuous range, from which only a sampling sweeper can draw; `is_log` if it has the tag `log`."""

    start: float
    end: float
    is_log: bool = False


@dataclass(frozen=True, kw_only=True)
class Glob:
    """The options of a group that match a pattern of `include` and none of `exclude`."""

    include: tuple[str, ...]
    exclude: tuple[str, ...]


Sweep = Choices | Range | Interval | Glob


@dataclass(frozen=True, kw_only=True)
class Override:
    """One argument in Hydra's override grammar.

    Attributes:
        text: the argument as typed.
        sign: `+` adds, `++` adds or changes, `~` deletes; without a sign it changes.
        key_or_group: `trainer.max_epochs`, or `hydra/launcher`.
        package: the text after `@`.
        value: what it sets, texts without their quotes; None if it sweeps, or deletes whatever the value is.
        spelling: the value as a sweeper writes it anew; None if it sweeps, also somewhere inside the value.
        is_quoted: whether the value is a text in quotes, which is taken literally.
        sweep: the values that it sweeps over.
    """

    text: str
    sign: str
    key_or_group: str
    package: str | None = None
    value: Any = None
    spelling: str | None = None
    is_quoted: bool = False
    sweep: Sweep | None = None

    @property
    def adds(self) -> bool:
        """Whether it adds what must not exist yet (`+`)."""
        return self.sign == "+"

    @property
    def deletes(self) -> bool:
        return self.sign == "~"

    @property
    def sweeps(self) -> bool:
        return self.sweep is not None

    @property
    def is_about_hydra(self) -> bool:
        """Whether it is about Hydra itself (`hydra.run.dir`, `hydra/launcher`)."""
        return self.key_or_group.startswith(("hydra.", "hydra/"))

    @property
    def key_with_sign(self) -> str:
        """What stands before `=`."""
        package = "" if self.package is None else f"@{self.package}"
        return f"{self.sign}{self.key_or_group}{package}"


def key_of(override: str) -> str:
    """The key or group of an override, without `+`, `~` and package (`+model@net=big`: `model`)."""
    return choice_of(override).partition("@")[0]


def choice_of(override: str) -> str:
    """As `key_of`, with the package: two overrides of the same one replace each other."""
    return override.lstrip("+~").partition("=")[0]
