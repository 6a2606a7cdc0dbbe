"""Callbacks that a config may name."""

from serotiny.callbacks.confusion_matrix import ConfusionMatrix
from serotiny.callbacks.gradient_norm import GradientNorm
from serotiny.callbacks.latent_space import LatentSpace
from serotiny.callbacks.loss_curves import LossCurves
from serotiny.callbacks.reconstructions import Reconstructions
from serotiny.callbacks.throughput import Throughput

__all__ = ["ConfusionMatrix", "GradientNorm", "LatentSpace", "LossCurves", "Reconstructions", "Throughput"]
