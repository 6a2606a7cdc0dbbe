"""What the script gives parts of its config."""

import lightning.pytorch as pl


class Net(pl.LightningModule):
    """Reads its part of the config."""

    def __init__(self, part: object) -> None:
        super().__init__()
        self.save_hyperparameters()

    def configure_optimizers(self) -> float:
        """The rate alone."""
        return self.hparams.part.learning_rate


def report(part: object) -> None:
    """Print a title."""
    print(part.title)
