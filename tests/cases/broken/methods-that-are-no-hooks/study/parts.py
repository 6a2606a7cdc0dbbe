"""A model, a datamodule and a callback with methods that Lightning does not call, or cannot call."""

import pytorch_lightning as pl


class Net(pl.LightningModule):
    """Misspells a hook, and takes no batch in another."""

    def training_step(self):
        return None

    def configure_optimisers(self):
        return None


class Data(pl.LightningDataModule):
    """Is not told the stage."""

    def setup(self):
        return None

    def train_dataloader(self):
        return []


class Stop(pl.Callback):
    """Misspells a hook."""

    def on_train_epoch_ends(self, trainer, pl_module):
        trainer.should_stop = True
