"""A model and a datamodule to name."""

import importlib.util

import pytorch_lightning as pl
import torch

if importlib.util.find_spec("wonderful_kernels"):
    from torch.nn import Sequential as Base
else:

    class Base(torch.nn.Module):
        """Slow, and takes other things."""

        def __init__(self, slow_width: int = 1):
            super().__init__()


FAST = torch.get_num_threads() > 1

if FAST:

    def make(fast_width: int = 1) -> torch.nn.Module:
        return torch.nn.Linear(fast_width, 1)

else:

    def make(slow_width: int = 1) -> torch.nn.Module:
        return torch.nn.Linear(slow_width, 1)


class Part(Base):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)


class Net(pl.LightningModule):
    """Takes parts that only running the code tells more of."""

    def __init__(self, part: Base | None = None, other: torch.nn.Module | None = None):
        super().__init__()


class Data(pl.LightningDataModule):
    """Nothing to load."""
