"""A model and a data module with which Lightning starts no loop."""

import pytorch_lightning as pl


class Net(pl.LightningModule):
    """Has no optimizer and no test, and a method that Lightning 2 does not call."""

    def training_step(self, batch, index):
        return None

    def training_epoch_end(self, outputs):
        return None


class Data(pl.LightningDataModule):
    """Has no batches to train with."""

    def val_dataloader(self):
        return []

    def test_dataloader(self):
        return []
