"""A model and its data."""

import pytorch_lightning as pl


class Net(pl.LightningModule):
    """A network of layers."""

    def __init__(self, width: int):
        super().__init__()
        self.width = width


class Data(pl.LightningDataModule):
    """Loads what there is."""

    def __init__(self, batch_size: int):
        super().__init__()
        self.batch_size = batch_size
