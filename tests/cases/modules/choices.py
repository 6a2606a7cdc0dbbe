"""A model whose constructor refuses what it does not know."""

import pytorch_lightning as pl

SHADES = {"dark": 0.2, "light": 0.8}


def known_shade(shade):
    """The lightness of a shade."""
    if shade not in SHADES:
        raise ValueError(f"no shade {shade}")
    return SHADES[shade]


class Colourful(pl.LightningModule):
    """What has a colour."""

    colours = ("red", "blue")

    def __init__(self, colour: str, **more):
        super().__init__()
        self.colour = colour
        if self.colour not in self.colours:
            raise ValueError(colour)


class Painter(Colourful):
    """What paints."""

    def __init__(self, shade: str, **more):
        super().__init__(**more)
        self.shade = known_shade(shade)

    def validation_step(self, batch, index):
        self.log("val_loss", 0.0)

    def training_step(self, batch, index):
        self.log("train_loss", 0.0)

    def configure_optimizers(self):
        return None


class Data(pl.LightningDataModule):
    """Nothing to load."""
