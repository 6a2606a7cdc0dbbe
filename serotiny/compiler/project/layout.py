"""The layout of a project's configs: the keys of the parts that a Lightning job is made of."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from serotiny.schemas.names import OPERATIONS

PARTS = ("data", "model", "trainer", "callbacks", "logger", "mlflow")
"""The names of the parts, as in `[tool.serotiny.layout]`."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The place of each part as a dotted key; None if it is not known.

    Attributes:
        name: of a known layout, or `declared`.
        data, model, trainer: the nodes of the data module, the model and the trainer.
        callbacks, logger: a list, a mapping of names, or one node.
        mlflow: serotiny's own settings for recording runs.
    """

    name: str
    data: str | None = None
    model: str | None = None
    trainer: str | None = None
    callbacks: str | None = None
    logger: str | None = None
    mlflow: str | None = None

    @property
    def is_own(self) -> bool:
        """Whether it is serotiny's own: only there all root keys are known, and missing groups are inserted."""
        return self.name == SEROTINY.name

    @property
    def is_template(self) -> bool:
        """Whether root keys have the meaning that lightning-hydra-template's scripts give them."""
        return self.name == TEMPLATE.name

    @property
    def can_run(self) -> bool:
        """Whether all places that a training needs are known."""
        return self.model is not None and self.trainer is not None

    def keys(self, part: str) -> tuple[str, ...] | None:
        """The place of a part as keys from the root."""
        key: str | None = getattr(self, part)
        return None if key is None else tuple(key.split("."))

    def around(self, keys: tuple[Hashable, ...]) -> Layout:
        """The layout with those places only that are above, at or below these keys."""
        depth = len(keys)
        elsewhere: dict[str, Any] = {
            part: None for part, place in self.places if place[:depth] != keys[: len(place)]
        }
        return replace(self, **elsewhere) if elsewhere else self

    @cached_property
    def places(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Each part that has a place, with its keys from the root."""
        keys = [(part, self.keys(part)) for part in PARTS]
        return tuple([(part, place) for part, place in keys if place is not None])


SEROTINY = Layout(
    name="serotiny",
    data="data",
    model="model",
    trainer="trainer",
    callbacks="trainer.callbacks",
    logger="trainer.logger",
    mlflow="mlflow",
)
TEMPLATE = Layout(
    name="lightning-hydra-template",
    data="data",
    model="model",
    trainer="trainer",
    callbacks="callbacks",
    logger="logger",
    mlflow="mlflow",
)
HYDRA = Layout(name="hydra")
"""Plain Hydra: no place of a part is known."""

KNOWN = {layout.name: layout for layout in (SEROTINY, TEMPLATE, HYDRA)}
DECLARED = "declared"


def own_operations() -> dict[str, str]:
    """The primary config of each operation in serotiny's own layout: that of its name."""
    return {operation: operation for operation in OPERATIONS}
