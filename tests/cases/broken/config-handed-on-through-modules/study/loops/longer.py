"""A loop that inherits how it trains."""

import pytorch_lightning as pl

from .base import Loop


class Longer(Loop):
    """Trains twice."""

    def __init__(self, cfg: object) -> None:
        super().__init__(cfg, name="longer")

    def run(self) -> None:
        """Train with the settings of the second training as well."""
        super().run()
        self.train_with(self.cfg.second)

    def train_with(self, settings: object) -> None:
        """Train."""
        pl.Trainer(logger=False, **settings)
