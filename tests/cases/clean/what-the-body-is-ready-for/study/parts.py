"""A model and a datamodule to name."""

from collections.abc import Callable

import pytorch_lightning as pl
import torch


class Net(pl.LightningModule):
    """Takes more than its annotations say, and asks for it."""

    def __init__(
        self,
        groups: dict[dict[str, list[str]]],
        clip: int | float = 1.0,
        steps: list[Callable] = (),
        skip: bool = False,
        optimizer: torch.optim.Optimizer | None = None,
        name: str = "",
        rate: float = 0.1,
        depth: int = 3,
        ends: tuple[int, int] = (0, 1),
        layer: type[torch.nn.Module] = torch.nn.ReLU,
        levels: None = None,
    ):
        super().__init__()
        if clip is None:
            clip = 0.0
        self.steps = list(steps.values()) if isinstance(steps, dict) else steps
        self.skip = "cat" if skip == "concat" else "sum"
        self.makers = dict(optimizer)
        self.title = name or "unnamed"
        try:
            self.rate = float(rate)
        except ValueError:
            self.rate = None
        match depth:
            case "all" | "most":
                self.depth = 100
            case _:
                self.depth = depth
        self.first, self.last = ends
        if type(layer) is str:
            layer = getattr(torch.nn, layer)
        self.layer = layer()
        self.levels = [0.0] if levels is None else levels


class Data(pl.LightningDataModule):
    """Nothing to load."""
