"""A model that hands on what it is given, and a datamodule."""

import pytorch_lightning as pl
import torch


class Net(pl.LightningModule):
    """Stacks what it is given."""

    def __init__(self, width: int, network: torch.nn.TransformerEncoderLayer | None = None):
        super().__init__()
        self.layers = torch.nn.TransformerEncoder(network, 2)


class Data(pl.LightningDataModule):
    """Nothing to load."""

    def __init__(self, batch_size: int = 8):
        super().__init__()
