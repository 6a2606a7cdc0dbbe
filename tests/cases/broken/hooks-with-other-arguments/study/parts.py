"""A model and a data module whose hooks take other arguments than Lightning gives."""

import pytorch_lightning as pl


class Net(pl.LightningModule):
    """Is written for the first version of Lightning; what takes more than it is given is fine."""

    def setup(self, what):
        self.what = what

    def teardown(self, **given):
        self.what = None

    def configure_optimizers(self, rate=0.1):
        return None

    def training_step(self, batch, batch_idx, optimizer_idx):
        return None

    def validation_step(self, batch, batch_idx, dataloader_idx):
        return None

    def on_train_epoch_end(self, outputs):
        return None

    def on_train_batch_start(self, *given):
        return None

    def on_before_optimizer_step(self, optimizer, optimizer_idx):
        return None

    def transfer_batch_to_device(self, batch, device):
        return batch


class Data(pl.LightningDataModule):
    """Makes its batches of an argument that nobody gives."""

    def setup(self, *, stage):
        self.stage = stage

    def train_dataloader(self, epoch):
        return []
