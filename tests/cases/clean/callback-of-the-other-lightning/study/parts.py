"""A model, a datamodule and a callback to name."""

import lightning.pytorch as lightning
import pytorch_lightning as pl


class Net(lightning.LightningModule):
    """Nothing to learn."""


class Data(lightning.LightningDataModule):
    """Nothing to load."""


class Ema(pl.Callback):
    """Overrides hooks and nothing else: any trainer calls them by name."""

    def on_train_start(self, trainer, module):
        """Start."""
