"""The loop that others inherit from."""

import pytorch_lightning as pl


class Loop:
    """Trains once."""

    def __init__(self, config: object, name: str) -> None:
        self.cfg = config
        self.name = name

    def run(self) -> None:
        """Train."""
        pl.Trainer(logger=False, **self.cfg.get("trainer"))

    def train_with(self, settings: object) -> None:
        """Replaced by the loop that the study makes."""
        pl.LightningModule(**settings)
