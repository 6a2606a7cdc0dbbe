"""Models that a config may name."""

from serotiny.models.basic_model import BasicModel
from serotiny.models.image_vae import ImageVAE
from serotiny.models.tabular_vae import TabularVAE

__all__ = ["BasicModel", "ImageVAE", "TabularVAE"]
