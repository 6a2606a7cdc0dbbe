"""Models that step their optimisers themselves."""

from __future__ import annotations

from typing import Any

from penguins.models import MyCustomModel


class ManualModel(MyCustomModel):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.automatic_optimization = False


class PerhapsManualModel(MyCustomModel):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.hparams.get("by_hand"):
            self.automatic_optimization = False


class Scale:
    """Loads nothing."""

    def __init__(self, factor: float = 1.0):
        self.factor = factor
