"""The modules of installed packages whose public classes are offered for configs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Home:
    """A module whose public classes a config may name.

    Attributes:
        module: its dotted path; a module that is not installed has no members.
        kinds: only classes that are certainly of one of these kinds (see `lightning.kinds`); all when empty.
    """

    module: str
    kinds: tuple[str, ...] = ()


def _lightning(namespace: str) -> tuple[Home, ...]:
    return (
        Home(namespace, ("Trainer",)),
        Home(f"{namespace}.callbacks", ("Callback",)),
        Home(f"{namespace}.loggers", ("Logger",)),
        Home(f"{namespace}.strategies", ("Strategy",)),
        Home(f"{namespace}.profilers", ("Profiler",)),
        Home(f"{namespace}.plugins"),
        Home(f"{namespace}.plugins.environments"),
    )


BUILTIN_HOMES: Final = (
    Home("serotiny.models", ("LightningModule",)),
    Home("serotiny.models.losses", ("Module",)),
    Home("serotiny.datamodules", ("LightningDataModule",)),
    Home("serotiny.io.dataframe.loaders"),
    Home("serotiny.callbacks", ("Callback",)),
    *_lightning("pytorch_lightning"),
    Home("torch.nn", ("Module",)),
    Home("torch.optim", ("Optimizer",)),
    Home("torch.optim.lr_scheduler", ("LRScheduler",)),
    Home("torch.optim.swa_utils"),
    Home("torch.utils.data"),
)
"""Serotiny's own, Lightning's and torch's; a class that two modules export is offered by the first one's path."""

OPTIONAL_HOMES: Final = (
    *_lightning("lightning.pytorch"),
    Home("torchmetrics", ("Module",)),
    *(
        Home(f"torchmetrics.{domain}", ("Module",))
        for domain in (
            "aggregation",
            "classification",
            "regression",
            "clustering",
            "detection",
            "image",
            "nominal",
            "retrieval",
            "segmentation",
            "text",
            "wrappers",
        )
    ),
    Home("torchvision.models"),
    Home("torchvision.transforms.v2"),
    Home("torchvision.transforms"),
    Home("torchvision.datasets", ("Dataset",)),
    Home("torchaudio.models"),
    Home("torchaudio.transforms", ("Module",)),
    Home("torchaudio.datasets", ("Dataset",)),
)
"""The other packages that are trusted by default, as far as they are installed."""
